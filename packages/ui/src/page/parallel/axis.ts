/** An axis of parallel coordinates: where each run stands on it. */
import type { ColumnId, Scalar } from '@trainyard/tracker/api'
import { linearTicks, logTicks, type Tick } from '../charts/ticks.ts'
import { hash } from '../design/palette.ts'
import { toNumber } from '../format/number.ts'

export interface AxisSettings {
  column: ColumnId
  /** null: as the values lie. */
  log: boolean | null
  flip: boolean
  /** What a person wants to see; null: everything. */
  range: [number, number] | null
}

export interface Axis {
  column: ColumnId
  kind: 'number' | 'category'
  log: boolean
  flip: boolean
  /** Ends of the scale; of categories −0.5 and their number − 0.5. */
  domain: [number, number]
  /** A number for each run: its value, or the index of its category; NaN where it has none. */
  values: Float64Array
  categories: Scalar[]
  /** Whether a logarithmic scale is possible. */
  canLog: boolean
  missing: number
}

const byKind = (a: Scalar, b: Scalar) =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true })

/** Numbers of few different values (batch sizes, depths) stand apart evenly, as categories do. */
const mostCategories = 7

/**
 * Whether values were tried over many sizes, as learning rates are: they span more than two powers of ten, and the middle one
 * stands nearer to the middle of a logarithmic scale than to that of a linear one.
 */
export function areBySize(values: ArrayLike<number>): boolean {
  const sorted = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort()
  const [low, high] = [sorted[0], sorted[sorted.length - 1]]
  if (!(low > 0 && high / low > 100)) return false
  const middle = sorted[sorted.length >> 1]
  const linear = (middle - low) / (high - low)
  const logarithmic = Math.log(middle / low) / Math.log(high / low)
  return Math.abs(logarithmic - 0.5) < Math.abs(linear - 0.5)
}

/** Makes an axis of a column; `list` says that its values come from a list (a sweep knows). */
export function makeAxis(settings: AxisSettings, raw: readonly Scalar[], list?: boolean): Axis {
  const { column, flip } = settings
  const numbers = raw.map(toNumber)
  const present = raw.filter((value) => value !== null)
  const distinct = [...new Set(present)]
  const numeric = present.length > 0 && raw.every((value, i) => value === null || numbers[i] !== null)
  const asList = !numeric || (list ?? (distinct.length <= mostCategories && present.length > 2 * distinct.length))
  const base = { column, flip, missing: raw.length - present.length }
  if (asList && distinct.length <= 200 && settings.range === null) {
    const categories = distinct.sort(byKind)
    const index = new Map(categories.map((value, i) => [value, i]))
    const values = Float64Array.from(raw, (value) => (value === null ? Number.NaN : index.get(value)!))
    return {
      ...base,
      kind: 'category',
      log: false,
      canLog: false,
      categories,
      values,
      domain: [-0.5, Math.max(0.5, categories.length - 0.5)],
    }
  }
  const values = Float64Array.from(numbers, (value) => (value === null || !Number.isFinite(value) ? Number.NaN : value))
  let low = Infinity
  let high = -Infinity
  let positive = Infinity
  for (const value of values) {
    if (Number.isNaN(value)) continue
    if (value < low) low = value
    if (value > high) high = value
    if (value > 0 && value < positive) positive = value
  }
  const canLog = positive < Infinity && high > 0
  const log = canLog && (settings.log ?? areBySize(values))
  if (low > high) [low, high] = [0, 1]
  let domain: [number, number] = settings.range ?? [log ? positive : low, high]
  if (log && domain[0] <= 0) domain = [positive, domain[1]]
  if (domain[0] === domain[1]) domain = log ? [domain[0] / 2, domain[1] * 2] : [domain[0] - 0.5, domain[1] + 0.5]
  const missing = values.reduce((count, value) => count + Number(Number.isNaN(value)), 0)
  return { ...base, missing, kind: 'number', log, canLog, categories: [], values, domain }
}

/** Share along the axis, 0 at its foot; NaN for what has no place, beyond 0…1 for what is out of range. */
export function share(axis: Axis, value: number): number {
  const [low, high] = axis.domain
  if (Number.isNaN(value) || (axis.log && value <= 0)) return Number.NaN
  const along = axis.log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low)
  return axis.flip ? 1 - along : along
}

/** The value at a share along the axis. */
export function valueAt(axis: Axis, at: number): number {
  const [low, high] = axis.domain
  const along = axis.flip ? 1 - at : at
  return axis.log ? low * (high / low) ** along : low + (high - low) * along
}

/** Where every run's line crosses the axis. Lines through one category are spread a little, always the same for the same run. */
export function shares(axis: Axis, ids: readonly string[]): Float32Array {
  const spread =
    axis.kind === 'category'
      ? Math.min(0.3, 0.25 + ids.length / 10_000) / Math.max(1, axis.domain[1] - axis.domain[0])
      : 0
  return Float32Array.from(axis.values, (value, i) => {
    const at = share(axis, value)
    if (spread === 0 || Number.isNaN(at)) return at
    return at + ((hash(ids[i] + axis.column) % 1000) / 999 - 0.5) * spread
  })
}

export function axisTicks(axis: Axis, count: number): Tick[] {
  const [low, high] = axis.domain
  if (axis.kind === 'category') {
    const every = Math.ceil(axis.categories.length / Math.max(1, count * 2))
    return axis.categories.flatMap((value, at) => (at % every === 0 ? { at, text: String(value) } : []))
  }
  return axis.log ? logTicks(low, high, count) : linearTicks(Math.min(low, high), Math.max(low, high), count)
}

/** Where a run's value lies between the ends of the colour scale: as its axis has it, but never turned over by flipping. */
export function colorShare(axis: Axis, value: number): number {
  const at = share(axis, value)
  return Number.isNaN(at) ? Number.NaN : Math.min(1, Math.max(0, axis.flip ? 1 - at : at))
}

/**
 * The axis as colours see it: the few values that lie far from all others (a training that diverged) share the colour of its
 * end, or they would leave all others with one. Far is three interquartile ranges beyond the quartiles (Tukey).
 */
export function colorScale(axis: Axis): Axis {
  const upright = { ...axis, flip: false }
  const places = Array.from(axis.values, (value) => share(upright, value))
    .filter((at) => at >= 0 && at <= 1)
    .sort((a, b) => a - b)
  if (axis.kind === 'category' || places.length < 8) return axis
  const [lower, upper] = [0.25, 0.75].map((part) => places[Math.round(part * (places.length - 1))])
  const reach = 3 * (upper - lower)
  if (reach === 0) return axis
  const ends = [Math.max(0, lower - reach), Math.min(1, upper + reach)]
  return { ...axis, domain: [valueAt(upright, ends[0]), valueAt(upright, ends[1])] }
}

/** An axis of numbers with some air at both ends, for plots of points. */
export function plotAxis(raw: readonly Scalar[], { log, list = false }: { log: boolean; list?: boolean }): Axis {
  const axis = makeAxis({ column: '', log, flip: false, range: null }, raw, list)
  if (axis.kind === 'category') return axis
  const [low, high] = axis.domain
  if (axis.log) return { ...axis, domain: [low / (high / low) ** 0.04, high * (high / low) ** 0.04] }
  const pad = (high - low) * 0.04
  return { ...axis, domain: [low - pad, high + pad] }
}
