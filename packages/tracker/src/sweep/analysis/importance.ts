import { cellVariance, decompose } from './decomposition.ts'
import { type Forest, growOnShuffled } from './forest.ts'
import { mean, quantile } from './statistics.ts'
import type { Leaf } from './tree.ts'

/** What part of the differences between trials comes from one parameter, or from two together. */
export interface Importance {
  readonly names: readonly string[]
  /** The share of the variance, from 0 to 1; the mean over the resamples. */
  readonly importance: number
  /** The middle 90 % of the resamples. */
  readonly low: number
  readonly high: number
  /**
   * What it would stay below in 19 of 20 sweeps of this many trials in which no parameter at all has an influence (single
   * parameters only).
   */
  readonly chance?: number
  /** Whether the importance is above `chance`. */
  readonly real?: boolean
}

/** Which parameters matter, alone and in pairs. */
export interface ImportanceReport {
  /** How many trials it rests on. */
  readonly trials: number
  /** The share of the differences between unseen trials that the forest explains; with little, importance means little. */
  readonly explained?: number
  /** Every parameter, the most important first. */
  readonly parameters: readonly Importance[]
  /** What pairs of the most important parameters do beyond what each does alone, the strongest first. */
  readonly interactions: readonly Importance[]
}

const SHUFFLES = 40
const TREES_PER_SHUFFLE = 12
const MOST_PAIRED = 5

function shares(trees: readonly (readonly Leaf[])[], sizes: readonly number[]): number[] {
  const result = sizes.map(() => 0)
  for (const leaves of trees) {
    const tree = decompose(leaves, sizes)
    if (tree.variance > 0)
      for (let parameter = 0; parameter < sizes.length; parameter++)
        result[parameter] += cellVariance(tree.marginal(parameter), tree.mean) / tree.variance / trees.length
  }
  return result
}

function pairShare(trees: readonly (readonly Leaf[])[], sizes: readonly number[], a: number, b: number): number {
  let result = 0
  for (const leaves of trees) {
    const tree = decompose(leaves, sizes)
    if (tree.variance === 0) continue
    const ofA = tree.marginal(a)
    const ofB = tree.marginal(b)
    const both = tree.pairMarginal(a, b)
    const alone = both.map((value, cell) => value - ofA[Math.floor(cell / sizes[b])] - ofB[cell % sizes[b]] + tree.mean)
    result += cellVariance(alone, 0) / tree.variance / trees.length
  }
  return result
}

/**
 * The level of chance for each parameter: so many standard deviations above the mean of the shuffles that only one shuffle in
 * twenty has any parameter above its own. Judged one by one, five parameters that do nothing would give a false claim in
 * every fourth sweep (Westfall and Young, "Resampling-Based Multiple Testing", 1993).
 */
function chanceLevels(byShuffle: readonly (readonly number[])[], parameters: number): number[] {
  const scales = Array.from({ length: parameters }, (_, parameter) => {
    const samples = byShuffle.map((share) => share[parameter])
    const centre = mean(samples)
    return { centre, deviation: Math.sqrt(mean(samples.map((sample) => (sample - centre) ** 2))) }
  })
  const highest = byShuffle.map((share) =>
    Math.max(...scales.map(({ centre, deviation }, parameter) => (share[parameter] - centre) / (deviation || 1))),
  )
  const level = quantile(highest, 0.95)
  return scales.map(({ centre, deviation }) => centre + level * deviation)
}

const summary = (names: readonly string[], samples: readonly number[]) => ({
  names,
  importance: mean(samples),
  low: quantile(samples, 0.05),
  high: quantile(samples, 0.95),
})

/**
 * How much each parameter matters, by functional analysis of variance of a random forest, with its uncertainty: the spread
 * over resamples of the trials, and the level that shuffled metrics reach (Altmann, Toloşi, Sander and Lengauer, "Permutation
 * importance: a corrected feature importance measure", 2010). With few trials that level is high, and rightly so.
 *
 * @example
 * const report = importance(growForest(table))
 * report.parameters[0] // { names: ['lr'], importance: 0.62, low: 0.45, high: 0.78, chance: 0.31, real: true }
 */
export function importance(forest: Forest): ImportanceReport {
  const { table, sizes, trees, seed, explained } = forest
  const trials = table.values.length
  const names = table.columns.map(({ name }) => name)
  if (trees.length === 0 || names.length === 0) return { trials, explained, parameters: [], interactions: [] }

  const byResample = trees.map((resample) => shares(resample, sizes))
  const byShuffle = Array.from({ length: SHUFFLES }, (_, shuffle) =>
    shares(growOnShuffled(table, seed, shuffle, TREES_PER_SHUFFLE), sizes),
  )
  const chances = chanceLevels(byShuffle, names.length)
  const parameters = names
    .map((name, parameter): Importance => {
      const single = summary(
        [name],
        byResample.map((share) => share[parameter]),
      )
      const chance = chances[parameter]
      return { ...single, chance, real: single.importance > chance }
    })
    .sort((a, b) => b.importance - a.importance)

  const paired = parameters.slice(0, MOST_PAIRED).map((single) => names.indexOf(single.names[0]))
  const interactions = paired
    .flatMap((a, index) => paired.slice(index + 1).map((b) => [a, b]))
    .map(([a, b]): Importance => {
      const samples = trees.map((resample) => pairShare(resample, sizes, a, b))
      return summary([names[a], names[b]], samples)
    })
    .sort((a, b) => b.importance - a.importance)
  return { trials, explained, parameters, interactions }
}
