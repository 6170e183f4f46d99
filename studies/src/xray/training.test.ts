import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { leastParts } from './training.ts'

test('a batch is divided into as few equal parts as fit', () => {
  assert.equal(leastParts(40, 28), 2)
  assert.equal(leastParts(32, 28), 2)
  assert.equal(leastParts(7, 3), 7)
  const sizes = fc
    .integer({ min: 1, max: 200 })
    .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 1, max: size })))
  fc.assert(
    fc.property(sizes, ([size, most]) => {
      const parts = leastParts(size, most)
      assert.equal(size % parts, 0)
      assert.ok(size / parts <= most)
      for (let fewer = 1; fewer < parts; fewer++) assert.ok(size % fewer !== 0 || size / fewer > most)
    }),
  )
})
