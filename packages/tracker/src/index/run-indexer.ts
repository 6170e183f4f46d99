/** Brings one run from its log into the index, from where it last stopped; each save is one transaction, whole or not at all. */
import { statSync } from 'node:fs'
import type { LogEntry } from '../log/decoder.ts'
import type { MetricStats } from '../log/metric-stats.ts'
import { LogReader } from '../log/reader.ts'
import type { ConsoleRecord, LogRecord, MediaRecord } from '../log/records.ts'
import type { Rows } from '../log/rows.ts'
import { RunFold } from '../log/run-fold.ts'
import type { RunPaths } from '../store/paths.ts'
import { flatten, type Space, scalarCell, spaces } from './columns.ts'
import type { Database } from './database.ts'
import { runTables } from './schema.ts'
import { CHUNK, decodePoints, digestPoints, encodePoints } from './series/chunk.ts'
import { SeriesTail } from './series/tail.ts'

export type Change = 'created' | 'meta' | 'config' | 'summary' | 'series' | 'system' | 'media' | 'console' | 'files'
export type RunState = 'running' | 'finished' | 'failed' | 'crashed' | 'stopped'

export interface Changes {
  kinds: Set<Change>
  keys: Set<string>
  alerts: Extract<LogRecord, { type: 'alert' }>[]
  artifacts: Set<string>
}

const noChanges = (): Changes => ({ kinds: new Set(), keys: new Set(), alerts: [], artifacts: new Set() })

const fileSize = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

export class RunIndexer {
  readonly project: string
  readonly run: string
  readonly paths: RunPaths
  /** Number in the index; 0 before the first save. */
  id = 0
  fold = new RunFold()
  changes = noChanges()
  private log: LogReader
  private edits: LogReader
  private entries: Generator<LogEntry> | null = null
  private readonly tails = new Map<string, SeriesTail>()
  private readonly changedMetrics = new Set<string>()
  private readonly media: MediaRecord[] = []
  private readonly console = new Map<number, ConsoleRecord>()
  private readonly lastLine = new Map<string, number>()
  private readonly records: LogRecord[] = []
  private savedValues: Map<string, string> | null = null
  private revision = 0
  private saidDamage = 0
  /** The log is not the one that was indexed: it is read from the beginning, and what the index has of the other goes. */
  private isNewFile = false

  constructor(project: string, run: string, paths: RunPaths) {
    this.project = project
    this.run = run
    this.paths = paths
    this.log = new LogReader(paths.log)
    this.edits = new LogReader(paths.edits)
  }

  /** Goes on where the index stands. */
  static open(database: Database, project: string, run: string, paths: RunPaths): RunIndexer {
    const indexer = new RunIndexer(project, run, paths)
    const row = database.get(
      'SELECT id, revision, log_offset, edits_offset, log_keys, fold FROM run WHERE project = ? AND run = ?',
      project,
      run,
    )
    if (!row) return indexer
    indexer.id = Number(row.id)
    indexer.revision = Number(row.revision)
    if (fileSize(paths.log) < Number(row.log_offset)) {
      indexer.isNewFile = true
      return indexer
    }
    indexer.log = new LogReader(paths.log, Number(row.log_offset), JSON.parse(String(row.log_keys)) as string[])
    indexer.edits = new LogReader(paths.edits, Number(row.edits_offset))
    indexer.fold = RunFold.parse(String(row.fold))
    return indexer
  }

  /** Whether the files have something that was not read. */
  get isBehind(): boolean {
    return (
      this.entries !== null ||
      fileSize(this.paths.log) > this.log.offset + this.log.pendingBytes ||
      fileSize(this.paths.edits) > this.edits.offset
    )
  }

  get isChanged(): boolean {
    return this.changes.kinds.size > 0
  }

  /** The log cannot be read, and why. */
  get unreadable(): string | null {
    return this.log.unreadable
  }

