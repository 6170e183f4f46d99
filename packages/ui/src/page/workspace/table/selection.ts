/** Which rows are ticked: one, a range with shift, all that match. */
export class Selection {
  #ids: Set<string>
  #anchor: number | null

  constructor(ids: Iterable<string> = [], anchor: number | null = null) {
    this.#ids = new Set(ids)
    this.#anchor = anchor
  }

  get size(): number {
    return this.#ids.size
  }

  get ids(): string[] {
    return [...this.#ids]
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  /** Ticks or unticks one; with `range`, all between the last one and it, as far as `idAt` knows them, become what it becomes. */
  toggle(row: number, id: string, range: boolean, idAt: (row: number) => string | undefined): Selection {
    const next = new Selection(this.#ids, row)
    const on = !this.#ids.has(id)
    const from = range && this.#anchor !== null ? this.#anchor : row
    for (let at = Math.min(from, row); at <= Math.max(from, row); at++) {
      const one = at === row ? id : idAt(at)
      if (one === undefined) continue
      if (on) next.#ids.add(one)
      else next.#ids.delete(one)
    }
    return next
  }

  without(ids: Iterable<string>): Selection {
    const next = new Selection(this.#ids, this.#anchor)
    for (const id of ids) next.#ids.delete(id)
    return next
  }
}
