import { Random } from '@trainyard/vision'
import { deriveSeed } from './deriveSeed.ts'

/** A mean with the number of values it rests on. */
export interface Summary {
  readonly n: number
  readonly mean: number
  /** Standard deviation of a sample, divided by n − 1; null for a single value, which has none. */
  readonly deviation: number | null
}

export function summarise(values: readonly number[]): Summary {
  const n = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  if (n < 2) return { n, mean, deviation: null }
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { n, mean, deviation: Math.sqrt(squares / (n - 1)) }
}

/**
 * The interval in which a share lies with 95 % confidence, seen `hits` times in `n` (E. B. Wilson, "Probable inference, the
 * law of succession, and statistical inference", 1927). Unlike p ± 1.96·√(p(1−p)/n) it holds near 0 and 1.
 */
export function wilsonInterval(hits: number, n: number): [low: number, high: number] {
  const z = 1.959964
  const p = hits / n
  const centre = p + (z * z) / (2 * n)
  const margin = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))
  const scale = 1 + (z * z) / n
  return [(centre - margin) / scale, (centre + margin) / scale]
}

/**
 * The probability, if two classifiers were equally good, of a difference at least as large on the images that only one of
 * them gets right (Q. McNemar, 1947; exact, two-sided).
 */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond
  if (n === 0) return 1
  let logChoose = 0
  let tail = 0
  for (let k = 0; k <= Math.min(onlyFirst, onlySecond); k++) {
    tail += Math.exp(logChoose - n * Math.LN2)
    logChoose += Math.log((n - k) / (k + 1))
  }
  return Math.min(1, 2 * tail)
}

/**
 * The interval in which the mean of values lies in 95 of 100 samples drawn again from them (B. Efron, "Bootstrap methods:
 * another look at the jackknife", 1979). Values of one group, such as the films of a patient, are drawn together.
 *
 * @param groups The group of each value.
 */
export function bootstrapMean(
  values: readonly number[],
  groups: readonly string[],
  seed: number,
  samples = 4000,
): [low: number, high: number] {
  const byGroup = new Map<string, number[]>()
  values.forEach((value, i) => {
    const group = byGroup.get(groups[i])
    if (group) group.push(value)
    else byGroup.set(groups[i], [value])
  })
  const all = [...byGroup.values()].map((group) => ({ n: group.length, sum: group.reduce((a, b) => a + b, 0) }))
  const random = new Random(deriveSeed(seed, 'bootstrap'))
  const means = Float64Array.from({ length: samples }, () => {
    let n = 0
    let sum = 0
    for (let i = 0; i < all.length; i++) {
      const drawn = all[random.integer(all.length)]
      n += drawn.n
      sum += drawn.sum
    }
    return sum / n
  }).sort()
  const at = (share: number) => means[Math.min(samples - 1, Math.floor(share * samples))]
  return [at(0.025), at(0.975)]
}
