/**
 * A long list of which only pages are loaded: those that somebody looks at. When the question changes, the rows of before stay until the
 * new ones are there, so that the table never flashes.
 */
export interface Page<T> {
  total: number
  rows: T[]
}

export type Load<T> = (offset: number, limit: number, signal: AbortSignal) => Promise<Page<T>>

export class PagedRows<T> {
  total = 0
  /** Loaded at least once since the last question. */
  ready = false
  loading = false
  error: Error | undefined
  readonly pageSize: number
  #rows = new Map<number, T[]>()
  #fresh = new Set<number>()
  #flying = new Map<number, AbortController>()
  #load: Load<T> | undefined
  #changed: () => void

  constructor(changed: () => void, pageSize = 100) {
    this.#changed = changed
    this.pageSize = pageSize
  }

  /** Asks anew. What is shown stays until the answer; `first` and `last` say what somebody looks at. */
  ask(load: Load<T>, first = 0, last = this.pageSize - 1): void {
    this.#load = load
    this.#abort()
    this.#fresh.clear()
    this.ready = false
    this.error = undefined
    this.want(first, last)
  }

  /** The same question again, for rows that changed. */
  refresh(first: number, last: number): void {
    if (!this.#load) return
    for (const page of [...this.#fresh]) if (!this.#flying.has(page)) this.#fresh.delete(page)
    this.want(first, last)
  }

  /** Loads what is missing between two rows. */
  want(first: number, last: number): void {
    const from = Math.max(0, Math.floor(first / this.pageSize))
    const end = this.ready ? Math.min(last, this.total - 1) : last
    for (let page = from; page <= Math.floor(end / this.pageSize); page++)
      if (!this.#fresh.has(page) && !this.#flying.has(page)) void this.#fetch(page)
  }

  get(index: number): T | undefined {
    return this.#rows.get(Math.floor(index / this.pageSize))?.[index % this.pageSize]
  }

  /** Loaded rows in order, as far as they go without a gap. */
  *leading(): Generator<T> {
    for (let page = 0; ; page++) {
      const rows = this.#rows.get(page)
      if (!rows) return
      yield* rows
      if (rows.length < this.pageSize) return
    }
  }

  *loaded(): Generator<[number, T]> {
    for (const [page, rows] of this.#rows)
      for (let i = 0; i < rows.length; i++) yield [page * this.pageSize + i, rows[i]]
  }

  close(): void {
    this.#abort()
    this.#load = undefined
  }

  #abort(): void {
    for (const controller of this.#flying.values()) controller.abort()
    this.#flying.clear()
    this.loading = false
  }

  async #fetch(page: number): Promise<void> {
    const load = this.#load
    if (!load) return
    const controller = new AbortController()
    this.#flying.set(page, controller)
    this.loading = true
    this.#changed()
    try {
      const { total, rows } = await load(page * this.pageSize, this.pageSize, controller.signal)
      if (this.#flying.get(page) !== controller) return
      if (!this.ready) {
        // First answer to a new question: nothing of before is true any more.
        this.#rows.clear()
        this.ready = true
      }
      this.total = total
      for (const known of this.#rows.keys()) if (known * this.pageSize >= total) this.#rows.delete(known)
      this.#rows.set(page, rows)
      this.#fresh.add(page)
      this.error = undefined
    } catch (reason) {
      if (this.#flying.get(page) !== controller) return
      this.error = reason instanceof Error ? reason : new Error(String(reason))
    }
    this.#flying.delete(page)
    this.loading = this.#flying.size > 0
    this.#changed()
  }
}
