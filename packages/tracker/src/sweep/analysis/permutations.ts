import { pearson } from './statistics.ts'

/** Up to so many trials, all the ways to deal the metric out to them (8! = 40,320) are gone through. */
export const MOST_PERMUTED = 8

/**
 * The probability of a correlation at least as strong if the values were dealt out at random: the exact one, by going through
 * all permutations. Student's t, which serves for more values, gives 0 for a perfect correlation of even three.
 *
 * @param values At most `MOST_PERMUTED` of them.
 */
export function permutationChance(fixed: readonly number[], values: readonly number[]): number {
  const observed = Math.abs(pearson(fixed, values)) - 1e-9
  const dealt = [...values]
  let all = 0
  let asStrong = 0
  const deal = (count: number) => {
    if (count <= 1) {
      all++
      if (Math.abs(pearson(fixed, dealt)) >= observed) asStrong++
      return
    }
    for (let index = 0; index < count; index++) {
      swap(dealt, index, count - 1)
      deal(count - 1)
      swap(dealt, index, count - 1)
    }
  }
  deal(values.length)
  return asStrong / all
}

function swap(values: number[], a: number, b: number): void {
  const kept = values[a]
  values[a] = values[b]
  values[b] = kept
}
