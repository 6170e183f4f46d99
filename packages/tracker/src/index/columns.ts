/** Columns of the runs table: fields of a run, its config and summary, and the statistics of its metrics. */

export const fields = {
  name: 'text',
  id: 'text',
  state: 'text',
  created: 'time',
  updated: 'time',
  duration: 'number',
  group: 'text',
  jobType: 'text',
  tags: 'list',
  notes: 'text',
  user: 'text',
  host: 'text',
  command: 'text',
  commit: 'text',
  sweep: 'text',
  archived: 'number',
  step: 'number',
  rows: 'number',
} as const
export type Field = keyof typeof fields

/** Names in the table `run` where they differ from the field's: SQL keeps some words for itself. */
const sqlNames: { [K in Field]?: string } = { id: 'run', group: 'run_group', jobType: 'job_type', commit: 'git_commit' }
export const fieldSql = (field: Field): string => `r.${sqlNames[field] ?? field}`

export const statistics = ['last', 'min', 'max', 'mean', 'first', 'count'] as const
export type Statistic = (typeof statistics)[number]

export type ColumnRef =
  | { kind: 'field'; field: Field }
  | { kind: 'config' | 'summary'; key: string }
  | { kind: 'metric'; statistic: Statistic; key: string }

/** Understands `state`, `config.lr`, `min.val/acc`; null where it is no column. */
export function parseColumn(id: string): ColumnRef | null {
  const dot = id.indexOf('.')
  if (dot < 0) return Object.hasOwn(fields, id) ? { kind: 'field', field: id as Field } : null
  const space = id.slice(0, dot)
  const key = id.slice(dot + 1)
  if (key === '') return null
  if (space === 'config' || space === 'summary') return { kind: space, key }
  if ((statistics as readonly string[]).includes(space)) return { kind: 'metric', statistic: space as Statistic, key }
  return null
}

/** Number of a namespace in the table `column`. */
export const spaces = { config: 0, summary: 1, metric: 2 } as const
export type Space = keyof typeof spaces

/** What a column holds for a run: a number, or a text, or nothing. A boolean is 0 or 1 with `boolean`; what is not finite is a text. */
export interface Cell {
  number: number | null
  text: string | null
  boolean: boolean
}

export type Scalar = number | string | boolean | null

export const cellScalar = (number: number | null, text: string | null, boolean: boolean): Scalar =>
  number === null ? text : boolean ? number !== 0 : number

export function scalarCell(value: unknown): Cell {
  if (typeof value === 'number')
    return Number.isFinite(value)
      ? { number: value, text: null, boolean: false }
      : { number: null, text: String(value), boolean: false }
  if (typeof value === 'boolean') return { number: value ? 1 : 0, text: null, boolean: true }
  if (value === null || value === undefined) return { number: null, text: null, boolean: false }
  return { number: null, text: typeof value === 'string' ? value : JSON.stringify(value), boolean: false }
}

/** Nested objects as dotted keys; lists stay whole, as JSON text. */
export function flatten(values: { [key: string]: unknown }, prefix = '', depth = 0): Map<string, unknown> {
  const flat = new Map<string, unknown>()
  for (const [key, value] of Object.entries(values)) {
    const name = prefix + key
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < 10) {
      const inner = flatten(value as { [key: string]: unknown }, `${name}.`, depth + 1)
      if (inner.size === 0) flat.set(name, '{}')
      for (const [k, v] of inner) flat.set(k, v)
    } else flat.set(name, value)
  }
  return flat
}
