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

test('a range begins at the run that was ticked, wherever its row is by now', () => {
  const ticked = new Selection().toggle(2, 'r2', false, idAt)
  const later = (row: number) => (row === 0 ? 'new' : idAt(row - 1))
  assert.deepEqual(ticked.toggle(5, 'r4', true, later).ids, ['r2', 'r3', 'r4'])
  const others = (row: number) => (row >= 0 && row < 10 ? `s${row}` : undefined)
  assert.deepEqual(ticked.toggle(5, 's5', true, others).ids, ['r2', 's5'], 'it is not among the rows any more')
})
