/** One line with a band out of the lines of many runs. */
import { bucketWidth } from './decimate.ts'
import type { Line } from './query.ts'

export interface Band {
  x: number[]
  center: (number | null)[]
  low: (number | null)[]
  high: (number | null)[]
  count: number[]
}

export interface AggregateOptions {
  range: readonly [number, number] | undefined
  pixels: number
  center: 'mean' | 'median' | 'min' | 'max'
  band: 'deviation' | 'error' | 'range' | 'none'
}

/**
 * All groups on one grid. Each run counts from its first to its last point, with straight lines between the points that it has, so that the
 * mean does not jump where runs log at different steps.
 */
export function aggregateLines(groups: Line[][], options: AggregateOptions): { width: number; results: Band[] } {
  let [low, high] = options.range ?? [Infinity, -Infinity]
  if (!options.range)
    for (const line of groups.flat()) {
      low = Math.min(low, line.x[0], line.x.at(-1) as number)
      high = Math.max(high, line.x[0], line.x.at(-1) as number)
    }
  if (!(low <= high))
    return { width: 0, results: groups.map(() => ({ x: [], center: [], low: [], high: [], count: [] })) }
  const points = sharedPoints(groups.flat(), low, high)
  if (points && points.length <= options.pixels)
    return { width: 0, results: groups.map((lines) => gather(lines, points, options)) }
  const width = bucketWidth(high - low, options.pixels)
  const grid: number[] = []
  for (let bucket = Math.floor(low / width); bucket * width <= high; bucket++)
    grid.push(Math.max(low, Math.min(high, (bucket + 0.5) * width)))
  return { width, results: groups.map((lines) => gather(lines, grid, options)) }
}

/** The x of all lines, where they are few enough to keep each. */
function sharedPoints(lines: Line[], low: number, high: number): number[] | null {
  const all = new Set<number>()
  for (const line of lines)
    for (const x of line.x) {
      if (x >= low && x <= high) all.add(x)
      if (all.size > 10_000) return null
    }
  return [...all].sort((a, b) => a - b)
}

function gather(lines: Line[], grid: number[], { center, band }: AggregateOptions): Band {
  const at = lines.map((line) => interpolator(line))
  const out: Band = { x: [], center: [], low: [], high: [], count: [] }
  for (const x of grid) {
    const values: number[] = []
    for (const value of at) {
      const y = value(x)
      if (y !== null) values.push(y)
    }
    if (values.length === 0) continue
    const { middle, low, high } = summarise(values, center, band)
    out.x.push(x)
    out.center.push(middle)
    out.low.push(low)
    out.high.push(high)
    out.count.push(values.length)
  }
  return out
}

/** y at growing x by straight lines; null outside of the line. */
function interpolator({ x, y }: Line): (at: number) => number | null {
  const points = x.flatMap((value, i) => (y[i] === null ? [] : [[value, y[i]] as const])).sort((a, b) => a[0] - b[0])
  let i = 0
  return (at) => {
    if (points.length === 0 || at < points[0][0] || at > points[points.length - 1][0]) return null
    while (i + 1 < points.length && points[i + 1][0] <= at) i++
    const [x0, y0] = points[i]
    if (i + 1 === points.length || x0 === at) return y0
    const [x1, y1] = points[i + 1]
    return y0 + ((y1 - y0) * (at - x0)) / (x1 - x0)
  }
}

function summarise(values: number[], center: AggregateOptions['center'], band: AggregateOptions['band']) {
  const n = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const sorted = values.toSorted((a, b) => a - b)
  const middle =
    center === 'mean'
      ? mean
      : center === 'min'
        ? sorted[0]
        : center === 'max'
          ? sorted[n - 1]
          : (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2
  if (band === 'none') return { middle, low: null, high: null }
  if (band === 'range') return { middle, low: sorted[0], high: sorted[n - 1] }
  const deviation = n > 1 ? Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)) : 0
  const half = band === 'error' ? deviation / Math.sqrt(n) : deviation
  return { middle, low: middle - half, high: middle + half }
}
