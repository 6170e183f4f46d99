/** A distribution of values. */
import { Media, MediaError, type MediaInput } from './input.ts'

/** A distribution that was counted elsewhere. */
export interface Bins {
  /** One more than counts, ascending. */
  edges: ArrayLike<number>
  counts: ArrayLike<number>
}

/**
 * A histogram for `run.log`: of values, or of bins that were counted elsewhere. Values that are not finite are left out.
 * @param options.bins How many bins values get; default 64.
 * @throws MediaError where edges and counts do not fit.
 * @example
 * ```ts
 * const run = await init({ mode: 'disabled' })
 * const histogram = new Histogram([1, 2, 2, 4], { bins: 3 })
 * console.log(histogram.counts) // [1,2,1]
 * run.log({ 'gradients/conv1': histogram })
 * ```
 */
export class Histogram extends Media {
  readonly edges: number[]
  readonly counts: number[]

  constructor(values: ArrayLike<number> | Bins, { bins = 64 }: { bins?: number } = {}) {
    super()
    if ('edges' in values) {
      this.edges = Array.from(values.edges)
      this.counts = Array.from(values.counts)
      if (this.edges.length !== this.counts.length + 1)
        throw new MediaError(
          `Histogram: ${this.counts.length} counts need ${this.counts.length + 1} edges, got ${this.edges.length}`,
        )
      if (this.edges.some((edge, i) => !Number.isFinite(edge) || (i > 0 && edge < this.edges[i - 1])))
        throw new MediaError('Histogram: edges must be finite and ascending')
      if (!this.counts.every(Number.isFinite)) throw new MediaError('Histogram: counts must be finite')
      return
    }
    if (!(Number.isInteger(bins) && bins >= 1 && bins <= 1024))
      throw new MediaError(`Histogram: bins must be a whole number from 1 to 1024, got ${bins}`)
    let low = Infinity
    let high = -Infinity
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      if (!Number.isFinite(value)) continue
      if (value < low) low = value
      if (value > high) high = value
    }
    if (low > high) [low, high] = [0, 1]
    if (low === high) {
      const half = Math.max(Math.abs(low) * 1e-6, 0.5)
      low -= half
      high += half
    }
    const width = (high - low) / bins
    if (!Number.isFinite(width))
      throw new MediaError(`Histogram: values from ${low} to ${high} lie further apart than numbers reach`)
    this.counts = new Array<number>(bins).fill(0)
    for (let i = 0; i < values.length; i++)
      if (Number.isFinite(values[i])) this.counts[Math.min(bins - 1, Math.floor((values[i] - low) / width))]++
    this.edges = Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : low + i * width))
  }

  /** What is kept, in plain numbers and texts. */
  toInput(): MediaInput {
    return { kind: 'histogram', edges: this.edges, counts: this.counts }
  }
}
