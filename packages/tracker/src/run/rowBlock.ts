/** Gathers rows of any keys into one block of columns. */
import { type Column, MAX_ROWS, maxRows, type Rows } from '../log/rows.ts'

class Gathered {
  values = new Float64Array(64)
  rows = new Uint32Array(64)
  count = 0

  push(row: number, value: number): void {
    if (this.count === this.values.length) {
      const values = new Float64Array(this.count * 2)
      values.set(this.values)
      this.values = values
      const rows = new Uint32Array(this.count * 2)
      rows.set(this.rows)
      this.rows = rows
    }
    this.values[this.count] = value
    this.rows[this.count++] = row
  }
}

export class RowBlock {
  count = 0
  private readonly steps = new Float64Array(MAX_ROWS)
  private readonly times = new Float64Array(MAX_ROWS)
  private readonly continues = new Uint8Array(MAX_ROWS)
  private continued = false
  private readonly columns = new Map<number, Gathered>()

  /** @returns the row's number in the block. */
  row(step: number, time: number, continues: boolean): number {
    const row = this.count++
    this.steps[row] = step
    this.times[row] = time
    this.continues[row] = continues ? 1 : 0
    if (continues) this.continued = true
    return row
  }

  value(key: number, row: number, value: number): void {
    let column = this.columns.get(key)
    if (!column) this.columns.set(key, (column = new Gathered()))
    column.push(row, value)
  }

  get full(): boolean {
    return this.count >= maxRows(this.columns.size + 1)
  }

  /** The block so far, and a new beginning. Its arrays are valid until the next row. */
  take(): Rows {
    const { count } = this
    const columns: Column[] = []
    for (const [key, gathered] of this.columns) {
      if (gathered.count === 0) continue
      columns.push({
        key,
        rows: gathered.count === count ? null : gathered.rows.subarray(0, gathered.count),
        values: gathered.values.subarray(0, gathered.count),
      })
      gathered.count = 0
    }
    const rows: Rows = {
      count,
      steps: this.steps.subarray(0, count),
      times: this.times.subarray(0, count),
      continues: this.continued ? this.continues.subarray(0, count) : null,
      columns,
    }
    this.count = 0
    this.continued = false
    return rows
  }
}
