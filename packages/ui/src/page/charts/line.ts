/** What a line chart draws: lines with what belongs to them, whatever they came from. */
export interface Line {
  /** Stable: the run's id, the group's name, with the metric where a chart has several. */
  key: string
  label: string
  /** The run behind it, for what is tied together by hovering; null for a group. */
  run: string | null
  color: string
  x: readonly number[]
  y: readonly (number | null)[]
  /** A band around the line: lowest and highest of each pixel, or the spread of a group. */
  low?: readonly (number | null)[]
  high?: readonly (number | null)[]
  /** The line before smoothing, drawn faintly. */
  raw?: readonly (number | null)[]
  dash?: readonly number[]
  /** How many runs are behind each point of a group's line. */
  count?: readonly number[]
}

export interface Bounds {
  x: [number, number]
  y: [number, number]
}

/** Steps are whole numbers; other metrics need not be. */
export type XKind = 'step' | 'number' | 'relative' | 'wall'

/** Index of the point nearest to `at` in ascending `x`; −1 when there is none. */
export function nearest(x: readonly number[], at: number): number {
  if (x.length === 0) return -1
  let low = 0
  let high = x.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (x[middle] < at) low = middle + 1
    else high = middle
  }
  return low > 0 && at - x[low - 1] <= x[low] - at ? low - 1 : low
}

/** A metric as x axis may go back and forth: then every point is looked at. */
export function nearestAnywhere(x: readonly number[], at: number): number {
  let best = -1
  for (let i = 0; i < x.length; i++) if (best < 0 || Math.abs(x[i] - at) < Math.abs(x[best] - at)) best = i
  return best
}

export function isAscending(x: readonly number[]): boolean {
  for (let i = 1; i < x.length; i++) if (x[i] < x[i - 1]) return false
  return true
}
