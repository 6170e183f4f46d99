/** The runs table: selection, sorting, groups, columns. */
import type {
  Aggregate,
  ColumnsQuery,
  GroupsQuery,
  Metric,
  MetricsQuery,
  RunColumnsQuery,
  RunRow,
  RunsQuery,
  Scalar,
} from '@trainyard/tracker/api'
import { columnValue, compare, configOf, fields } from '../world/columns.ts'
import { compile } from '../world/filter.ts'
import type { WorldRun } from '../world/run.ts'
import { mediaKinds } from './media.ts'

export function row(run: WorldRun, columns: string[] = []): RunRow {
  return {
    id: run.id,
    name: run.name,
    state: run.state,
    created: run.created,
    updated: run.created + run.duration,
    duration: run.duration,
    group: run.group,
    jobType: run.jobType,
    tags: run.tags,
    archived: run.archived,
    color: run.color,
    sweep: run.sweep,
    revision: run.revision,
    values: columns.map((column) => columnValue(run, column)),
  }
}

type Selection = Pick<RunsQuery, 'where' | 'search' | 'runs' | 'archived'>

function select(all: WorldRun[], { where, search, runs, archived }: Selection): WorldRun[] {
  let chosen = all
  if (runs) {
    const byId = new Map(all.map((run) => [run.id, run]))
    chosen = runs.flatMap((id) => byId.get(id) ?? [])
  }
  if (!archived) chosen = chosen.filter((run) => !run.archived)
  if (search) {
    const text = search.toLowerCase()
    chosen = chosen.filter((run) =>
      `${run.name}\n${run.id}\n${run.group ?? ''}\n${run.tags.join('\n')}`.toLowerCase().includes(text),
    )
  }
  if (where?.trim()) {
    const matches = compile(where)
    chosen = chosen.filter(matches)
  }
  return chosen
}

export function queryRuns(all: WorldRun[], query: RunsQuery) {
  let chosen = select(all, query)
  const { group, sort = [], offset = 0, limit = 100, columns } = query
  if (group) chosen = chosen.filter((run) => group.by.every((by, i) => columnValue(run, by) === group.key[i]))
  if (sort.length > 0) {
    const keyed = chosen.map((run) => ({ run, keys: sort.map(({ column }) => columnValue(run, column)) }))
    keyed.sort((a, b) => {
      for (let i = 0; i < sort.length; i++) {
        const [x, y] = [a.keys[i], b.keys[i]]
        if (x === null || y === null) {
          if (x !== y) return x === null ? 1 : -1
          continue
        }
        const order = compare(x, y)
        if (order !== 0) return sort[i].descending ? -order : order
      }
      return 0
    })
    chosen = keyed.map(({ run }) => run)
  } else if (!query.runs) chosen = [...chosen].sort((a, b) => b.created - a.created)
  return { total: chosen.length, rows: chosen.slice(offset, offset + limit).map((run) => row(run, columns)) }
}

function aggregate(values: Scalar[]): Aggregate {
  const numbers = values.filter((value): value is number => typeof value === 'number')
  const same = values.every((value) => value === values[0]) ? (values[0] ?? null) : null
  if (numbers.length === 0) return { count: 0, mean: null, min: null, max: null, same }
  return {
    count: numbers.length,
    mean: numbers.reduce((a, b) => a + b, 0) / numbers.length,
    min: numbers.reduce((a, b) => Math.min(a, b)),
    max: numbers.reduce((a, b) => Math.max(a, b)),
    same,
  }
}

export function queryGroups(all: WorldRun[], query: GroupsQuery) {
  const chosen = select(all, query).sort((a, b) => b.created - a.created)
  const groups = new Map<string, WorldRun[]>()
  for (const run of chosen) {
    const key = JSON.stringify(query.groupBy.map((column) => columnValue(run, column)))
    groups.get(key)?.push(run) ?? groups.set(key, [run])
  }
  const { columns = [], sort = [], offset = 0, limit = 100 } = query
  const made = [...groups].map(([key, runs]) => {
    const states: { [state: string]: number } = {}
    for (const run of runs) states[run.state] = (states[run.state] ?? 0) + 1
    return {
      key: JSON.parse(key) as Scalar[],
      count: runs.length,
      states,
      runs: runs.slice(0, 1000).map((run) => run.id),
      values: columns.map((column) => aggregate(runs.map((run) => columnValue(run, column)))),
      order: sort.map(({ column }) =>
        column === 'count' ? runs.length : aggregate(runs.map((run) => columnValue(run, column))),
      ),
    }
  })
  const keyOf = (order: number | Aggregate) => (typeof order === 'number' ? order : (order.mean ?? order.same))
  made.sort((a, b) => {
    for (let i = 0; i < sort.length; i++) {
      const difference = compare(keyOf(a.order[i]), keyOf(b.order[i]))
      if (difference !== 0) return sort[i].descending ? -difference : difference
    }
    return b.count - a.count
  })
  return {
    total: made.length,
    runs: chosen.length,
    groups: made.slice(offset, offset + limit).map(({ order: _, ...group }) => group),
  }
}

