/**
 * A whole series in memory as x and y, for what needs all of it: smoothing, another metric as x, steps that were logged out of order. Kept for
 * the next question, and then only what is new is added.
 */
import type { RunClock, XAxis } from './clock.ts'
import { type EmaState, emaStart, emaUnit, reach, type Smoothing, smooth } from './smooth.ts'
import type { Series } from './store.ts'

export class Curve {
  count = 0
  x = new Float64Array(0)
  /** Unsmoothed. */
  raw = new Float64Array(0)
  line = new Float64Array(0)
  ascending = true
  private readonly smoothing: Smoothing
  /** What the average was before the last point, which may still be replaced. */
  private before: EmaState = emaStart()
  /** What a distance of one point is for the time-weighted average; 0 for the others. */
  unit = 0
  /** Points of the series that were taken; fewer than those where x is lacking. */
  private taken = 0

  constructor(smoothing: Smoothing) {
    this.smoothing = smoothing
  }

  get bytes(): number {
    return this.x.byteLength + this.raw.byteLength + this.line.byteLength + 200
  }

  /** Takes what the series got since the last time. */
  update(series: Series, x: XAxis, clock: RunClock, xSeries: Series | null): void {
    let from = Math.max(0, Math.min(this.taken, series.count) - 1)
    if (x === 'step' && !series.ordered) from = 0
    // A row's x may be logged after its y.
    if (typeof x === 'object') from = 0
    const points = series.read(from, series.count)
    let { values } = points
    let xs: Float64Array
    if (x === 'step') {
      xs = points.steps
      if (!series.ordered) [xs, values] = sortByX(xs, values)
    } else if (x === 'wall') xs = points.times.map((time) => time / 1e6)
    else if (x === 'relative') xs = points.times.map((time) => clock.relative(time / 1e6))
    else [xs, values] = pair(points.steps, values, xSeries)
    const count = from + xs.length
    this.reserve(count)
    this.x.set(xs, from)
    this.raw.set(values, from)
    const old = this.count
    this.count = count
    this.taken = series.count
    this.ascending = typeof x !== 'object' || isAscending(this.x, count)
    this.smooth(Math.min(from, old))
  }

  private reserve(count: number): void {
    if (count <= this.x.length) return
    // A series that does not grow takes no more than it needs.
    const size = this.count === 0 ? count : Math.max(count, Math.ceil(this.count * 1.5))
    const isLine = this.smoothing.kind === 'none'
    for (const name of ['x', 'raw', 'line'] as const) {
      if (name === 'line' && isLine) continue
      const grown = new Float64Array(size)
      grown.set(this[name].subarray(0, this.count))
      this[name] = grown
    }
    if (isLine) this.line = this.raw
  }

  private smooth(from: number): void {
    const { count, smoothing, x, raw, line } = this
    if (smoothing.kind === 'none' || count === 0) return
    const unit = this.ascending ? emaUnit(x[count - 1] - x[0]) : 1
    const isEma = smoothing.kind === 'ema' || smoothing.kind === 'time-weighted-ema'
    if (!isEma) {
      smooth(smoothing, x, raw, line, Math.max(0, from - reach(smoothing)), count, this.before, unit)
      return
    }
    if (from === 0 || (unit !== this.unit && smoothing.kind === 'time-weighted-ema')) {
      this.before = emaStart()
      from = 0
    }
    this.unit = smoothing.kind === 'time-weighted-ema' ? unit : 0
    smooth(smoothing, x, raw, line, from, count - 1, this.before, unit)
    smooth(smoothing, x, raw, line, count - 1, count, { ...this.before }, unit)
  }

  /** The smoothed value of points before this one does not change when points are added. */
  get settled(): number {
    return Math.max(0, this.count - 1 - reach(this.smoothing))
  }

  search(x: number, orEqual: boolean): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.x[middle] < x || (orEqual && this.x[middle] === x)) low = middle + 1
      else high = middle
    }
    return low
  }
}

function isAscending(x: Float64Array, count: number): boolean {
  for (let i = 1; i < count; i++) if (!(x[i] >= x[i - 1])) return false
  return true
}

function sortByX(x: Float64Array, y: Float64Array): [Float64Array, Float64Array] {
  const order = Uint32Array.from(x, (_, i) => i).sort((a, b) => x[a] - x[b] || a - b)
  return [Float64Array.from(order, (i) => x[i]), Float64Array.from(order, (i) => y[i])]
}

/** Gives each y the x of its row: the latest that was logged at its step or before; without one, or with one that is not finite, the point is left out. */
function pair(steps: Float64Array, values: Float64Array, xSeries: Series | null): [Float64Array, Float64Array] {
  const xs = new Float64Array(steps.length)
  const ys = new Float64Array(steps.length)
  if (!xSeries) return [xs.subarray(0, 0), ys.subarray(0, 0)]
  const other = xSeries.read(0, xSeries.count)
  const [xSteps, xValues] = xSeries.ordered ? [other.steps, other.values] : sortByX(other.steps, other.values)
  let count = 0
  let at = -1
  let lastStep = -Infinity
  for (let i = 0; i < steps.length; i++) {
    if (steps[i] < lastStep) at = -1
    lastStep = steps[i]
    while (at + 1 < xSteps.length && xSteps[at + 1] <= steps[i]) at++
    if (at < 0 || !Number.isFinite(xValues[at])) continue
    xs[count] = xValues[at]
    ys[count++] = values[i]
  }
  return [xs.subarray(0, count), ys.subarray(0, count)]
}
