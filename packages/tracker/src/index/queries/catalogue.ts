/** What there is: projects, columns for the table, metrics for the charts. */

import { RunFold } from '../../log/runFold.ts'
import type { Column, Columns, ColumnsQuery, Metric, Metrics, MetricsQuery, Project } from '../../server/api/index.ts'
import { cellScalar, fields, type Scalar, spaces } from '../columns.ts'
import type { Database, Row } from '../database.ts'
import { selectRuns } from './select.ts'

export function listProjects(database: Database, sweeps: (project: string) => number): Project[] {
  const rows = database.all(
    `SELECT project, count(*) AS runs, sum(state = 'running') AS running, min(created) AS created, max(updated) AS updated
     FROM run GROUP BY project ORDER BY max(updated) DESC`,
  )
  return rows.map((row) => ({
    name: String(row.project),
    runs: Number(row.runs),
    running: Number(row.running),
    sweeps: sweeps(String(row.project)),
    created: Number(row.created),
    updated: Number(row.updated),
  }))
}

/** Statistics of a column over 10,000 runs cost some milliseconds, so they are kept until something changes. */
export class Catalogue {
  private readonly database: Database
  private readonly columns = new Map<string, { revision: number; columns: Column[] }>()
  /** Counts changes of the index. */
  revision = 0

  constructor(database: Database) {
    this.database = database
  }

  queryColumns(project: string, query: ColumnsQuery): Columns {
    const { search = '', kinds, runs, offset = 0, limit = 1000 } = query
    const needle = search.toLowerCase()
    const all = this.allColumns(project, runs).filter(
      (column) => (!kinds || kinds.includes(column.kind)) && column.id.toLowerCase().includes(needle),
    )
    return { total: all.length, columns: all.slice(offset, offset + limit) }
  }

  private allColumns(project: string, runs: string[] | undefined): Column[] {
    const key = JSON.stringify([project, runs ?? null])
    const known = this.columns.get(key)
    if (known?.revision === this.revision) return known.columns
    const columns = [...fieldColumns(this.database, project), ...this.valueColumns(project, runs)]
    if (this.columns.size > 50) this.columns.clear()
    this.columns.set(key, { revision: this.revision, columns })
    return columns
  }

  private valueColumns(project: string, runs: string[] | undefined): Column[] {
    const where = selectRuns(project, { runs, archived: runs !== undefined })
    const chosen = `SELECT r.id FROM run r WHERE ${where.text}`
    const total = Number(
      this.database.get(`SELECT count(*) AS n FROM run r WHERE ${where.text}`, ...where.parameters)?.n,
    )
    const swept = this.sweptKeys(project)
    const values = this.database.all(
      `SELECT c.space, c.name, count(*) AS runs, count(v.number) AS numbers, sum(v.boolean) AS booleans, min(v.number) AS min, max(v.number) AS max,
         count(DISTINCT v.number) + count(DISTINCT v.text) AS different, v.column_id AS id
       FROM value v JOIN column_name c ON c.id = v.column_id WHERE v.run_id IN (${chosen}) GROUP BY v.column_id ORDER BY c.space, c.name`,
      ...where.parameters,
    )
    const metrics = this.database.all(
      `SELECT c.name, count(*) AS runs, min(m.last) AS min, max(m.last) AS max
       FROM metric m JOIN column_name c ON c.id = m.column_id WHERE m.run_id IN (${chosen}) GROUP BY m.column_id ORDER BY c.name`,
      ...where.parameters,
    )
    return [
      ...values.map((row) => this.valueColumn(row, total, swept, chosen, where.parameters)),
      ...metrics.map(
        (row): Column => ({
          id: `last.${row.name}`,
          kind: 'metric',
          key: String(row.name),
          type: 'number',
          runs: Number(row.runs),
          min: row.min as number | null,
          max: row.max as number | null,
          values: null,
          differs: false,
          swept: false,
        }),
      ),
    ]
  }

