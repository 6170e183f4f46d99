import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { heat, quantile } from './histogram.ts'

test('histograms with different bins come on common ones, and no value is lost', () => {
  const histogram = fc
    .tuple(
      fc.integer({ min: -20, max: 20 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(50)), { minLength: 1, maxLength: 12 }),
    )
    .map(([start, parts]) => {
      const edges = [start]
      for (const [width] of parts) edges.push(edges.at(-1)! + width)
      return { step: 0, edges, counts: parts.map(([, count]) => count) }
    })
  fc.assert(
    fc.property(fc.array(histogram, { minLength: 1, maxLength: 6 }), (histograms) => {
      const made = heat(histograms, 16)
      if (!made) return assert.ok(histograms.every(({ counts }) => counts.every((count) => count === 0)))
      assert.equal(made.edges.length, 17)
      made.density.forEach((row, i) => {
        const sum = row.reduce((a, b) => a + b, 0)
        const empty = histograms[i].counts.every((count) => count === 0)
        assert.ok(Math.abs(sum - (empty ? 0 : 1)) < 1e-9, String(sum))
      })
    }),
  )
})

test('a histogram of one value, and none at all', () => {
  const made = heat([{ step: 3, edges: [5, 5], counts: [10] }], 4)
  assert.ok(made && made.edges[0] < 5 && made.edges[4] > 5)
  assert.equal(
    made.density[0].reduce((a, b) => a + b, 0),
    1,
  )
  assert.equal(heat([], 4), null)
  assert.equal(heat([{ step: 0, edges: [0, 1], counts: [0] }], 4), null)
})

test('quantiles', () => {
  const even = { edges: [0, 1, 2, 3, 4], counts: [10, 10, 10, 10] }
  assert.deepEqual(
    [0, 0.25, 0.5, 1].map((share) => quantile(even, share)),
    [0, 1, 2, 4],
  )
})
