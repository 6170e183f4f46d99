/**
 * The series of one chart. A change of the question asks for what is missing only; what is new on the server is asked for with cursors, so
 * that a live chart costs its new points.
 */
import type { SeriesData } from '@trainyard/tracker/api'
import type { SeriesRequest } from './batch.ts'
import { merge, seriesKey } from './merge.ts'

export type Request = (request: SeriesRequest, signal?: AbortSignal) => Promise<SeriesData[]>

type Question = Omit<SeriesRequest, 'series'>
export interface Wanted {
  run: string
  metric: string
}

export class SeriesLoader {
  data = new Map<string, SeriesData>()
  /** Something is being asked for that is not there at all yet. */
  loading = false
  error: Error | undefined
  #wanted: Wanted[] = []
  #question: Question | undefined
  #shape = ''
  #request: Request
  #changed: () => void
  #controller = new AbortController()
  #updating = false
  #again = new Set<string>()
  #flying = new Set<string>()

  constructor(request: Request, changed: () => void) {
    this.#request = request
    this.#changed = changed
  }

  /** Says what the chart shows now. */
  set(wanted: readonly Wanted[], question: Question): void {
    const shape = JSON.stringify([question.x, question.range ?? null, question.pixels, question.smoothing])
    const keys = new Set(wanted.map(({ run, metric }) => seriesKey(run, metric)))
    const anew = shape !== this.#shape
    const missing = anew
      ? [...wanted]
      : wanted.filter(({ run, metric }) => {
          const key = seriesKey(run, metric)
          return !this.data.has(key) && !this.#flying.has(key)
        })
    this.#wanted = [...wanted]
    this.#question = question
    this.#shape = shape
    if (anew) {
      this.#controller.abort()
      this.#controller = new AbortController()
      this.#updating = false
      this.#again.clear()
      this.#flying.clear()
    }
    let dropped = false
    for (const key of this.data.keys())
      if (!keys.has(key)) {
        this.data.delete(key)
        dropped = true
      }
    if (missing.length > 0) void this.#load(missing)
    else if (dropped) this.#changed()
  }

  /** Asks for everything once more: after an error, or when the connection had been lost. */
  reload(): void {
    if (!this.#question) return
    this.#shape = ''
    this.set(this.#wanted, this.#question)
  }

  /** Some runs logged more. `keys` null: many metrics. */
  poke(runs: Iterable<{ run: string; keys: ReadonlySet<string> | null }>): void {
    for (const { run, keys } of runs)
      for (const wanted of this.#wanted) {
        const axis = this.#question?.x
        const concerned =
          keys === null || keys.has(wanted.metric) || (typeof axis === 'object' && keys.has(axis.metric))
        if (wanted.run === run && concerned) this.#again.add(seriesKey(run, wanted.metric))
      }
    void this.#update()
  }

  close(): void {
    this.#controller.abort()
    this.#wanted = []
    this.#again.clear()
  }

  async #load(wanted: Wanted[]): Promise<void> {
    const { signal } = this.#controller
    for (const { run, metric } of wanted) this.#flying.add(seriesKey(run, metric))
    this.loading = true
    this.#changed()
    try {
      const answers = await this.#request({ ...this.#question!, series: wanted }, signal)
      this.error = undefined
      this.#take(answers, false)
    } catch (reason) {
      if (signal.aborted) return
      this.error = reason instanceof Error ? reason : new Error(String(reason))
    }
    for (const { run, metric } of wanted) this.#flying.delete(seriesKey(run, metric))
    this.loading = this.#flying.size > 0
    this.#changed()
  }

  /** One at a time: while an answer is on its way, what changes is gathered for the next. */
  async #update(): Promise<void> {
    if (this.#updating || this.#again.size === 0) return
    const { signal } = this.#controller
    this.#updating = true
    const series = this.#wanted
      .filter(({ run, metric }) => this.#again.has(seriesKey(run, metric)))
      .map(({ run, metric }) => ({ run, metric, cursor: this.data.get(seriesKey(run, metric))?.cursor }))
      .filter(({ cursor }) => cursor !== undefined)
    this.#again.clear()
    try {
      this.#take(await this.#request({ ...this.#question!, series }, signal), true)
      if (series.length > 0) this.#changed()
    } catch {
      // A live update that fails is made up for by the next.
    }
    if (signal.aborted) return
    this.#updating = false
    void this.#update()
  }

  #take(answers: SeriesData[], join: boolean): void {
    const wanted = new Set(this.#wanted.map(({ run, metric }) => seriesKey(run, metric)))
    for (const answer of answers) {
      const key = seriesKey(answer.run, answer.metric)
      if (wanted.has(key)) this.data.set(key, join ? merge(this.data.get(key), answer) : answer)
    }
  }
}
