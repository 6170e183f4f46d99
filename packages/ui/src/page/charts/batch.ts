/**
 * Joins the questions of charts on screen: those that share axis, smoothing, range and pixels go to the server together, so that twenty
 * panels of ten runs cost two requests instead of twenty.
 */
import type { SeriesAnswer, SeriesData, SeriesQuery } from '@trainyard/tracker/api'

export type SeriesRequest = Required<Pick<SeriesQuery, 'series' | 'x' | 'pixels' | 'smoothing'>> &
  Pick<SeriesQuery, 'range'>
type Ask = (query: SeriesQuery) => Promise<SeriesAnswer>

interface Waiting {
  request: SeriesRequest
  resolve(series: SeriesData[]): void
  reject(reason: unknown): void
  signal: AbortSignal | undefined
}

/** Series in one request. Few enough that the first charts are there while the others are still being asked for. */
const most = 60

export class SeriesBatcher {
  #waiting = new Map<string, Waiting[]>()
  #scheduled = false
  #ask: Ask
  #delay: number

  constructor(ask: Ask, delay = 8) {
    this.#ask = ask
    this.#delay = delay
  }

  /** Series in the order of the request. An aborted question is not asked any more, or its answer is dropped. */
  request(request: SeriesRequest, signal?: AbortSignal): Promise<SeriesData[]> {
    if (request.series.length === 0) return Promise.resolve([])
    const { x, range, pixels, smoothing } = request
    const key = JSON.stringify([x, range ?? null, pixels, smoothing])
    return new Promise((resolve, reject) => {
      const waiting = { request, resolve, reject, signal }
      this.#waiting.get(key)?.push(waiting) ?? this.#waiting.set(key, [waiting])
      if (this.#scheduled) return
      this.#scheduled = true
      setTimeout(() => this.#flush(), this.#delay)
    })
  }

  #flush(): void {
    this.#scheduled = false
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const group of all) {
      let batch: Waiting[] = []
      let size = 0
      for (const waiting of group) {
        if (waiting.signal?.aborted) {
          waiting.reject(waiting.signal.reason)
          continue
        }
        if (batch.length > 0 && size + waiting.request.series.length > most) {
          void this.#send(batch)
          batch = []
          size = 0
        }
        batch.push(waiting)
        size += waiting.request.series.length
      }
      if (batch.length > 0) void this.#send(batch)
    }
  }

  async #send(batch: Waiting[]): Promise<void> {
    const { x, range, pixels, smoothing } = batch[0].request
    try {
      const series = batch.flatMap((waiting) => waiting.request.series)
      const answer = await this.#ask({ series, x, pixels, smoothing, ...(range ? { range } : {}) })
      let at = 0
      for (const { request, resolve, reject, signal } of batch) {
        const own = answer.series.slice(at, (at += request.series.length))
        if (signal?.aborted) reject(signal.reason)
        else resolve(own)
      }
    } catch (reason) {
      for (const waiting of batch) waiting.reject(reason)
    }
  }
}
