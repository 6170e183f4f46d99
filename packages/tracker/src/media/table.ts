/** Rows and columns of anything, pictures included. */
import { toJson } from '../log/records.ts'
import { MEDIA_CELL, Media, MediaError, type MediaInput, type TableCell } from './input.ts'

/**
 * A table for `run.log`. Cells are JSON, or media such as `Image`.
 * @param rows Arrays in the order of the columns, or objects by column.
 * @throws MediaError where a row has another number of cells than there are columns.
 * @example
 * ```ts
 * const run = await init({ mode: 'disabled' })
 * const table = new Table(['picture', 'truth', 'guess'])
 * table.add(new Image({ data: new Uint8Array(784), width: 28, height: 28 }), 3, 8)
 * console.log(table.length) // 1
 * run.log({ mistakes: table })
 * ```
 */
export class Table extends Media {
  readonly columns: string[]
  private readonly rows: TableCell[][] = []

  constructor(columns: string[], rows: (unknown[] | { [column: string]: unknown })[] = []) {
    super()
    this.columns = columns.map(String)
    if (new Set(this.columns).size < columns.length) throw new MediaError(`Table: a column is named twice: ${columns}`)
    for (const row of rows) this.add(...(Array.isArray(row) ? row : this.columns.map((column) => row[column] ?? null)))
  }

  /** Adds a row at the end. */
  add(...cells: unknown[]): this {
    if (cells.length !== this.columns.length)
      throw new MediaError(
        `Table: row ${this.rows.length} has ${cells.length} cells for ${this.columns.length} columns`,
      )
    this.rows.push(cells.map((cell) => (cell instanceof Media ? { [MEDIA_CELL]: cell.toInput() } : toJson(cell))))
    return this
  }

  /** Number of rows. */
  get length(): number {
    return this.rows.length
  }

  /** What is kept, in plain numbers and texts. */
  toInput(): MediaInput {
    return { kind: 'table', columns: this.columns, rows: this.rows.slice() }
  }
}
