/** Answers what a chart asks: each line in at most one bucket a pixel, and with a cursor only what is new. */
import { createHash } from 'node:crypto'
import { BLOCK, BLOCK_WIDTH, Digest } from './chunk.ts'
import type { RunClock, XAxis } from './clock.ts'
import { Curve } from './curve.ts'
import { type Buckets, bucketBlocks, bucketByCount, bucketPoints, bucketWidth, eachPoint } from './decimate.ts'
import { Lru } from './lru.ts'
import type { Smoothing } from './smooth.ts'
import type { Series, SeriesStore } from './store.ts'

export interface LineQuery {
  x: XAxis
  range: readonly [number, number] | undefined
  pixels: number
  smoothing: Smoothing
}

export interface Line {
  keep: number
  x: number[]
  y: (number | null)[]
  min?: (number | null)[]
  max?: (number | null)[]
  raw?: (number | null)[]
  bucket: number
  points: number
  nonFinite: number
  extent: [number, number] | null
  cursor: string
}

/** A run as this part needs it. */
export interface SeriesRun {
  /** Number in the index. */
  id: number
  clock: RunClock
}

/** From so many points a bucket on, digests are fine enough: a digest is at most half a pixel. */
const DIGESTS_FROM = 2 * BLOCK

type Mode = 'points' | 'buckets' | 'digests' | 'strides'

interface Cursor {
  hash: string
  mode: Mode
  width: number
  /** First point that was shown. */
  first: number
  /** Buckets that will not change, and the first point behind them. */
  keep: number
  restart: number
}

const empty = (cursor: string): Line => ({
  keep: 0,
  x: [],
  y: [],
  bucket: 0,
  points: 0,
  nonFinite: 0,
  extent: null,
  cursor,
})

export class SeriesQueries {
  private readonly store: SeriesStore
  private readonly curves = new Lru<string, Curve>(96e6)

  constructor(store: SeriesStore) {
    this.store = store
  }

  line(run: SeriesRun, metric: string, query: LineQuery, cursor?: string): Line {
    const hash = createHash('sha1')
      .update(JSON.stringify([run.id, metric, query]))
      .digest('base64url')
      .slice(0, 12)
    const series = this.store.open(run.id, metric)
    if (!series) return empty('')
    const needsCurve =
      query.smoothing.kind !== 'none' || typeof query.x === 'object' || (query.x === 'step' && !series.ordered)
    const line = needsCurve
      ? fromCurve(this.curve(run, series, metric, query), query, hash, cursor)
      : fromSeries(series, query, run.clock, hash, parseCursor(cursor, hash))
    return { ...line, points: series.count, nonFinite: series.nonFinite }
  }

  /** The whole series as x and y. */
  curve(run: SeriesRun, series: Series, metric: string, { x, smoothing }: Pick<LineQuery, 'x' | 'smoothing'>): Curve {
    const key = `${run.id}/${JSON.stringify([metric, x, smoothing])}`
    const curve = this.curves.get(key) ?? new Curve(smoothing)
    curve.update(series, x, run.clock, typeof x === 'object' ? this.store.open(run.id, x.metric) : null)
    this.curves.set(key, curve, curve.bytes)
    return curve
  }

  /** The last point at or before `at`. */
  pointAt(
    run: SeriesRun,
    metric: string,
    x: XAxis,
    at: number,
  ): { x: number; y: number; step: number; time: number } | null {
    const series = this.store.open(run.id, metric)
    if (!series) return null
    if (typeof x === 'object' || (x === 'step' && !series.ordered)) {
      const curve = this.curve(run, series, metric, { x, smoothing: { kind: 'none' } })
      let best = -1
      for (let i = 0; i < curve.count; i++) if (curve.x[i] <= at && (best < 0 || curve.x[i] >= curve.x[best])) best = i
      return best < 0 ? null : { x: curve.x[best], y: curve.raw[best], step: Number.NaN, time: Number.NaN }
    }
    const index = searchSeries(series, x, at, true, run.clock) - 1
    if (index < 0) return null
    const { steps, times, values } = series.read(index, index + 1)
    const time = times[0] / 1e6
    return { x: xOf(x, steps[0], times[0], run.clock), y: values[0], step: steps[0], time }
  }

  forgetRun(run: number): void {
    this.store.forgetRun(run)
    this.curves.deleteWhere((key) => key.startsWith(`${run}/`))
  }
}

function fromCurve(curve: Curve, query: LineQuery, question: string, cursor: string | undefined): Line {
  const { count, x, raw, line } = curve
  if (count === 0) return empty('')
  const smoothed = query.smoothing.kind !== 'none'
  const { range, pixels } = query
  if (!curve.ascending) return strides(curve, query, smoothed)
  const from = range ? Math.max(0, curve.search(range[0], false) - 1) : 0
  const to = range ? Math.min(count, curve.search(range[1], true) + 1) : count
  const extent: [number, number] = [x[0], x[count - 1]]
  const mode: Mode = to - from <= pixels ? 'points' : 'buckets'
  const width = mode === 'points' ? 0 : bucketWidth(range ? range[1] - range[0] : extent[1] - extent[0], pixels)
  // With another unit all values are others.
  const hash = `${question}${curve.unit}`
  const start = resume(parseCursor(cursor, hash), mode, width, from)
  const part = (array: Float64Array) => array.subarray(start.point, to)
  const buckets =
    mode === 'points'
      ? eachPoint(part(x), part(raw), part(line), to - start.point, start.point)
      : bucketPoints(part(x), part(raw), part(line), to - start.point, start.point, width)
  return finish(buckets, start.keep, width, from, Math.min(curve.settled, to - 1), extent, mode, hash, smoothed)
}

