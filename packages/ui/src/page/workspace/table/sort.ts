/** What a click on a header does to the sorting. */
import type { SortKey } from '../state.ts'

export function cycled(sort: readonly SortKey[], column: string, more: boolean): SortKey[] {
  const known = sort.find((key) => key.column === column)
  const next =
    known === undefined ? { column, descending: false } : known.descending ? null : { column, descending: true }
  if (!more) return next ? [next] : []
  if (known === undefined) return [...sort, next!]
  return sort.flatMap((key) => (key !== known ? key : (next ?? [])))
}
