/** A grouped table as one long list: each group a row, below an open one its runs. */
export interface GroupShape {
  /** Stable name of the group. */
  id: string
  count: number
}

export type Place = { kind: 'group'; group: number } | { kind: 'run'; group: number; index: number }

export const groupId = (key: readonly unknown[]): string => JSON.stringify(key)

export class Tree {
  readonly length: number
  #starts: number[] = []

  constructor(groups: readonly GroupShape[], open: ReadonlySet<string>) {
    let at = 0
    for (const { id, count } of groups) {
      this.#starts.push(at)
      at += 1 + (open.has(id) ? count : 0)
    }
    this.length = at
  }

  /** What stands in a row. */
  at(row: number): Place | undefined {
    if (row < 0 || row >= this.length) return undefined
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#starts[middle] <= row) low = middle
      else high = middle - 1
    }
    const index = row - this.#starts[low] - 1
    return index < 0 ? { kind: 'group', group: low } : { kind: 'run', group: low, index }
  }

  /** Row of a group. */
  start(group: number): number {
    return this.#starts[group]
  }
}
