/** The runs table: pages, groups, whole columns. */
import type { SQLInputValue } from 'node:sqlite'
import type {
  Aggregate,
  GroupsPage,
  GroupsQuery,
  RunColumns,
  RunColumnsQuery,
  RunGroup,
  RunRow,
  RunState,
  RunsPage,
  RunsQuery,
} from '../../server/api/index.ts'
import type { Scalar } from '../columns.ts'
import type { Database, Row } from '../database.ts'
import { columnSql } from '../filter/sql.ts'
import { columnCells, orderSql, requireColumn } from './cells.ts'
import { selectRuns, type Where } from './select.ts'

const rowFields =
  'r.id, r.run, r.name, r.state, r.created, r.updated, r.duration, r.run_group, r.job_type, r.tags, r.archived, r.color, r.sweep, r.revision'

export function runRow(row: Row, values: Scalar[]): RunRow {
  return {
    id: String(row.run),
    name: String(row.name),
    state: row.state as RunState,
    created: Number(row.created),
    updated: Number(row.updated),
    duration: Number(row.duration),
    group: row.run_group as string | null,
    jobType: row.job_type as string | null,
    tags: JSON.parse(String(row.tags)) as string[],
    archived: row.archived === 1,
    color: row.color as string | null,
    sweep: row.sweep as string | null,
    revision: Number(row.revision),
    values,
  }
}

function orderBy(sort: readonly { column: string; descending?: boolean | undefined }[]): Where {
  const terms: string[] = []
  const parameters: SQLInputValue[] = []
  for (const { column, descending = false } of sort) {
    const pair = columnSql(requireColumn(column))
    terms.push(orderSql(pair, descending))
    // The term names each part as often as orderSql does.
    const numbers = pair.number?.parameters ?? []
    const texts = pair.text?.parameters ?? []
    if (pair.number && pair.text) parameters.push(...numbers, ...texts, ...numbers, ...numbers, ...texts)
    else parameters.push(...numbers, ...texts, ...numbers, ...texts)
  }
  terms.push('r.created DESC', 'r.id DESC')
  return { text: terms.join(', '), parameters }
}

/** Adds "and is in this group". */
function inGroup(where: Where, group: { by: string[]; key: Scalar[] } | undefined): Where {
  if (!group) return where
  const parts = [where.text]
  const parameters = [...where.parameters]
  group.by.forEach((id, i) => {
    const { number, text } = columnSql(requireColumn(id))
    const value = group.key[i] ?? null
    if (value === null) {
      for (const part of [number, text])
        if (part) {
          parts.push(`${part.text} IS NULL`)
          parameters.push(...part.parameters)
        }
      return
    }
    const part = typeof value === 'string' ? text : number
    if (!part) {
      parts.push('0')
      return
    }
    parts.push(`${part.text} = ?`)
    parameters.push(...part.parameters, typeof value === 'boolean' ? Number(value) : value)
  })
  return { text: parts.join(' AND '), parameters }
}

export function queryRuns(database: Database, project: string, query: RunsQuery): RunsPage {
  const { columns = [], sort = [], offset = 0, limit = 100 } = query
  const where = inGroup(selectRuns(project, query), query.group)
  const total = Number(database.get(`SELECT count(*) AS n FROM run r WHERE ${where.text}`, ...where.parameters)?.n)
  const order = orderBy(sort)
  let rows = database.all(
    `SELECT ${rowFields} FROM run r WHERE ${where.text} ORDER BY ${order.text} LIMIT ? OFFSET ?`,
    ...where.parameters,
    ...order.parameters,
    limit,
    offset,
  )
  if (query.runs && sort.length === 0 && offset === 0 && rows.length === total) {
    const place = new Map(query.runs.map((run, i) => [run, i]))
    rows = rows.sort((a, b) => (place.get(String(a.run)) ?? 0) - (place.get(String(b.run)) ?? 0))
  }
  const ids = rows.map((row) => Number(row.id))
  const cells = columns.map((column) => columnCells(database, requireColumn(column), ids))
  return {
    total,
    rows: rows.map((row) =>
      runRow(
        row,
        cells.map((column) => column.get(Number(row.id)) ?? null),
      ),
    ),
  }
}

