/** Histograms over time on common bins, so that they can stand side by side. */
export interface Histogram {
  step: number
  edges: readonly number[]
  counts: readonly number[]
}

export interface Heat {
  steps: number[]
  /** One more than bins. */
  edges: number[]
  /** density[histogram][bin]: share of that histogram's values. */
  density: number[][]
  /** The greatest of them. */
  most: number
}

/**
 * Spreads every histogram over `bins` equal bins from the lowest to the highest edge of all; what falls over a bin's border is divided by
 * length.
 */
export function heat(histograms: readonly Histogram[], bins = 64): Heat | null {
  let low = Infinity
  let high = -Infinity
  for (const { edges, counts } of histograms) {
    // Empty bins at the ends say nothing.
    const first = counts.findIndex((count) => count > 0)
    const last = counts.findLastIndex((count) => count > 0)
    if (first < 0) continue
    low = Math.min(low, edges[first])
    high = Math.max(high, edges[last + 1])
  }
  if (!(low <= high)) return null
  if (low === high) [low, high] = [low - 0.5, high + 0.5]
  const width = (high - low) / bins
  const edges = Array.from({ length: bins + 1 }, (_, i) => low + i * width)
  let most = 0
  const density = histograms.map(({ edges: own, counts }) => {
    const row = new Array<number>(bins).fill(0)
    const total = counts.reduce((sum, count) => sum + count, 0)
    if (total === 0) return row
    counts.forEach((count, i) => {
      if (count === 0) return
      const from = own[i]
      const to = own[i + 1]
      const span = to - from
      const first = Math.max(0, Math.min(bins - 1, Math.floor((from - low) / width)))
      const last = Math.max(first, Math.min(bins - 1, Math.ceil((to - low) / width) - 1))
      for (let bin = first; bin <= last; bin++) {
        const shared =
          span > 0 ? (Math.min(to, edges[bin + 1]) - Math.max(from, edges[bin])) / span : 1 / (last - first + 1)
        row[bin] += (count / total) * Math.max(0, shared)
      }
    })
    for (const value of row) most = Math.max(most, value)
    return row
  })
  return { steps: histograms.map(({ step }) => step), edges, density, most }
}

/** Value below which a share of a histogram lies, straight within bins. */
export function quantile({ edges, counts }: Pick<Histogram, 'edges' | 'counts'>, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  let left = share * total
  for (let i = 0; i < counts.length; i++) {
    if (left <= counts[i] && counts[i] > 0) return edges[i] + (edges[i + 1] - edges[i]) * (left / counts[i])
    left -= counts[i]
  }
  return edges[edges.length - 1]
}
