/** The part of the plane that a chart shows. */
import type { Bounds, Line } from './line.ts'

export interface RangeOptions {
  logX: boolean
  logY: boolean
  ignoreOutliers: boolean
  /** Bands count as well. */
  withBands: boolean
  /** What a person zoomed into. */
  zoom: { x: [number, number] | null; y: [number, number] | null }
}

/** Widens a range that is a point, so that a constant series is a straight line in the middle. */
function widen(low: number, high: number, log: boolean): [number, number] {
  if (low < high) return [low, high]
  if (log) return [low / 2, high * 2]
  const half = low === 0 ? 1 : Math.abs(low) * 0.1
  return [low - half, high + half]
}

function quantile(sorted: Float64Array, share: number): number {
  const at = (sorted.length - 1) * share
  const low = Math.floor(at)
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (at - low)
}

/** Whether there is a point that the axes can show: a number, and above 0 where an axis is logarithmic. */
export function drawable(lines: readonly Line[], { logX, logY }: { logX: boolean; logY: boolean }): boolean {
  return lines.some(({ x, y }) => y.some((value, i) => value !== null && (!logY || value > 0) && (!logX || x[i] > 0)))
}

export function bounds(lines: readonly Line[], options: RangeOptions): Bounds | null {
  const { logX, logY, zoom } = options
  let x0 = Infinity
  let x1 = -Infinity
  for (const line of lines)
    for (const x of line.x)
      if (!logX || x > 0) {
        if (x < x0) x0 = x
        if (x > x1) x1 = x
      }
  if (zoom.x) [x0, x1] = zoom.x
  if (!(x0 <= x1)) return null
  const [from, to] = zoom.x ? [x0, x1] : widen(x0, x1, logX)
  if (zoom.y) return { x: [from, to], y: zoom.y }
  const values: number[] = []
  let y0 = Infinity
  let y1 = -Infinity
  for (const line of lines)
    for (let i = 0; i < line.x.length; i++) {
      if (line.x[i] < from || line.x[i] > to) continue
      for (const part of options.withBands ? [line.y, line.low, line.high, line.raw] : [line.y]) {
        const y = part?.[i]
        if (y === null || y === undefined || (logY && y <= 0)) continue
        if (options.ignoreOutliers) values.push(y)
        else if (y < y0) y0 = y
        if (y > y1) y1 = y
      }
    }
  if (options.ignoreOutliers && values.length > 0) {
    const sorted = Float64Array.from(values).sort()
    // Tukey's fences, half as strict again: what lies outside is far from everything else.
    const [low, high] = [quantile(sorted, 0.25), quantile(sorted, 0.75)]
    const reach = 2.25 * (high - low)
    y0 = Math.max(sorted[0], low - reach)
    y1 = Math.min(sorted[sorted.length - 1], high + reach)
  }
  if (!(y0 <= y1)) return { x: [from, to], y: logY ? [0.1, 1] : [0, 1] }
  // What smoothing leaves of rounding is no difference: such a series is constant as well.
  const same = y1 - y0 <= 1e-12 * Math.max(Math.abs(y0), Math.abs(y1))
  const [low, high] = widen(y0, same ? y0 : y1, logY)
  if (logY) {
    const pad = (high / low) ** 0.04
    return { x: [from, to], y: [low / pad, high * pad] }
  }
  const pad = (high - low) * 0.05
  return { x: [from, to], y: [low - pad, high + pad] }
}