export function queryRunColumns(database: Database, project: string, query: RunColumnsQuery): RunColumns {
  const where = selectRuns(project, query)
  const rows = database.all(
    `SELECT r.id, r.run, r.name, r.state FROM run r WHERE ${where.text} ORDER BY r.created DESC, r.id DESC LIMIT ?`,
    ...where.parameters,
    query.limit ?? 100_000,
  )
  const ids = rows.map((row) => Number(row.id))
  return {
    runs: rows.map((row) => String(row.run)),
    names: rows.map((row) => String(row.name)),
    states: rows.map((row) => row.state as RunState),
    values: query.columns.map((column) => {
      const cells = columnCells(database, requireColumn(column), ids)
      return ids.map((id) => cells.get(id) ?? null)
    }),
  }
}

const MAX_RUNS_OF_GROUP = 1000

export function queryGroups(database: Database, project: string, query: GroupsQuery): GroupsPage {
  const { groupBy, columns = [], sort = [], offset = 0, limit = 100 } = query
  const where = selectRuns(project, query)
  const rows = database.all(
    `SELECT r.id, r.run, r.state FROM run r WHERE ${where.text} ORDER BY r.created DESC, r.id DESC`,
    ...where.parameters,
  )
  const ids = rows.map((row) => Number(row.id))
  const keys = groupBy.map((column) => columnCells(database, requireColumn(column), ids))
  const groups = new Map<string, { group: RunGroup; ids: number[] }>()
  for (const row of rows) {
    const key = keys.map((cells) => cells.get(Number(row.id)) ?? null)
    const name = JSON.stringify(key)
    let entry = groups.get(name)
    if (!entry) groups.set(name, (entry = { group: { key, count: 0, states: {}, runs: [], values: [] }, ids: [] }))
    const { group } = entry
    const state = String(row.state)
    group.count++
    group.states[state] = (group.states[state] ?? 0) + 1
    if (group.runs.length < MAX_RUNS_OF_GROUP) group.runs.push(String(row.run))
    entry.ids.push(Number(row.id))
  }
  const ranked = [...groups.values()]
  const ranks = sort.map(({ column, descending = false }) => {
    const place = groupBy.indexOf(column)
    const cells = place >= 0 || column === 'count' ? null : columnCells(database, requireColumn(column), ids)
    const of = ({ group, ids: members }: (typeof ranked)[number]): Scalar =>
      column === 'count'
        ? group.count
        : cells
          ? aggregate(members.map((id) => cells.get(id) ?? null)).mean
          : group.key[place]
    return { values: new Map(ranked.map((entry) => [entry, of(entry)])), descending }
  })
  ranked.sort((a, b) => {
    for (const { values, descending } of ranks) {
      const order = compareScalars(values.get(a) ?? null, values.get(b) ?? null, descending)
      if (order !== 0) return order
    }
    return b.group.count - a.group.count
  })
  const page = ranked.slice(offset, offset + limit)
  const pageIds = page.flatMap((entry) => entry.ids)
  const cells = columns.map((column) => columnCells(database, requireColumn(column), pageIds))
  for (const { group, ids: members } of page)
    group.values = cells.map((column) => aggregate(members.map((id) => column.get(id) ?? null)))
  return { total: ranked.length, runs: rows.length, groups: page.map(({ group }) => group) }
}

function aggregate(values: Scalar[]): Aggregate {
  const numbers = values.filter((value): value is number => typeof value === 'number')
  const first = values[0] ?? null
  return {
    count: numbers.length,
    mean: numbers.length > 0 ? numbers.reduce((sum, value) => sum + value, 0) / numbers.length : null,
    min: numbers.length > 0 ? numbers.reduce((a, b) => Math.min(a, b)) : null,
    max: numbers.length > 0 ? numbers.reduce((a, b) => Math.max(a, b)) : null,
    same: values.every((value) => value === first) ? first : null,
  }
}

/** Nothing comes last in either direction, numbers before texts. */
function compareScalars(a: Scalar, b: Scalar, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const [x, y] = [typeof a === 'boolean' ? Number(a) : a, typeof b === 'boolean' ? Number(b) : b]
  if (typeof x !== typeof y) return typeof x === 'number' ? -1 : 1
  const order = x < y ? -1 : x > y ? 1 : 0
  return descending ? -order : order
}
