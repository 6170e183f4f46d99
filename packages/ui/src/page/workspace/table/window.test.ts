import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnSpan, rowSpan } from './window.ts'

test('the rows on screen, and a few more', () => {
  assert.deepEqual(rowSpan(0, 300, 30, 10_000, 5), { first: 0, last: 15 })
  assert.deepEqual(rowSpan(150_000, 300, 30, 10_000, 5), { first: 4995, last: 5015 })
  assert.deepEqual(rowSpan(0, 300, 30, 3, 5), { first: 0, last: 2 })
  assert.deepEqual(rowSpan(0, 300, 30, 0), { first: 0, last: -1 })
})

test('the columns on screen, and one more on each side', () => {
  const widths = Array.from({ length: 500 }, () => 100)
  const { first, last, lefts } = columnSpan(1050, 300, widths)
  assert.deepEqual([first, last], [9, 14])
  assert.equal(lefts[500], 50_000)
  const none = columnSpan(0, 0, [])
  assert.ok(none.last < none.first)
})
