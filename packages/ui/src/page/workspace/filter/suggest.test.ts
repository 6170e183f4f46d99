import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Column } from '@trainyard/tracker/api'
import fc from 'fast-check'
import { accept, suggest } from './suggest.ts'

const column = (id: string, part: Partial<Column> = {}): Column => ({
  id,
  kind: id.startsWith('config.') ? 'config' : id.includes('.') ? 'metric' : 'field',
  key: id.slice(id.indexOf('.') + 1),
  type: 'number',
  runs: 1,
  min: null,
  max: null,
  values: null,
  differs: true,
  swept: false,
  ...part,
})
const columns = [
  column('state', { type: 'string', values: ['running', 'finished'] }),
  column('config.lr'),
  column('config.optimizer.name', { type: 'string', values: ['adam', 'sgd'], swept: true }),
  column('last.val/loss'),
]
const labels = (text: string) => suggest(text, text.length, columns).list.map(({ label }) => label)

test('columns first, by what is typed of their key', () => {
  assert.equal(labels('')[0], 'config.optimizer.name')
  assert.deepEqual(labels('lr'), ['config.lr'])
  assert.deepEqual(labels('conf'), ['config.optimizer.name', 'config.lr'])
  assert.deepEqual(labels('min.v'), ['min.val/loss'])
  assert.deepEqual(labels('config.lr < 0.1 and st'), ['state'])
})

test('a key that is no plain name is quoted', () => {
  const made = suggest('loss', 4, columns)
  assert.deepEqual(accept('loss', made, made.list[1]), { text: 'min["val/loss"] ', caret: 16 })
  assert.deepEqual(labels('min["val'), ['min.val/loss'])
})

test('then operators, then values, then and', () => {
  assert.deepEqual(labels('config.lr ').slice(0, 3), ['==', '!=', '<'])
  assert.deepEqual(labels('state == '), ['"running"', '"finished"'])
  assert.deepEqual(labels('config.optimizer.name == "a'), ['"adam"'])
  assert.deepEqual(labels('min["val/loss"] < 0.2 '), ['and', 'or'])
  assert.deepEqual(labels('state == "running" a'), ['and'])
})

test('in the middle of a text the rest stays', () => {
  const text = 'lr and state == "running"'
  const made = suggest(text, 2, columns)
  assert.equal(accept(text, made, made.list[0]).text, 'config.lr and state == "running"')
})

test('no text breaks it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, at) => {
      const caret = Math.min(at, text.length)
      const made = suggest(text, caret, columns)
      assert.ok(made.from <= made.to && made.to === caret)
      for (const one of made.list) assert.ok(accept(text, made, one).text.includes(one.insert.trim()))
    }),
  )
})
