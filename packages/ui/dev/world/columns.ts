/** Values of table columns. */
import type { ColumnId, Json, Scalar } from '@trainyard/tracker/api'
import { statisticsOf, type WorldRun } from './run.ts'

export function flatten(value: { [key: string]: Json }, prefix = '', into = new Map<string, Scalar>()) {
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== null && typeof inner === 'object' && !Array.isArray(inner)) flatten(inner, `${prefix}${key}.`, into)
    else into.set(prefix + key, Array.isArray(inner) ? JSON.stringify(inner) : inner)
  }
  return into
}

const flat = new WeakMap<WorldRun, Map<string, Scalar>>()
export function configOf(run: WorldRun): Map<string, Scalar> {
  let known = flat.get(run)
  if (!known) flat.set(run, (known = flatten(run.config)))
  return known
}

export const fields = [
  'name',
  'id',
  'state',
  'created',
  'updated',
  'duration',
  'group',
  'jobType',
  'tags',
  'notes',
  'user',
  'host',
  'command',
  'commit',
  'sweep',
  'archived',
  'step',
  'rows',
]

const travels = (value: number | undefined): Scalar =>
  value === undefined ? null : Number.isFinite(value) ? value : (String(value) as Scalar)

export function columnValue(run: WorldRun, column: ColumnId): Scalar {
  const dot = column.indexOf('.')
  const space = dot < 0 ? column : column.slice(0, dot)
  const key = column.slice(dot + 1)
  switch (space) {
    case 'config':
      return configOf(run).get(key) ?? null
    case 'summary':
      return run.curves.has(key) ? travels(statisticsOf(run, key)?.last) : ((run.summary[key] as Scalar) ?? null)
    case 'last':
    case 'min':
    case 'max':
    case 'mean':
    case 'first':
    case 'count':
      return travels(statisticsOf(run, key)?.[space])
    case 'updated':
      return run.created + run.duration
    case 'tags':
      return run.tags.join(', ')
    case 'step':
      return run.rows - 1
    case 'user':
      return 'ada'
    case 'host':
      return 'workstation'
    case 'command':
      return `node train.ts --lr ${configOf(run).get('lr') ?? 0.1}`
    case 'commit':
      return '4d49c71f0e'
    default:
      return (run[space as keyof WorldRun] as Scalar) ?? null
  }
}

export function compare(a: Scalar, b: Scalar): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), 'en', { numeric: true })
}