/** Where x does not ascend, points stay in the order in which they were logged. */
function strides(curve: Curve, { range, pixels }: LineQuery, smoothed: boolean): Line {
  let indices = Array.from({ length: curve.count }, (_, i) => i)
  let low = Infinity
  let high = -Infinity
  for (let i = 0; i < curve.count; i++) {
    low = Math.min(low, curve.x[i])
    high = Math.max(high, curve.x[i])
  }
  if (range) indices = indices.filter((i) => curve.x[i] >= range[0] && curve.x[i] <= range[1])
  const stride = indices.length <= pixels ? 1 : 2 ** Math.ceil(Math.log2(indices.length / pixels))
  const pick = (array: Float64Array) => indices.map((i) => array[i])
  const buckets = bucketByCount(pick(curve.x), pick(curve.raw), pick(curve.line), indices.length, stride)
  return finish(buckets, 0, stride === 1 ? 0 : stride, 0, 0, [low, high], 'strides', '', smoothed)
}

function xOf(axis: 'step' | 'relative' | 'wall', step: number, time: number, clock: RunClock): number {
  return axis === 'step' ? step : axis === 'wall' ? time / 1e6 : clock.relative(time / 1e6)
}

function searchSeries(
  series: Series,
  axis: 'step' | 'relative' | 'wall',
  x: number,
  orEqual: boolean,
  clock: RunClock,
): number {
  if (axis === 'step') return series.search(x, 'steps', orEqual)
  return series.search((axis === 'wall' ? x : clock.wall(x)) * 1e6, 'times', orEqual)
}

function fromSeries(series: Series, query: LineQuery, clock: RunClock, hash: string, known: Cursor | null): Line {
  const { range, pixels } = query
  const axis = query.x as 'step' | 'relative' | 'wall'
  const { blocks, blockCount, count } = series
  const firstX = (block: number) =>
    xOf(axis, blocks[block * BLOCK_WIDTH + Digest.firstStep], blocks[block * BLOCK_WIDTH + Digest.firstTime], clock)
  const last = (blockCount - 1) * BLOCK_WIDTH
  const extent: [number, number] = [
    firstX(0),
    xOf(axis, blocks[last + Digest.lastStep], blocks[last + Digest.lastTime], clock),
  ]
  const from = range ? Math.max(0, searchSeries(series, axis, range[0], false, clock) - 1) : 0
  const to = range ? Math.min(count, searchSeries(series, axis, range[1], true, clock) + 1) : count
  const shown = to - from
  const mode: Mode = shown <= pixels ? 'points' : shown >= pixels * DIGESTS_FROM ? 'digests' : 'buckets'
  const width = mode === 'points' ? 0 : bucketWidth(range ? range[1] - range[0] : extent[1] - extent[0], pixels)
  const start = resume(known, mode, width, from)
  let buckets: Buckets
  if (mode === 'digests') {
    const firstBlock = Math.floor(start.point / BLOCK)
    const blockEnd = Math.ceil(to / BLOCK)
    const digest = (i: number) => {
      const at = (firstBlock + i) * BLOCK_WIDTH
      return {
        min: blocks[at + Digest.min],
        max: blocks[at + Digest.max],
        sum: blocks[at + Digest.sum],
        finite: blocks[at + Digest.finite],
      }
    }
    buckets = bucketBlocks(
      blockEnd - firstBlock,
      (i) => firstX(firstBlock + i),
      digest,
      (i) => (firstBlock + i) * BLOCK,
      width,
    )
  } else {
    const { steps, times, values } = series.read(start.point, to)
    const x = axis === 'step' ? steps : times.map((time) => (axis === 'wall' ? time / 1e6 : clock.relative(time / 1e6)))
    buckets =
      mode === 'points'
        ? eachPoint(x, values, values, values.length, start.point)
        : bucketPoints(x, values, values, values.length, start.point, width)
  }
  return finish(buckets, start.keep, width, from, to - 1, extent, mode, hash, false)
}

/** Where to go on: behind what the asker has, if that was cut into the same buckets, else at the beginning. */
function resume(known: Cursor | null, mode: Mode, width: number, first: number): { point: number; keep: number } {
  if (known && known.mode === mode && known.width === width && known.first === first && known.restart >= first)
    return { point: known.restart, keep: known.keep }
  return { point: first, keep: 0 }
}

function finish(
  buckets: Buckets,
  keep: number,
  width: number,
  first: number,
  settled: number,
  extent: [number, number],
  mode: Mode,
  hash: string,
  smoothed: boolean,
): Line {
  const { starts } = buckets
  let last = starts.length - 1
  while (last > 0 && starts[last] > settled) last--
  const cursor =
    hash === '' || last < 0 ? '' : formatCursor({ hash, mode, width, first, keep: keep + last, restart: starts[last] })
  const { x, y, min, max, raw } = buckets
  const banded = mode !== 'points' || smoothed
  return {
    keep,
    x,
    y: smoothed || mode === 'points' ? y : raw,
    ...(banded ? { min, max } : {}),
    ...(smoothed ? { raw } : {}),
    bucket: width,
    points: 0,
    nonFinite: 0,
    extent,
    cursor,
  }
}

const formatCursor = ({ hash, mode, width, first, keep, restart }: Cursor) =>
  [hash, mode, width, first, keep, restart].join('~')

function parseCursor(text: string | undefined, hash: string): Cursor | null {
  const parts = text?.split('~')
  if (parts?.length !== 6 || parts[0] !== hash) return null
  const [width, first, keep, restart] = parts.slice(2).map(Number)
  if (![width, first, keep, restart].every((n) => Number.isFinite(n) && n >= 0)) return null
  if (![first, keep, restart].every(Number.isInteger)) return null
  return { hash, mode: parts[1] as Mode, width, first, keep, restart }
}
