import type { ColumnRef } from '../index/columns.ts'
import { parseFilter } from '../index/filter/parse.ts'
import { Catalogue } from '../index/queries/catalogue.ts'
import { queryRuns } from '../index/queries/runs.ts'
import type { RunIndex } from '../index/runIndex.ts'
import { columnExpression } from '../server/api/common.ts'
import { nearest } from '../sweep/configuration/suggest.ts'
import { printable } from './io.ts'

const idOf = (column: ColumnRef): string => {
  if (column.kind === 'field') return column.field
  return `${column.kind === 'metric' ? column.statistic : column.kind}.${column.key}`
}

/** The columns that a filter names. */
export function columnsOf(filter: string): string[] {
  const found = new Set<string>()
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    if ('column' in part) found.add(idOf(part.column as ColumnRef))
    for (const inner of Object.values(part)) visit(inner)
  }
  visit(parseFilter(filter))
  return [...found]
}

/**
 * A sentence for each of the columns that no run of the project has, archived ones included: a filter with a misspelt name
 * holds for no run, which looks like an answer.
 */
export function missingColumns(index: RunIndex, project: string, columns: readonly string[]): string[] {
  // A field, such as `group`, is a column of every run; one that is not known is refused already.
  const missing = columns.filter(
    (column) =>
      column.includes('.') &&
      queryRuns(index.database, project, { where: `${columnExpression(column)} != null`, archived: true, limit: 1 })
        .total === 0,
  )
  if (missing.length === 0) return []
  const known = new Catalogue(index.database).queryColumns(project, { limit: 100_000 }).columns.map(({ id }) => id)
  return missing.map((column) => {
    const space = column.slice(0, column.indexOf('.') + 1)
    // Metrics are listed as `last.METRIC` only; the other statistics have the same names.
    const inSpace = known.map((id) =>
      id.startsWith('last.') && /^(min|max|mean|first|count)\.$/.test(space) ? space + id.slice(5) : id,
    )
    const likely = nearest(
      column,
      inSpace.filter((id) => id.startsWith(space)),
    )
    return printable(
      `no run has ${column}${likely === undefined || likely === column ? '' : `; did you mean ${likely}?`}`,
    )
  })
}