export function queryRunColumns(all: WorldRun[], query: RunColumnsQuery) {
  const chosen = select(all, query)
    .sort((a, b) => b.created - a.created)
    .slice(0, query.limit ?? 100_000)
  return {
    runs: chosen.map((run) => run.id),
    names: chosen.map((run) => run.name),
    states: chosen.map((run) => run.state),
    values: query.columns.map((column) => chosen.map((run) => columnValue(run, column))),
  }
}

const typeOf = (values: Scalar[]) => {
  const types = new Set(values.filter((value) => value !== null).map((value) => typeof value))
  return types.size === 1 ? ([...types][0] as 'number' | 'string' | 'boolean') : ('mixed' as const)
}

export function queryColumns(all: WorldRun[], query: ColumnsQuery) {
  const runs = query.runs ? select(all, { runs: query.runs }) : all.filter((run) => !run.archived)
  const ids = new Map<string, 'field' | 'config' | 'summary' | 'metric'>(fields.map((field) => [field, 'field']))
  const swept = new Set<string>()
  for (const run of runs) {
    for (const key of configOf(run).keys()) ids.set(`config.${key}`, 'config')
    for (const key of run.curves.keys()) if (!key.startsWith('system/')) ids.set(`last.${key}`, 'metric')
    if (run.sweep)
      for (const key of ['optimizer.name', 'optimizer.lr', 'batchSize', 'epochs']) swept.add(`config.${key}`)
  }
  const columns = [...ids]
    .filter(([, kind]) => !query.kinds || query.kinds.includes(kind))
    .filter(([id]) => !query.search || id.toLowerCase().includes(query.search.toLowerCase()))
    .map(([id, kind]) => {
      const values = runs.map((run) => columnValue(run, id)).filter((value) => value !== null)
      const distinct = [...new Set(values)]
      const numbers = values.filter((value): value is number => typeof value === 'number')
      const time = id === 'created' || id === 'updated'
      return {
        id,
        kind,
        key: kind === 'field' ? id : id.slice(id.indexOf('.') + 1),
        type: time ? ('time' as const) : id === 'tags' ? ('list' as const) : typeOf(values),
        runs: values.length,
        min: numbers.length ? numbers.reduce((a, b) => Math.min(a, b)) : null,
        max: numbers.length ? numbers.reduce((a, b) => Math.max(a, b)) : null,
        values: distinct.length <= 20 ? distinct : null,
        differs: kind === 'config' && (distinct.length > 1 || values.length < runs.length),
        swept: swept.has(id),
      }
    })
  const { offset = 0, limit = 1000 } = query
  return { total: columns.length, columns: columns.slice(offset, offset + limit) }
}

export function queryMetrics(all: WorldRun[], query: MetricsQuery) {
  const runs = query.runs ? select(all, { runs: query.runs }) : all.filter((run) => !run.archived)
  const metrics = new Map<string, Metric>()
  const add = (key: string, kind: Metric['kind']) => {
    const known = metrics.get(key)
    if (known) known.runs++
    else
      metrics.set(key, {
        key,
        kind,
        section: key.includes('/') ? key.slice(0, key.lastIndexOf('/')) : '',
        runs: 1,
        stepMetric: null,
        hidden: false,
        goal: /loss/.test(key) ? 'minimize' : /acc|f1|iou/.test(key) ? 'maximize' : null,
      })
  }
  for (const run of runs) {
    for (const key of run.curves.keys()) add(key, 'scalar')
    for (const [key, kind] of mediaKinds(run)) add(key, kind)
  }
  const found = [...metrics.values()].filter(
    ({ key }) => !query.search || key.toLowerCase().includes(query.search.toLowerCase()),
  )
  const { offset = 0, limit = 1000 } = query
  return { total: found.length, metrics: found.slice(offset, offset + limit) }
}
