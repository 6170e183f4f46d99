import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deriveSeed } from './deriveSeed.ts'
import { bootstrapMean, mcnemar, summarise, wilsonInterval } from './statistics.ts'

const near = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`)

test('mean and deviation of a sample, with their count', () => {
  assert.deepEqual(summarise([2, 4, 4, 4, 5, 5, 7, 9]), { n: 8, mean: 5, deviation: Math.sqrt(32 / 7) })
  assert.deepEqual(summarise([3]), { n: 1, mean: 3, deviation: null })
})

test("Wilson's interval: known values, and the share always inside", () => {
  const [low, high] = wilsonInterval(7, 10)
  near(low, 0.3968, 1e-4)
  near(high, 0.8922, 1e-4)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const hits = Math.round(share * n)
      const [from, to] = wilsonInterval(hits, n)
      assert.ok(from >= -1e-12 && to <= 1 + 1e-12 && from <= hits / n + 1e-12 && to >= hits / n - 1e-12)
    }),
  )
})

test("McNemar's test: the binomial by hand, and large counts", () => {
  near(mcnemar(0, 5), 2 / 32)
  near(mcnemar(1, 4), (2 * 6) / 32)
  near(mcnemar(3, 3), 1)
  assert.equal(mcnemar(0, 0), 1)
  assert.ok(mcnemar(45, 452) < 1e-30)
})

test('every part of a study has a seed of its own, always the same', () => {
  const seeds = new Set<number>()
  for (let seed = 0; seed < 20; seed++)
    for (let depth = 0; depth < 4; depth++)
      for (let repeat = 0; repeat < 10; repeat++) seeds.add(deriveSeed(seed, 'xor', depth, repeat))
  assert.equal(seeds.size, 800)
  for (const seed of seeds) assert.ok(Number.isSafeInteger(seed) && seed >= 0)
  assert.equal(deriveSeed(1, 'a', 2), deriveSeed(1, 'a', 2))
})

test('the bootstrap of a mean: as wide as its standard error says, wider where values come in groups', () => {
  const values = Array.from({ length: 200 }, (_, i) => Math.sin(i * 12.9898) * 0.5)
  const { mean, deviation } = summarise(values)
  const error = deviation! / Math.sqrt(200)
  const [low, high] = bootstrapMean(values, values.map(String), 1)
  near(low, mean - 1.96 * error, 0.2 * error)
  near(high, mean + 1.96 * error, 0.2 * error)
  assert.deepEqual(bootstrapMean(values, values.map(String), 1), [low, high], 'the same seed gives the same')
  // Ten groups of equal values are ten values, not two hundred.
  const grouped = values.map((_, i) => values[Math.floor(i / 20)])
  const groups = values.map((_, i) => String(Math.floor(i / 20)))
  const [alone, together] = [grouped.map((_, i) => String(i)), groups].map((names) => bootstrapMean(grouped, names, 1))
  assert.ok(together[1] - together[0] > 3 * (alone[1] - alone[0]))
  assert.deepEqual(bootstrapMean([0.5, 0.5], ['a', 'b'], 1), [0.5, 0.5])
})
