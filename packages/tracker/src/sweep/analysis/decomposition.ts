import type { Leaf } from './tree.ts'

/**
 * The functional analysis of variance of one tree (Hutter, Hoos and Leyton-Brown, "An Efficient Approach for Assessing
 * Hyperparameter Importance", ICML 2014): the mean over all other parameters as a function of one or two of them, and what
 * part of the whole variance that function has. Every cell of a parameter counts the same.
 */
export interface Decomposition {
  readonly mean: number
  readonly variance: number
  /** The tree's value at each cell of a parameter, averaged over all others. */
  marginal(parameter: number): Float64Array
  /** The tree's value at each pair of cells (the second parameter counting fastest), averaged over all others. */
  pairMarginal(first: number, second: number): Float64Array
}

export function decompose(leaves: readonly Leaf[], sizes: readonly number[]): Decomposition {
  const weights = Float64Array.from(leaves, ({ low, high }) =>
    sizes.reduce((product, size, parameter) => (product * (high[parameter] - low[parameter])) / size, 1),
  )
  const mean = leaves.reduce((sum, { value }, index) => sum + weights[index] * value, 0)
  const variance = leaves.reduce((sum, { value }, index) => sum + weights[index] * (value - mean) ** 2, 0)
  return {
    mean,
    variance,
    marginal(parameter) {
      const size = sizes[parameter]
      const steps = new Float64Array(size + 1)
      leaves.forEach(({ low, high, value }, index) => {
        const share = (weights[index] * value * size) / (high[parameter] - low[parameter])
        steps[low[parameter]] += share
        steps[high[parameter]] -= share
      })
      for (let cell = 1; cell < size; cell++) steps[cell] += steps[cell - 1]
      return steps.slice(0, size)
    },
    pairMarginal(first, second) {
      const rows = sizes[first]
      const columns = sizes[second]
      const result = new Float64Array(rows * columns)
      leaves.forEach(({ low, high, value }, index) => {
        const area = (high[first] - low[first]) * (high[second] - low[second])
        const share = (weights[index] * value * rows * columns) / area
        for (let row = low[first]; row < high[first]; row++)
          for (let column = low[second]; column < high[second]; column++) result[row * columns + column] += share
      })
      return result
    },
  }
}

/** The variance of a function whose cells all count the same. */
export function cellVariance(values: Float64Array, mean: number): number {
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
}
