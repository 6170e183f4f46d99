/** Values of columns for many runs at once. */
import { type ColumnRef, cellScalar, fieldSql, fields, parseColumn, type Scalar, spaces } from '../columns.ts'
import type { Database, Row } from '../database.ts'

/** What is asked for is no column. */
export class ColumnError extends Error {
  override name = 'ColumnError'
}

export function requireColumn(id: string): ColumnRef {
  const column = parseColumn(id)
  if (!column)
    throw new ColumnError(
      `"${id}" is no column: they are ${Object.keys(fields).join(', ')}, config.KEY, summary.KEY, and last, min, max, mean, first or count.METRIC`,
    )
  return column
}

function fieldValue(row: Row, field: keyof typeof fields): Scalar {
  const value = row.value
  if (field === 'archived') return value === 1
  if (typeof value === 'number' || typeof value === 'string') return value
  return null
}

/**
 * One column for the runs with these numbers.
 * @returns by number of the run; runs without a value are absent.
 */
export function columnCells(database: Database, column: ColumnRef, ids: readonly number[]): Map<number, Scalar> {
  const list = JSON.stringify(ids)
  const cells = new Map<number, Scalar>()
  if (column.kind === 'field') {
    const rows = database.all(
      `SELECT r.id AS id, ${fieldSql(column.field)} AS value FROM run r WHERE r.id IN (SELECT value FROM json_each(?))`,
      list,
    )
    for (const row of rows) {
      const value = fieldValue(row, column.field)
      if (value !== null) cells.set(Number(row.id), value)
    }
    return cells
  }
  const metric = column.kind === 'metric'
  const named = database.get(
    'SELECT id FROM column_name WHERE space = ? AND name = ?',
    metric ? spaces.metric : spaces[column.kind],
    column.key,
  )
  if (!named) return cells
  const text =
    metric && (column.statistic === 'last' || column.statistic === 'first') ? `${column.statistic}_text` : 'NULL'
  const what = metric ? `${column.statistic} AS number, ${text} AS text, 0 AS boolean` : 'number, text, boolean'
  // Few runs of many: look each up; all of them: walk the column once.
  const rows = database.all(
    `SELECT run_id, ${what} FROM ${metric ? 'metric' : 'value'} WHERE column_id = ? AND run_id IN (SELECT value FROM json_each(?))`,
    Number(named.id),
    list,
  )
  for (const row of rows) {
    const value = cellScalar(row.number as number | null, row.text as string | null, row.boolean === 1)
    if (value !== null) cells.set(Number(row.run_id), value)
  }
  return cells
}

/** An ORDER BY term: runs without a value last in either direction, numbers before texts. */
export function orderSql(
  pair: { number: { text: string } | null; text: { text: string } | null },
  descending: boolean,
): string {
  const direction = descending ? 'DESC' : 'ASC'
  const { number, text } = pair
  if (number && text)
    return `(${number.text} IS NULL AND ${text.text} IS NULL), ${number.text} IS NULL, ${number.text} ${direction}, ${text.text} ${direction}`
  const one = (number ?? text)?.text
  return `${one} IS NULL, ${one} ${direction}`
}
