/** A run as the table has it: its facts, and the values of the columns that were asked for. */
import type { ColumnId, RunRow, Scalar } from '@trainyard/tracker/api'

export interface TableRow extends RunRow {
  /** Where each column that was asked for is in `values`. */
  at: ReadonlyMap<ColumnId, number>
}

const own = new Set(['name', 'id', 'state', 'created', 'updated', 'duration', 'group', 'jobType', 'sweep', 'archived'])

/** Columns that every row has without asking. */
export const isOwn = (column: ColumnId): boolean => own.has(column) || column === 'tags'

export function rowValue(row: TableRow, column: ColumnId): Scalar {
  if (column === 'tags') return row.tags.join(', ')
  if (own.has(column)) return row[column as keyof RunRow] as Scalar
  const at = row.at.get(column)
  return at === undefined ? null : row.values[at]
}

/** Gives rows of an answer the columns that were asked for. */
export function tableRows(rows: readonly RunRow[], columns: readonly ColumnId[]): TableRow[] {
  const at = new Map(columns.map((column, index) => [column, index]))
  return rows.map((row) => ({ ...row, at }))
}
