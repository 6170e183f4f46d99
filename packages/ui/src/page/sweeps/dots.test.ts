import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawn, drawnText, MOST_DOTS } from './dots.ts'

test('of few trials all are drawn, of many an even sample', () => {
  assert.deepEqual(drawn(0), [])
  assert.deepEqual(drawn(3), [0, 1, 2])
  assert.equal(drawnText(MOST_DOTS), '')
  const some = drawn(10_000)
  assert.equal(some.length, MOST_DOTS)
  assert.equal(new Set(some).size, MOST_DOTS)
  assert.ok(some.every((index, i) => index >= 0 && index < 10_000 && (i === 0 || index - some[i - 1] === 5)))
  assert.equal(drawnText(10_000), ' (2,000 of 10,000 drawn)')
})