  /**
   * Reads on for some time.
   * @returns whether everything was read.
   */
  read(database: Database, milliseconds: number): boolean {
    const deadline = performance.now() + milliseconds
    this.entries ??= this.log.read()
    for (;;) {
      const next = this.entries.next()
      if (next.done) break
      this.add(database, next.value)
      if (performance.now() > deadline) return false
    }
    this.entries = null
    for (const entry of this.edits.read())
      if (entry.kind === 'record' && entry.record.type === 'edit') {
        this.fold.edit(entry.record)
        this.changes.kinds.add('meta')
      }
    this.sayDamage()
    return true
  }

  private sayDamage(): void {
    for (const { from, to, reason } of this.log.damage.slice(this.saidDamage)) {
      this.fold.problems.push(`bytes ${from} to ${to} of the log could not be read: ${reason}`)
      this.changes.kinds.add('meta')
    }
    this.saidDamage = this.log.damage.length
    if (this.log.unreadable !== null && !this.fold.problems.includes(this.log.unreadable)) {
      this.fold.problems.push(this.log.unreadable)
      this.changes.kinds.add('meta')
    }
  }

  private add(database: Database, entry: LogEntry): void {
    const { changes } = this
    const lines = this.fold.counts.consoleLines
    if (entry.kind === 'rows') this.addRows(database, entry.rows, entry.keys, this.fold.counts.rows - 1)
    else if (entry.kind === 'system') this.addRows(database, entry.rows, entry.keys, null)
    else if (entry.kind === 'console') this.addConsole(entry.lines, lines)
    else this.addRecord(entry.record)
    if (entry.kind === 'rows' || entry.kind === 'system') changes.kinds.add(entry.kind === 'rows' ? 'series' : 'system')
    this.fold.add(entry)
  }

  private addRows(database: Database, rows: Rows, keys: readonly string[], before: number | null): void {
    const numbers = new Float64Array(rows.count)
    let row = before ?? 0
    for (let i = 0; i < rows.count; i++) {
      if (!rows.continues?.[i] || row < 0) row++
      numbers[i] = before === null ? Number.NaN : row
    }
    for (const column of rows.columns) {
      const key = keys[column.key]
      this.changedMetrics.add(key)
      this.changes.keys.add(key)
      const tail = this.tail(database, key)
      for (let i = 0; i < column.values.length; i++) {
        const at = column.rows ? column.rows[i] : i
        tail.push(numbers[at], rows.steps[at], rows.times[at], column.values[i])
      }
    }
  }

  private tail(database: Database, key: string): SeriesTail {
    let tail = this.tails.get(key)
    if (tail) return tail
    const last =
      this.id && !this.isNewFile
        ? database.get(
            `SELECT first, count, points FROM chunk WHERE run_id = ? AND metric = ${columnIdSql} ORDER BY first DESC LIMIT 1`,
            this.id,
            spaces.metric,
            key,
          )
        : undefined
    tail = last
      ? new SeriesTail(Number(last.first), decodePoints(last.points as Uint8Array, Number(last.count)))
      : new SeriesTail()
    tail.continueFrom(this.fold.lastRow(key))
    this.tails.set(key, tail)
    return tail
  }

  private addConsole(lines: ConsoleRecord[], first: number): void {
    this.changes.kinds.add('console')
    for (const line of lines) {
      const rewritten = line.replace
        ? (this.lastLine.get(line.stream) ?? (first > 0 ? first - 1 : undefined))
        : undefined
      const number = rewritten ?? first++
      this.lastLine.set(line.stream, number)
      this.console.set(number, line)
    }
  }

  private addRecord(record: LogRecord): void {
    const { kinds, keys } = this.changes
    switch (record.type) {
      case 'config':
        kinds.add('config')
        break
      case 'summary':
      case 'metric':
        kinds.add('summary')
        break
      case 'media':
        kinds.add('media')
        keys.add(record.key)
        this.media.push(record)
        break
      case 'alert':
        kinds.add('meta')
        this.changes.alerts.push(record)
        this.records.push(record)
        break
      case 'file':
        kinds.add('files')
        this.records.push(record)
        break
      case 'artifact':
        kinds.add('files')
        this.changes.artifacts.add(record.name)
        break
      case 'use-artifact':
        kinds.add('files')
        this.records.push(record)
        break
      default:
        kinds.add('meta')
    }
  }

