/** The end of a series that is being written: points that are not in a full chunk of the index yet. */
import { CHUNK, type Points } from './chunk.ts'

export class SeriesTail {
  /** Number of the first point here within the series. */
  first: number
  count = 0
  /** Whether something changed since it was saved. */
  dirty = false
  private steps: Float64Array
  private times: Float64Array
  private values: Float64Array
  private lastRow = -1

  constructor(first = 0, saved?: Points) {
    this.first = first
    const size = Math.max(64, saved?.count ?? 0)
    this.steps = new Float64Array(size)
    this.times = new Float64Array(size)
    this.values = new Float64Array(size)
    if (!saved) return
    this.steps.set(saved.steps)
    this.times.set(saved.times)
    this.values.set(saved.values)
    this.count = saved.count
  }

  /** @param row Number of the row in the log: a second value of the same row replaces the first. */
  push(row: number, step: number, time: number, value: number): void {
    this.dirty = true
    if (row === this.lastRow && this.count > 0) {
      this.values[this.count - 1] = value
      return
    }
    this.lastRow = row
    if (this.count === this.steps.length) this.grow()
    this.steps[this.count] = step
    this.times[this.count] = time
    this.values[this.count++] = value
  }

  /** After a restart: which row the last point belongs to. */
  continueFrom(row: number): void {
    this.lastRow = row
  }

  get row(): number {
    return this.lastRow
  }

  private grow(): void {
    const size = this.count * 2
    for (const name of ['steps', 'times', 'values'] as const) {
      const grown = new Float64Array(size)
      grown.set(this[name])
      this[name] = grown
    }
  }

  /** Pieces to save, each at most a chunk; full ones that cannot change any more leave the tail. */
  *save(): Generator<{ first: number; points: Points }> {
    this.dirty = false
    let at = 0
    while (at < this.count) {
      const count = Math.min(CHUNK, this.count - at)
      const slice = (array: Float64Array) => array.subarray(at, at + count)
      yield {
        first: this.first + at,
        points: { count, steps: slice(this.steps), times: slice(this.times), values: slice(this.values) },
      }
      at += count
    }
    // The very last point may still be replaced, so a chunk leaves only when there is a point behind it.
    const full = Math.floor((this.count - 1) / CHUNK) * CHUNK
    if (full <= 0) return
    for (const name of ['steps', 'times', 'values'] as const)
      this[name] = this[name].slice(full, Math.max(full + 64, this.count))
    this.first += full
    this.count -= full
  }
}