  private valueColumn(
    row: Row,
    total: number,
    swept: Set<string>,
    chosen: string,
    parameters: ReturnType<typeof selectRuns>['parameters'],
  ): Column {
    const kind = row.space === spaces.config ? 'config' : 'summary'
    const [runs, numbers, booleans, different] = [row.runs, row.numbers, row.booleans, row.different].map(Number)
    const type =
      numbers === 0
        ? 'string'
        : numbers < runs
          ? 'mixed'
          : booleans === 0
            ? 'number'
            : booleans === runs
              ? 'boolean'
              : 'mixed'
    const values =
      different <= 20
        ? this.database
            .all(
              `SELECT DISTINCT number, text, boolean FROM value WHERE column_id = ? AND run_id IN (${chosen}) ORDER BY number, text LIMIT 21`,
              Number(row.id),
              ...parameters,
            )
            .map(({ number, text, boolean }) =>
              cellScalar(number as number | null, text as string | null, boolean === 1),
            )
        : null
    return {
      id: `${kind}.${row.name}`,
      kind,
      key: String(row.name),
      type,
      runs,
      min: row.min as number | null,
      max: row.max as number | null,
      values: values as Scalar[] | null,
      differs: kind === 'config' && (different > 1 || runs < total),
      swept: kind === 'config' && swept.has(String(row.name)),
    }
  }

  /** Config keys that differ among the runs of one sweep. */
  private sweptKeys(project: string): Set<string> {
    const rows = this.database.all(
      `SELECT DISTINCT c.name FROM run r JOIN value v ON v.run_id = r.id JOIN column_name c ON c.id = v.column_id AND c.space = 0
       WHERE r.project = ? AND r.sweep IS NOT NULL GROUP BY r.sweep, v.column_id
       HAVING count(DISTINCT v.number) + count(DISTINCT v.text) > 1`,
      project,
    )
    return new Set(rows.map((row) => String(row.name)))
  }

  queryMetrics(project: string, query: MetricsQuery): Metrics {
    const { search = '', runs, offset = 0, limit = 1000 } = query
    const where = selectRuns(project, { runs, archived: runs !== undefined })
    const chosen = `SELECT r.id FROM run r WHERE ${where.text}`
    const scalars = this.database.all(
      `SELECT c.name AS key, 'scalar' AS kind, count(*) AS runs FROM metric m JOIN column_name c ON c.id = m.column_id
       WHERE m.run_id IN (${chosen}) AND text_contains(c.name, ?) GROUP BY m.column_id`,
      ...where.parameters,
      search,
    )
    const media = this.database.all(
      `SELECT key, kind, count(DISTINCT run_id) AS runs FROM media WHERE run_id IN (${chosen}) AND text_contains(key, ?) GROUP BY key, kind`,
      ...where.parameters,
      search,
    )
    const rows = [...scalars, ...media].sort((a, b) => compareKeys(String(a.key), String(b.key)))
    const page = rows.slice(offset, offset + limit)
    const definitions = page.length > 0 ? this.definitions(chosen, where.parameters) : null
    return {
      total: rows.length,
      metrics: page.map((row): Metric => {
        const key = String(row.key)
        const definition = definitions?.definitions.of(key)
        return {
          key,
          kind: row.kind as Metric['kind'],
          section: key.includes('/') ? key.slice(0, key.lastIndexOf('/')) : '',
          runs: Number(row.runs),
          stepMetric: definition?.stepMetric ?? null,
          hidden: definition?.hidden ?? false,
          goal: definition?.goal ?? null,
        }
      }),
    }
  }

  /** Of the newest of the runs: programs define their metrics alike. */
  private definitions(chosen: string, parameters: ReturnType<typeof selectRuns>['parameters']): RunFold | null {
    const row = this.database.get(
      `SELECT fold FROM run WHERE id IN (${chosen}) ORDER BY created DESC LIMIT 1`,
      ...parameters,
    )
    return row ? RunFold.parse(String(row.fold)) : null
  }
}

/** The system's metrics last, the rest by name. */
function compareKeys(a: string, b: string): number {
  const system = Number(a.startsWith('system/')) - Number(b.startsWith('system/'))
  return system || (a < b ? -1 : a > b ? 1 : 0)
}

const fieldTypes = { text: 'string', time: 'time', number: 'number', list: 'list' } as const

function fieldColumns(database: Database, project: string): Column[] {
  const total = Number(database.get('SELECT count(*) AS n FROM run WHERE project = ?', project)?.n)
  return Object.entries(fields).map(([id, type]) => ({
    id,
    kind: 'field',
    key: id,
    type: id === 'archived' ? 'boolean' : fieldTypes[type],
    runs: total,
    min: null,
    max: null,
    values: null,
    differs: false,
    swept: false,
  }))
}