  /** Writes what was read; the caller decides whether the run lives. */
  save(database: Database, isAlive: boolean, heartbeat: number): Changes {
    database.transaction(() => {
      this.saveRun(database, isAlive, heartbeat)
      this.saveValues(database)
      this.saveMetrics(database)
      this.saveRecords(database)
    })
    const { changes } = this
    this.changes = noChanges()
    this.changedMetrics.clear()
    this.media.length = 0
    this.records.length = 0
    this.console.clear()
    return changes
  }

  private saveRun(database: Database, isAlive: boolean, heartbeat: number): void {
    const { fold, project, run } = this
    const { environment } = fold
    const text = (value: unknown) => (typeof value === 'string' ? value : null)
    const state: RunState = fold.finish?.state ?? (isAlive ? 'running' : 'crashed')
    const updated = Math.max(fold.lastTime, state === 'running' ? heartbeat : 0)
    if (this.id === 0) {
      this.changes.kinds.add('created')
      this.id = database.run(
        `INSERT INTO run (project, run, name, state, created, updated, duration, tags, notes, archived, rows, revision, log_offset, edits_offset, log_keys, fold)
         VALUES (?, ?, '', '', 0, 0, 0, '[]', '', 0, 0, 0, 0, 0, '[]', '')`,
        project,
        run,
      ).id
    } else if (this.isNewFile) {
      for (const table of runTables) database.run(`DELETE FROM ${table} WHERE run_id = ?`, this.id)
      this.isNewFile = false
    }
    this.revision++
    database.run(
      `UPDATE run SET name = ?, state = ?, created = ?, updated = ?, duration = ?, run_group = ?, job_type = ?, tags = ?, notes = ?, user = ?, host = ?,
       command = ?, git_commit = ?, sweep = ?, archived = ?, color = ?, step = ?, rows = ?, revision = ?, log_offset = ?, edits_offset = ?, log_keys = ?, fold = ?
       WHERE id = ?`,
      fold.name || run,
      state,
      fold.start?.time ?? fold.lastTime,
      updated,
      fold.duration(updated),
      fold.group,
      fold.start?.jobType ?? null,
      JSON.stringify(fold.tags),
      fold.notes,
      text(environment?.user),
      text(environment?.host) ?? fold.start?.host ?? null,
      text(environment?.command),
      text((environment?.git as { commit?: unknown } | null)?.commit),
      fold.start?.sweep ?? null,
      fold.archived ? 1 : 0,
      fold.color,
      fold.lastStep,
      fold.counts.rows,
      this.revision,
      this.log.offset,
      this.edits.offset,
      JSON.stringify(this.log.keys),
      fold.stringify(),
      this.id,
    )
  }

  private saveValues(database: Database): void {
    const { kinds } = this.changes
    if (
      !(
        kinds.has('config') ||
        kinds.has('summary') ||
        kinds.has('series') ||
        kinds.has('media') ||
        kinds.has('created')
      )
    )
      return
    this.savedValues ??= this.loadValues(database)
    const now = new Map<string, string>()
    for (const space of ['config', 'summary'] as const) {
      for (const [key, value] of flatten(this.fold[space])) {
        const cell = scalarCell(value)
        const id = `${space}.${key}`
        const text = JSON.stringify([cell.number, cell.text, cell.boolean])
        now.set(id, text)
        if (this.savedValues.get(id) === text) continue
        if (space === 'summary') kinds.add('summary')
        database.run(
          'INSERT OR REPLACE INTO value (column_id, run_id, number, text, boolean) VALUES (?, ?, ?, ?, ?)',
          columnNumber(database, space, key),
          this.id,
          cell.number,
          cell.text,
          cell.boolean ? 1 : 0,
        )
      }
    }
    for (const id of this.savedValues.keys()) {
      if (now.has(id)) continue
      const dot = id.indexOf('.')
      const column = columnNumber(database, id.slice(0, dot) as Space, id.slice(dot + 1))
      database.run('DELETE FROM value WHERE column_id = ? AND run_id = ?', column, this.id)
    }
    this.savedValues = now
  }

