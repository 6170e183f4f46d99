import { Stream } from '../random/stream.ts'
import { mean, quantile } from './statistics.ts'
import { type Table, tableLosses } from './table.ts'
import { type GrowOptions, growTree, type Leaf } from './tree.ts'

/** How many trees, on how many samples, by which random numbers. */
export interface ForestOptions {
  /** Fixes the forest's randomness. */
  readonly seed?: number
  /** How many samples of the trials are drawn; what differs between them is the uncertainty that is told. */
  readonly resamples?: number
  /** How many trees grow on each of them. */
  readonly treesPerResample?: number
}

/** A random forest over the parameters' cells, kept as the leaves of its trees. */
export interface Forest {
  readonly table: Table
  readonly seed: number
  /** For each resample, its trees; values are losses (negated where the goal is to maximise). */
  readonly trees: readonly (readonly (readonly Leaf[])[])[]
  /** For each parameter, where each of its cells stands on the forest's axis: categories are ordered by their mean loss. */
  readonly order: readonly Uint8Array[]
  readonly sizes: readonly number[]
  /**
   * The share of the differences between trials that the forest explains for trials it has not seen (out of bag); below 0
   * where it is worse than the mean, `undefined` for fewer than three trials.
   */
  readonly explained?: number
  /** How many trials were so much worse than the rest that they count as less bad than they were. */
  readonly tamed: number
}

const MIN_LEAF = 2
const FEWEST_TO_TAME = 8
/** Of more trials each tree sees so many, which cost less and tell as much. */
const LARGEST_SAMPLE = 4000
const LARGEST_SHUFFLED = 1000
/** How many trials, spread evenly, say what the forest explains. */
const MOST_PREDICTED = 1000

/**
 * Grows a random forest (Breiman, 2001) that predicts the metric from the parameters.
 *
 * Losses beyond three interquartile ranges above the third quartile (a diverged training) count as that limit: they would
 * drown everything else. Categories are ordered by their mean loss once, and then split like numbers (Wright and König,
 * "Splitting on categorical predictors in random forests", PeerJ 2019).
 */
export function growForest(table: Table, options: ForestOptions = {}): Forest {
  const { seed = 0, resamples = 24, treesPerResample = 4 } = options
  const { targets, tamed } = tame(tableLosses(table))
  const { grow, order } = growing(table, targets)
  const count = targets.length
  const predicted = new Float64Array(count)
  const predictions = new Uint32Array(count)
  const trees = Array.from({ length: count > 0 ? resamples : 0 }, (_, resample) => {
    const stream = new Stream(seed, resample, 'forest')
    const sample = Uint32Array.from({ length: Math.min(count, LARGEST_SAMPLE) }, () => stream.integer(count))
    const grown = Array.from({ length: treesPerResample }, () => growTree(grow, sample.slice(), stream))
    const inBag = new Set(sample)
    for (let trial = 0; trial < count; trial += Math.ceil(count / MOST_PREDICTED)) {
      if (inBag.has(trial)) continue
      for (const tree of grown) predicted[trial] += predict(tree, grow.cells, trial)
      predictions[trial] += grown.length
    }
    return grown
  })
  return {
    table,
    seed,
    trees,
    order,
    sizes: grow.sizes,
    explained: explainedShare(targets, predicted, predictions),
    tamed,
  }
}

/** Trees grown after the metric has been dealt out to the trials at random: what they find is chance. */
export function growOnShuffled(table: Table, seed: number, shuffle: number, treeCount: number): (readonly Leaf[])[] {
  const { targets } = tame(tableLosses(table))
  const stream = new Stream(seed, shuffle, 'shuffled forest')
  const dealt = Float64Array.from(stream.subset(targets.length, targets.length), (index) => targets[index])
  const { grow } = growing(table, dealt)
  return Array.from({ length: treeCount }, () => {
    const size = Math.min(dealt.length, LARGEST_SHUFFLED)
    const sample = Uint32Array.from({ length: size }, () => stream.integer(dealt.length))
    return growTree(grow, sample, stream)
  })
}

function tame(losses: Float64Array): { targets: Float64Array; tamed: number } {
  if (losses.length < FEWEST_TO_TAME) return { targets: losses, tamed: 0 }
  const upper = quantile(losses, 0.75)
  const limit = upper + 3 * (upper - quantile(losses, 0.25))
  const tamed = losses.reduce((count, loss) => count + (loss > limit ? 1 : 0), 0)
  return { targets: losses.map((loss) => Math.min(loss, limit)), tamed }
}

/** The table as trees see it: every parameter a row of ordered cells. */
function growing(table: Table, targets: Float64Array): { grow: GrowOptions; order: Uint8Array[] } {
  const order = table.columns.map(({ scale, cells, cellOf }) => {
    const places = Uint8Array.from({ length: cells.length }, (_, index) => index)
    if (scale !== 'category') return places
    const sums = new Float64Array(cells.length)
    const counts = new Float64Array(cells.length)
    cellOf.forEach((cell, trial) => {
      sums[cell] += targets[trial]
      counts[cell]++
    })
    const sorted = [...places].sort((a, b) => sums[a] / counts[a] - sums[b] / counts[b])
    sorted.forEach((cell, place) => {
      places[cell] = place
    })
    return places
  })
  const cells = table.columns.map(({ cellOf }, column) => cellOf.map((cell) => order[column][cell]))
  const sizes = table.columns.map((column) => column.cells.length)
  const tried = Math.ceil((2 * sizes.length) / 3)
  return { grow: { cells, sizes, targets, tried, minLeaf: MIN_LEAF }, order }
}

function predict(tree: readonly Leaf[], cells: readonly Uint8Array[], trial: number): number {
  const leaf = tree.find(({ low, high }) =>
    cells.every((cellOf, column) => cellOf[trial] >= low[column] && cellOf[trial] < high[column]),
  ) as Leaf
  return leaf.value
}

function explainedShare(targets: Float64Array, predicted: Float64Array, predictions: Uint32Array): number | undefined {
  if (targets.length < 3) return undefined
  const centre = mean(targets)
  let left = 0
  let total = 0
  targets.forEach((target, trial) => {
    if (predictions[trial] === 0) return
    left += (target - predicted[trial] / predictions[trial]) ** 2
    total += (target - centre) ** 2
  })
  return total > 0 ? 1 - left / total : undefined
}
