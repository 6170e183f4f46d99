/** Series as the index has them: digests of all, points of those pieces that somebody looks at. */
import type { Database } from '../database.ts'
import { BLOCK, BLOCK_WIDTH, CHUNK, Digest, decodePoints, type Points } from './chunk.ts'
import { Lru } from './lru.ts'

const POINT_BYTES = 24

/** One series of one run. Fresh after {@link SeriesStore.open}; valid until the index is written to. */
export class Series {
  /** Distinguishes it in caches. */
  readonly id: string
  /** Digests, {@link BLOCK_WIDTH} numbers each. */
  blocks = new Float64Array(0)
  blockCount = 0
  /** Points in all. */
  count = 0
  /** Whether steps never descend. */
  ordered = true
  nonFinite = 0
  private fullBlocks = 0
  private fullNonFinite = 0
  private fullOrdered = true
  private readonly store: SeriesStore
  private readonly run: number
  private readonly metric: number

  constructor(store: SeriesStore, run: number, metric: number) {
    this.store = store
    this.run = run
    this.metric = metric
    this.id = `${run}/${metric}`
  }

  /** Reads what the index got since the last time. */
  refresh(database: Database): void {
    this.blockCount = this.fullBlocks
    this.nonFinite = this.fullNonFinite
    this.ordered = this.fullOrdered
    this.count = this.fullBlocks * BLOCK
    const rows = database.all(
      'SELECT first, count, blocks FROM chunk WHERE run_id = ? AND metric = ? AND first >= ? ORDER BY first',
      this.run,
      this.metric,
      this.count,
    )
    for (const { first, count, blocks } of rows) {
      // What was read here before may have been a shorter piece.
      this.store.forgetChunk(this.id, Number(first))
      this.append(blocks as Uint8Array)
      this.count += Number(count)
      if (Number(count) < CHUNK) break
      this.fullBlocks = this.blockCount
      this.fullNonFinite = this.nonFinite
      this.fullOrdered = this.ordered
    }
    // The last chunk, though full, may still have its last value replaced.
    if (this.fullBlocks * BLOCK === this.count && this.fullBlocks > 0) {
      this.fullBlocks -= CHUNK / BLOCK
      this.fullNonFinite = 0
      this.fullOrdered = true
      for (let at = 0; at < this.fullBlocks * BLOCK_WIDTH; at += BLOCK_WIDTH) {
        this.fullNonFinite += this.blocks[at + Digest.nonFinite]
        if (!this.isOrdered(at)) this.fullOrdered = false
      }
    }
  }

  private isOrdered(at: number): boolean {
    const { blocks } = this
    if (blocks[at + Digest.ordered] === 0) return false
    return at === 0 || blocks[at + Digest.firstStep] >= blocks[at - BLOCK_WIDTH + Digest.lastStep]
  }

  private append(bytes: Uint8Array): void {
    const blocks = new Float64Array(bytes.slice().buffer)
    const at = this.blockCount * BLOCK_WIDTH
    if (at + blocks.length > this.blocks.length) {
      const grown = new Float64Array(Math.max(at + blocks.length, this.blocks.length * 2))
      grown.set(this.blocks)
      this.blocks = grown
    }
    this.blocks.set(blocks, at)
    this.blockCount += blocks.length / BLOCK_WIDTH
    for (let i = at; i < at + blocks.length; i += BLOCK_WIDTH) {
      this.nonFinite += this.blocks[i + Digest.nonFinite]
      if (!this.isOrdered(i)) this.ordered = false
    }
  }

  /** The chunk that has a point; `first` is the number of its first point. */
  chunk(point: number): { first: number; points: Points } {
    const first = Math.floor(point / CHUNK) * CHUNK
    return { first, points: this.store.chunk(this.id, this.run, this.metric, first) }
  }

  /** Points from `from` to before `to`, copied together. */
  read(from: number, to: number): Points {
    const count = Math.max(0, to - from)
    const all: Points = {
      count,
      steps: new Float64Array(count),
      times: new Float64Array(count),
      values: new Float64Array(count),
    }
    for (let at = from; at < to; ) {
      const { first, points } = this.chunk(at)
      const end = Math.min(to, first + points.count)
      if (end <= at) throw new Error(`series ${this.id} lacks its points from ${at}`)
      for (const name of ['steps', 'times', 'values'] as const)
        all[name].set(points[name].subarray(at - first, end - first), at - from)
      at = end
    }
    return all
  }

  /**
   * How many points have an x below `x` (or at it, with `orEqual`); steps must be ordered for that.
   * @param first Column of a digest, @param pick column of the points.
   */
  search(x: number, by: 'steps' | 'times', orEqual: boolean): number {
    if (this.count === 0) return 0
    const column = by === 'steps' ? Digest.firstStep : Digest.firstTime
    const before = (value: number) => value < x || (orEqual && value === x)
    let low = 0
    let high = this.blockCount
    while (low < high) {
      const middle = (low + high) >> 1
      if (before(this.blocks[middle * BLOCK_WIDTH + column])) low = middle + 1
      else high = middle
    }
    if (low === 0) return 0
    const start = (low - 1) * BLOCK
    const { first, points } = this.chunk(start)
    let from = start - first
    let to = Math.min(points.count, from + BLOCK)
    while (from < to) {
      const middle = (from + to) >> 1
      if (before(points[by][middle])) from = middle + 1
      else to = middle
    }
    return first + from
  }
}

export class SeriesStore {
  private readonly database: Database
  private readonly series: Lru<string, Series>
  private readonly chunks: Lru<string, Points>
  private readonly metrics = new Map<string, number>()

  /** @param bytes Memory for points that were read, about. */
  constructor(database: Database, bytes = 48e6) {
    this.database = database
    this.series = new Lru(bytes / 2)
    this.chunks = new Lru(bytes)
  }

  /** The series of a metric; null where the run has logged nothing under it. */
  open(run: number, metric: string): Series | null {
    let id = this.metrics.get(metric)
    if (id === undefined) {
      const row = this.database.get('SELECT id FROM column_name WHERE space = 2 AND name = ?', metric)
      if (!row) return null
      this.metrics.set(metric, (id = Number(row.id)))
    }
    const key = `${run}/${id}`
    const series = this.series.get(key) ?? new Series(this, run, id)
    series.refresh(this.database)
    if (series.count === 0) return null
    this.series.set(key, series, 200 + series.blocks.byteLength)
    return series
  }

  chunk(id: string, run: number, metric: number, first: number): Points {
    const key = `${id}/${first}`
    const known = this.chunks.get(key)
    if (known) return known
    const row = this.database.get(
      'SELECT count, points FROM chunk WHERE run_id = ? AND metric = ? AND first = ?',
      run,
      metric,
      first,
    )
    if (!row) throw new Error(`series ${id} lacks its points from ${first}`)
    const count = Number(row.count)
    const points = decodePoints(row.points as Uint8Array, count)
    this.chunks.set(key, points, count * POINT_BYTES)
    return points
  }

  /** The chunk from `first` on has changed, or may have. */
  forgetChunk(id: string, first: number): void {
    this.chunks.delete(`${id}/${first}`)
  }

  /** Of a run that was deleted or indexed anew. */
  forgetRun(run: number): void {
    const prefix = `${run}/`
    this.series.deleteWhere((key) => key.startsWith(prefix))
    this.chunks.deleteWhere((key) => key.startsWith(prefix))
  }
}
