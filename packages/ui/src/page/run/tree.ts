/** Nested values as rows of a tree, and flat for a search. */
import type { Json } from '@trainyard/tracker/api'

export interface TreeRow {
  /** `optimizer.lr` */
  path: string
  /** What stands in the row: the last part, or the whole path while one searches. */
  name: string
  depth: number
  value: Json
  /** How many are inside; null for a leaf. */
  size: number | null
}

const isBranch = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0

const byName = ([a]: [string, Json], [b]: [string, Json]) => a.localeCompare(b, 'en', { numeric: true })

export function treeRows(value: { [key: string]: Json }, closed: ReadonlySet<string>, search = ''): TreeRow[] {
  const rows: TreeRow[] = []
  const wanted = search.trim().toLowerCase()
  const walk = (inner: { [key: string]: Json }, prefix: string, depth: number) => {
    for (const [name, child] of Object.entries(inner).sort(byName)) {
      const path = prefix + name
      if (isBranch(child)) {
        if (!wanted) rows.push({ path, name, depth, value: child, size: Object.keys(child).length })
        if (wanted || !closed.has(path)) walk(child, `${path}.`, depth + 1)
      } else if (!wanted || path.toLowerCase().includes(wanted) || leafText(child).toLowerCase().includes(wanted))
        rows.push({ path, name: wanted ? path : name, depth: wanted ? 0 : depth, value: child, size: null })
    }
  }
  walk(value, '', 0)
  return rows
}

export const leafText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Leaves by path. */
export function flatten(value: { [key: string]: Json }): Map<string, Json> {
  return new Map(
    treeRows(value, new Set()).flatMap((row) => (row.size === null ? [[row.path, row.value] as const] : [])),
  )
}
