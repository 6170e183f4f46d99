/** Columns of the runs table: which are shown by themselves, how they are called, how wide they are, how their cells are written. */
import type { Column, ColumnId, Scalar } from '@trainyard/tracker/api'
import { number, toNumber } from '../../format/number.ts'
import { duration, moment } from '../../format/time.ts'

export const aggregates = ['last', 'min', 'max', 'mean', 'first', 'count'] as const
export type Aggregate = (typeof aggregates)[number]

export interface ColumnName {
  /** `config`, `summary`, an aggregate; '' for a field. */
  space: string
  key: string
}

const spaces = new Set<string>(['config', 'summary', ...aggregates])

export function splitColumn(id: ColumnId): ColumnName {
  const dot = id.indexOf('.')
  const space = dot < 0 ? '' : id.slice(0, dot)
  return spaces.has(space) ? { space, key: id.slice(dot + 1) } : { space: '', key: id }
}

export const isMetric = (id: ColumnId): boolean => (aggregates as readonly string[]).includes(splitColumn(id).space)

const fieldNames: { [field: string]: string } = {
  name: 'Name',
  id: 'ID',
  state: 'State',
  created: 'Created',
  updated: 'Updated',
  duration: 'Duration',
  group: 'Group',
  jobType: 'Job type',
  tags: 'Tags',
  notes: 'Notes',
  user: 'User',
  host: 'Host',
  command: 'Command',
  commit: 'Commit',
  sweep: 'Sweep',
  archived: 'Archived',
  step: 'Step',
  rows: 'Rows',
}

/** `Duration`, `optimizer.lr`, `val/loss`. */
export const columnTitle = (id: ColumnId): string => {
  const { space, key } = splitColumn(id)
  return space === '' ? (fieldNames[key] ?? key) : key
}

/** What stands small above the title: where the value comes from. */
export const columnCaption = (id: ColumnId): string => splitColumn(id).space

/** `min val/loss`, for lists and labels. */
export const columnLabel = (id: ColumnId): string => {
  const caption = columnCaption(id)
  return caption ? `${caption} ${columnTitle(id)}` : columnTitle(id)
}

export function columnWidth(id: ColumnId): number {
  const { space, key } = splitColumn(id)
  if (id === 'name') return 210
  if (space === '')
    return (
      { created: 104, updated: 104, duration: 92, state: 96, tags: 140, notes: 200, group: 128, command: 240 }[key] ??
      100
    )
  return Math.max(88, Math.min(180, 34 + 6.6 * Math.max(key.length, space.length)))
}

/**
 * What to show until somebody chooses (the state stands beside the name): age, what a sweep chose, the metrics, config that differs. Metrics of the machine and those
 * that only few runs have come last or not at all.
 */
export function automaticColumns(columns: readonly Column[], most = 14): ColumnId[] {
  const swept = columns.filter((column) => column.swept)
  const differing = columns.filter((column) => column.kind === 'config' && column.differs && !column.swept)
  const metrics = columns.filter((column) => column.kind === 'metric' && !column.key.startsWith('system/'))
  const rank = (column: Column) =>
    /(^|\/)(val|test|eval)/.test(column.key) ? 0 : /loss|acc|f1/.test(column.key) ? 1 : 2
  const best = [...metrics].sort((a, b) => rank(a) - rank(b) || b.runs - a.runs)
  const chosen = ['created', 'duration', ...swept.map(({ id }) => id)]
  const room = Math.max(4, most - chosen.length)
  chosen.push(...best.slice(0, Math.ceil(room / 2)).map(({ id }) => id))
  chosen.push(...differing.slice(0, Math.max(0, most - chosen.length)).map(({ id }) => id))
  return [...new Set(chosen)]
}

export const isNumeric = (value: Scalar): boolean => toNumber(value) !== null

/** Text of a cell. */
export function cell(id: ColumnId, value: Scalar): string {
  if (value === null || value === undefined) return ''
  if (id === 'created' || id === 'updated') return moment(value as number)
  if (id === 'duration') return duration(value as number)
  const numeric = toNumber(value)
  if (numeric !== null) return number(numeric)
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  return String(value)
}
