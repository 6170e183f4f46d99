import { MOST_PERMUTED, permutationChance } from './permutations.ts'
import { correlationChance, correlationInterval, pearson, ranks } from './statistics.ts'
import type { Table } from './table.ts'

const CONFIDENT = 0.05

/** How a parameter and the metric go up and down together. */
export interface Correlation {
  readonly name: string
  /** For a category: the value whose presence is correlated with the metric. */
  readonly value?: string
  /** Spearman's rank correlation with the metric as logged, from -1 to 1. */
  readonly correlation: number
  /** Its 95 % interval. */
  readonly low: number
  readonly high: number
  /** How likely so strong a correlation is by chance alone. */
  readonly chance: number
  readonly trials: number
}

/**
 * Spearman's rank correlation of each parameter with the metric, the strongest first. A category has one for each of its
 * values (whether a trial has it or not). A correlation sees rises and falls only: a parameter with its optimum in the middle
 * may matter a great deal and have none, which is what `importance` is for.
 *
 * @example correlations(table)[0] // { name: 'lr', correlation: 0.71, low: 0.47, high: 0.85, chance: 0.00002, trials: 30 }
 */
export function correlations(table: Table): Correlation[] {
  const trials = table.values.length
  const metricRanks = ranks(table.values)
  const chanceOf = (own: Float64Array, correlation: number) =>
    trials <= MOST_PERMUTED ? permutationChance([...own], [...metricRanks]) : correlationChance(correlation, trials)
  const one = (name: string, values: ArrayLike<number>, value?: string): Correlation => {
    const own = ranks(values)
    const correlation = trials < 2 ? 0 : pearson(own, metricRanks)
    const [low, high] = correlationInterval(correlation, trials)
    return {
      name,
      ...(value === undefined ? {} : { value }),
      correlation,
      low,
      high,
      chance: chanceOf(own, correlation),
      trials,
    }
  }
  return table.columns
    .flatMap(({ name, scale, cells, values, cellOf }) =>
      scale === 'category'
        ? cells.map(({ label }, index) =>
            one(
              name,
              cellOf.map((cell) => (cell === index ? 1 : 0)),
              label,
            ),
          )
        : [one(name, values as number[])],
    )
    .sort((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation))
}

/** The correlations that are not chance, all of them taken together (Bonferroni). */
export function clearCorrelations(correlated: readonly Correlation[]): Correlation[] {
  return correlated.filter(({ chance }) => chance < CONFIDENT / Math.max(correlated.length, 1))
}