  private loadValues(database: Database): Map<string, string> {
    const rows = database.all(
      'SELECT space, name, number, text, boolean FROM value JOIN column_name c ON c.id = column_id WHERE run_id = ?',
      this.id,
    )
    return new Map(
      rows.map((row) => [
        `${row.space === spaces.config ? 'config' : 'summary'}.${row.name}`,
        JSON.stringify([row.number, row.text, row.boolean === 1]),
      ]),
    )
  }

  private saveMetrics(database: Database): void {
    for (const key of this.changedMetrics) {
      const stats = this.fold.metrics.get(key) ?? this.fold.system.get(key)
      if (stats) saveStats(database, columnNumber(database, 'metric', key), this.id, stats)
    }
    for (const [key, tail] of this.tails) {
      if (!tail.dirty) continue
      const metric = columnNumber(database, 'metric', key)
      for (const { first, points } of tail.save())
        database.run(
          'INSERT OR REPLACE INTO chunk (run_id, metric, first, count, blocks, points) VALUES (?, ?, ?, ?, ?, ?)',
          this.id,
          metric,
          first,
          points.count,
          new Uint8Array(digestPoints(points, 0, points.count).buffer),
          encodePoints(points),
        )
    }
  }

  private saveRecords(database: Database): void {
    for (const { key, step, time, items } of this.media)
      database.run(
        'INSERT INTO media (run_id, key, step, time, kind, items) VALUES (?, ?, ?, ?, ?, ?)',
        this.id,
        key,
        step,
        time,
        items[0]?.kind ?? 'text',
        JSON.stringify(items),
      )
    for (const [line, { time, stream, text }] of this.console)
      database.run('INSERT OR REPLACE INTO console VALUES (?, ?, ?, ?, ?)', this.id, line, time, stream, text)
    for (const record of this.records) {
      if (record.type === 'alert')
        database.run(
          'INSERT INTO alert (run_id, time, step, level, title, text) VALUES (?, ?, ?, ?, ?, ?)',
          this.id,
          record.time,
          record.step,
          record.level,
          record.title,
          record.text,
        )
      else if (record.type === 'file')
        database.run(
          'INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)',
          this.id,
          record.path,
          record.time,
          JSON.stringify(record.blob),
        )
      else if (record.type === 'use-artifact')
        database.run('INSERT OR IGNORE INTO artifact_use VALUES (?, ?, ?)', this.id, record.name, record.digest)
    }
  }

  /** Points that wait for the next save. */
  get waitingPoints(): number {
    let points = 0
    for (const tail of this.tails.values()) if (tail.dirty) points += Math.max(0, tail.count - CHUNK)
    return points
  }
}

const columnIdSql = '(SELECT id FROM column_name WHERE space = ? AND name = ?)'

/** The number of a name, which it gets where it has none yet. */
export function columnNumber(database: Database, space: Space, name: string): number {
  const known = database.get('SELECT id FROM column_name WHERE space = ? AND name = ?', spaces[space], name)
  return known
    ? Number(known.id)
    : database.run('INSERT INTO column_name (space, name) VALUES (?, ?)', spaces[space], name).id
}

function saveStats(database: Database, column: number, run: number, stats: MetricStats): void {
  const aggregate = stats.aggregate()
  const number = (value: number) => (Number.isFinite(value) ? value : null)
  const text = (value: number) => (Number.isFinite(value) ? null : String(value))
  database.run(
    `INSERT OR REPLACE INTO metric (column_id, run_id, first, first_text, last, last_text, min, max, mean, count)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    column,
    run,
    number(stats.first),
    text(stats.first),
    number(stats.last),
    text(stats.last),
    aggregate?.min ?? null,
    aggregate?.max ?? null,
    aggregate?.mean ?? null,
    stats.points,
  )
}
