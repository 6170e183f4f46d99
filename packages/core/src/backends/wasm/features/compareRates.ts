/** How much faster a way must be to be taken. */
const WORTHWHILE = 1.15
const ROUNDS = 12

export interface RateComparison {
  readonly faster: boolean
  /** The best rates that were seen. */
  readonly rates: readonly [one: number, other: number]
}

/**
 * Whether one way to compute is faster than another, both measured in turns.
 *
 * The choice decides in which order sums are made, and so their last bits: two trainings with one seed must not differ because
 * the machine was busy while one of them started. A few milliseconds may pass without this thread, and then a single look
 * tells nothing. So "faster" is seen at once, but "not faster" is only believed after many looks at the best of each.
 */
export function compareRates(one: () => number, other: () => number): RateComparison {
  let oneRate = 0
  let otherRate = 0
  for (let round = 0; round < ROUNDS; round++) {
    oneRate = Math.max(oneRate, one())
    otherRate = Math.max(otherRate, other())
    if (oneRate > WORTHWHILE * otherRate) return { faster: true, rates: [oneRate, otherRate] }
  }
  return { faster: false, rates: [oneRate, otherRate] }
}
