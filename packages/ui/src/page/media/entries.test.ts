import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MediaEntry } from '@trainyard/tracker/api'
import { keepSame } from './entries.ts'

const entry = (run: string, step: number, text: string): MediaEntry => ({
  run,
  key: 'k',
  step,
  time: 0,
  items: [{ kind: 'text', text }],
})

test('what says the same is the same object, so that nothing is drawn again', () => {
  const before = [entry('a', 1, 'x'), entry('b', 1, 'y'), entry('c', 1, 'z')]
  const made = keepSame(before, [entry('a', 1, 'x'), entry('b', 2, 'y'), entry('c', 2, 'other'), entry('d', 1, 'new')])
  assert.equal(made[0], before[0])
  assert.equal(made[1].items, before[1].items)
  assert.equal(made[1].step, 2)
  assert.notEqual(made[2].items, before[2].items)
  assert.equal(made.length, 4)
})
