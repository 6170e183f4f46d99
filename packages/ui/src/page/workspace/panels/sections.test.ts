import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Metric } from '@trainyard/tracker/api'
import { noPanels } from '../state.ts'
import { moved, sections } from './sections.ts'

const metric = (key: string, part: Partial<Metric> = {}): Metric => ({
  key,
  kind: 'scalar',
  section: key.includes('/') ? key.slice(0, key.lastIndexOf('/')) : '',
  runs: 1,
  stepMetric: null,
  hidden: false,
  goal: null,
  ...part,
})

const all = [
  metric('system/cpu'),
  metric('val/loss', { stepMetric: 'epoch' }),
  metric('train/loss'),
  metric('train/acc'),
  metric('block10/w'),
  metric('block2/w'),
  metric('epoch', { hidden: true }),
  metric('lr'),
]

test('within a section charts come before pictures', () => {
  const [made] = sections([metric('val/examples', { kind: 'image' }), metric('val/loss')], noPanels())
  assert.deepEqual(
    made.panels.map(({ id }) => id),
    ['val/loss', 'val/examples'],
  )
})

test('sections of pictures follow those of charts, and what only counts comes after', () => {
  const made = sections([metric('epoch'), metric('examples/a', { kind: 'image' }), ...all.slice(0, 3)], noPanels())
  assert.deepEqual(
    made.map(({ name }) => name),
    ['train', 'val', 'examples', '', 'system'],
  )
})

test('panels come by themselves: nameless section first, the machine last, numbers as a person counts', () => {
  const made = sections(all, noPanels())
  assert.deepEqual(
    made.map(({ title }) => title),
    ['Charts', 'block2', 'block10', 'train', 'val', 'system'],
  )
  assert.deepEqual(
    made[3].panels.map(({ id }) => id),
    ['train/loss', 'train/acc'],
  )
  assert.equal(made[4].panels[0].stepMetric, 'epoch')
  assert.ok(!made[0].panels.some(({ id }) => id === 'epoch'))
})

test('what a person arranged comes first, what is new follows', () => {
  const state = noPanels()
  state.sections = ['val', 'gone']
  state.places = { train: ['train/acc', 'train/gone'] }
  state.sizes = { 'train/acc': [3, 400] }
  state.removed = ['lr']
  state.toggled = ['val']
  state.custom = [{ id: 'c1', section: 'train', title: 'Losses', metrics: ['train/loss', 'val/loss'] }]
  const made = sections(all, state)
  assert.deepEqual(
    made.map(({ name }) => name),
    ['val', 'block2', 'block10', 'train', 'system'],
  )
  assert.deepEqual(
    made[3].panels.map(({ id, width, height }) => [id, width, height]),
    [
      ['train/acc', 3, 400],
      ['c1', 1, 236],
      ['train/loss', 1, 236],
    ],
  )
  assert.deepEqual([made[0].open, made[3].open, made[4].open], [false, true, false], 'the machine starts closed')
})

test('a search finds by words in any order and opens what it finds', () => {
  const state = noPanels()
  state.toggled = ['train']
  const made = sections(all, state, 'LOSS tra')
  assert.deepEqual(
    made.map(({ name, open, panels }) => [name, open, panels.length]),
    [['train', true, 1]],
  )
})

test('moving', () => {
  assert.deepEqual(moved(['a', 'b', 'c'], 'a', 2), ['b', 'c', 'a'])
  assert.deepEqual(moved(['a', 'b', 'c'], 'c', 0), ['c', 'a', 'b'])
  assert.deepEqual(moved(['a', 'b', 'c'], 'b', 99), ['a', 'c', 'b'])
})
