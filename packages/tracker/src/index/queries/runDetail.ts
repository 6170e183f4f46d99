/** Everything about one run. */
import { statSync } from 'node:fs'
import { LogReader } from '../../log/reader.ts'
import type { Json } from '../../log/records.ts'
import { RunFold } from '../../log/runFold.ts'
import type { Environment, HistoryPage, HistoryQuery, RunDetail } from '../../server/api/index.ts'
import { NotFoundError, type RunIndex } from '../runIndex.ts'
import { RunClock } from '../series/clock.ts'
import { runRow } from './runs.ts'

export function foldOf(index: RunIndex, project: string, run: string): RunFold {
  const row = index.database.get('SELECT fold FROM run WHERE project = ? AND run = ?', project, run)
  if (!row) throw new NotFoundError(`run "${run}" is not in project "${project}"`)
  return RunFold.parse(String(row.fold))
}

const text = (value: unknown) => (typeof value === 'string' ? value : null)
const number = (value: unknown) => (typeof value === 'number' ? value : null)

function environmentOf(fold: RunFold): Environment | null {
  const given = fold.environment
  if (!given) return null
  const git = given.git as { [key: string]: unknown } | null | undefined
  const packages = (given.packages ?? {}) as { [name: string]: unknown }
  return {
    command: text(given.command),
    cwd: text(given.cwd),
    host: text(given.host),
    user: text(given.user),
    pid: number(given.pid),
    os: text(given.os),
    runtime: text(given.runtime),
    cpu: text(given.cpu),
    cores: number(given.cores),
    memory: number(given.memory),
    gpus: Array.isArray(given.gpus) ? given.gpus.map(String) : [],
    git: git
      ? { commit: String(git.commit), branch: text(git.branch), remote: text(git.remote), dirty: git.dirty === true }
      : null,
    packages: Object.fromEntries(Object.entries(packages).map(([name, version]) => [name, String(version)])),
  }
}

export function runDetail(index: RunIndex, project: string, run: string): RunDetail {
  const row = index.database.get('SELECT * FROM run r WHERE project = ? AND run = ?', project, run)
  if (!row) throw new NotFoundError(`run "${run}" is not in project "${project}"`)
  const fold = RunFold.parse(String(row.fold))
  const { values: _, ...base } = runRow(row, [])
  return {
    ...base,
    project,
    notes: fold.notes,
    config: fold.config,
    summary: fold.summary,
    environment: environmentOf(fold),
    modelSummary: fold.model,
    exitCode: fold.finish?.exitCode ?? null,
    error: fold.finish?.error ?? null,
    stopping: base.state === 'running' && index.isStopping(project, run),
    lastStep: fold.lastStep,
    sessions: fold.sessions.map(({ started, ended, step }) => ({ started, ended, step })),
    counts: {
      ...fold.counts,
      bytes: statSync(index.paths.run(project, run).log, { throwIfNoEntry: false })?.size ?? 0,
    },
    problems: fold.problems,
  }
}

const MAX_KEYS = 500
const json = (value: number): Json => (Number.isFinite(value) ? value : String(value))

/** One logged row: calls of the same step together. */
export interface HistoryRow {
  step: number
  /** Unix time in seconds. */
  time: number
  values: Map<string, number>
}

/** Rows in the order in which they were logged. */
export function* historyRows(path: string): Generator<HistoryRow> {
  let open: HistoryRow | null = null
  for (const entry of new LogReader(path).read()) {
    if (entry.kind !== 'rows') continue
    const { rows, keys } = entry
    const block: HistoryRow[] = []
    const rowOf: HistoryRow[] = []
    for (let i = 0; i < rows.count; i++) {
      const continues: boolean = rows.continues?.[i] === 1 && (block.length > 0 || open !== null)
      if (!continues) block.push({ step: rows.steps[i], time: rows.times[i] / 1e6, values: new Map() })
      rowOf.push(block.at(-1) ?? (open as HistoryRow))
    }
    for (const column of rows.columns)
      for (let i = 0; i < column.values.length; i++)
        rowOf[column.rows ? column.rows[i] : i].values.set(keys[column.key], column.values[i])
    if (block.length === 0) continue
    if (open) yield open
    yield* block.slice(0, -1)
    open = block.at(-1) ?? null
  }
  if (open) yield open
}

export function queryHistory(index: RunIndex, project: string, run: string, query: HistoryQuery): HistoryPage {
  const { offset = 0, limit = 1000 } = query
  const fold = foldOf(index, project, run)
  const keys = query.keys ?? [...fold.metrics.keys()].sort().slice(0, MAX_KEYS)
  const clock = new RunClock(fold.sessions)
  const rows: Json[][] = []
  let number = 0
  for (const { step, time, values } of historyRows(index.paths.run(project, run).log)) {
    if (number >= offset + limit) break
    if (number++ < offset) continue
    const cells = keys.map((key) => {
      const value = values.get(key)
      return value === undefined ? null : json(value)
    })
    rows.push([step, time, clock.relative(time), ...cells])
  }
  return { total: fold.counts.rows, keys: ['_step', '_timestamp', '_runtime', ...keys], rows }
}
