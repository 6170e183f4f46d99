import { normalCumulative, normalQuantile } from '../distributions/specialFunctions.ts'
import type { Stream } from '../random/stream.ts'

/**
 * A density over the unit cube made of a kernel around each of some points, and one flat kernel for the prior. A kernel is
 * a product over the dimensions: a normal curve cut off at the ends of the interval for numbers, and for categories the
 * point's own category with a little of all others.
 */
export interface ParzenEstimator {
  sample(stream: Stream): number[]
  logDensity(point: readonly number[]): number
}

export interface Dimension {
  /** The number of categories; `undefined` for numbers. */
  readonly categories?: number
}

const SQRT_TWO_PI = Math.sqrt(2 * Math.PI)

/**
 * The width of each point's kernel in one dimension: the larger of the distances to its neighbours, so that kernels are
 * narrow where points crowd (Bergstra, Bardenet, Bengio and Kégl, 2011). It is at least what as many evenly spread points
 * would have, or the search could not leave a place once found.
 */
function kernelWidths(centres: readonly number[]): number[] {
  const least = 1 / Math.min(100, centres.length + 2)
  const order = centres.map((_, index) => index).sort((a, b) => centres[a] - centres[b])
  const widths: number[] = []
  order.forEach((index, rank) => {
    const below = rank === 0 ? undefined : centres[index] - centres[order[rank - 1]]
    const above = rank === order.length - 1 ? undefined : centres[order[rank + 1]] - centres[index]
    const alone = Math.max(centres[index], 1 - centres[index])
    widths[index] = Math.max(below ?? above ?? alone, above ?? below ?? alone, least)
  })
  return widths
}

/** Builds the density of these points. */
export function parzenEstimator(
  points: readonly (readonly number[])[],
  dimensions: readonly Dimension[],
): ParzenEstimator {
  const count = points.length
  const widths = dimensions.map((_, index) => kernelWidths(points.map((point) => point[index])))
  // The mass that a truncated kernel would have outside of the interval goes to its inside.
  const insideMass = dimensions.map((_, index) =>
    points.map((point, which) => {
      const width = widths[index][which]
      return normalCumulative((1 - point[index]) / width) - normalCumulative(-point[index] / width)
    }),
  )
  const otherCategory = dimensions.map(({ categories }) => (categories ? 1 / (categories * (count + 1)) : 0))

  return {
    sample(stream) {
      const kernel = stream.integer(count + 1)
      if (kernel === count) return dimensions.map(() => stream.uniform())
      return dimensions.map(({ categories }, index) => {
        const centre = points[kernel][index]
        if (categories)
          return stream.uniform() < 1 / (1 + categories * otherCategory[index]) ? centre : stream.uniform()
        const width = widths[index][kernel]
        const low = normalCumulative(-centre / width)
        const drawn = centre + width * normalQuantile(low + stream.uniform() * insideMass[index][kernel])
        return Math.min(Math.max(drawn, 0), 1)
      })
    },
    logDensity(point) {
      const logs = points.map((kernel, which) => {
        let log = 0
        for (let index = 0; index < dimensions.length; index++) {
          const { categories } = dimensions[index]
          const centre = kernel[index]
          if (categories) {
            const other = otherCategory[index]
            log +=
              Math.log(((point[index] === centre ? 1 : 0) + other) / (1 + categories * other)) + Math.log(categories)
          } else {
            const width = widths[index][which]
            const z = (point[index] - centre) / width
            log -= 0.5 * z * z + Math.log(width * SQRT_TWO_PI * insideMass[index][which])
          }
        }
        return log
      })
      // The prior's density is 1 everywhere, its logarithm 0.
      const largest = Math.max(0, ...logs)
      const sum = logs.reduce((total, log) => total + Math.exp(log - largest), Math.exp(-largest))
      return largest + Math.log(sum / (count + 1))
    },
  }
}
