import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Selection } from './selection.ts'

const idAt = (row: number) => (row >= 0 && row < 10 ? `r${row}` : undefined)

test('ticking, unticking, ranges both ways', () => {
  let selection = new Selection()
  selection = selection.toggle(2, 'r2', false, idAt)
  selection = selection.toggle(5, 'r5', true, idAt)
  assert.deepEqual(selection.ids, ['r2', 'r3', 'r4', 'r5'])
  selection = selection.toggle(3, 'r3', true, idAt)
  assert.deepEqual(selection.ids, ['r2'], 'a range becomes what the row that was clicked becomes')
  assert.deepEqual(selection.without(['r2']).size, 0)
  assert.equal(selection.size, 1, 'a selection never changes in place')
})

test('rows that are not loaded are left out of a range', () => {
  const selection = new Selection().toggle(0, 'r0', false, idAt).toggle(20, 'r20', true, idAt)
  assert.deepEqual(selection.ids, ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r20'])
})
