/** The row that was ticked last. By its id: rows move when runs begin or the order changes. */
interface Anchor {
  readonly id: string
  readonly row: number
}

/** Rows around its last place in which the anchor is looked for. */
const FARTHEST = 1000

/** Which rows are ticked: one, a range with shift, all that match. */
export class Selection {
  #ids: Set<string>
  #anchor: Anchor | null

  constructor(ids: Iterable<string> = [], anchor: Anchor | null = null) {
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
    const next = new Selection(this.#ids, { id, row })
    const on = !this.#ids.has(id)
    const from = range ? (this.#anchorRow(idAt) ?? row) : row
    for (let at = Math.min(from, row); at <= Math.max(from, row); at++) {
      const one = at === row ? id : idAt(at)
      if (one === undefined) continue
      if (on) next.#ids.add(one)
      else next.#ids.delete(one)
    }
    return next
  }

  /** Where the row that was ticked last stands now, as far as rows are loaded; null where another has its place. */
  #anchorRow(idAt: (row: number) => string | undefined): number | null {
    if (!this.#anchor) return null
    const { id, row } = this.#anchor
    for (let distance = 0; distance <= FARTHEST; distance++) {
      if (idAt(row - distance) === id) return row - distance
      if (idAt(row + distance) === id) return row + distance
    }
    return idAt(row) === undefined ? row : null
  }

  without(ids: Iterable<string>): Selection {
    const next = new Selection(this.#ids, this.#anchor)
    for (const id of ids) next.#ids.delete(id)
    return next
  }
}
