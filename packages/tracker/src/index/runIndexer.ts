/** Brings one run from its log into the index, from where it last stopped; each save is one transaction, whole or not at all. */
import type { LogEntry } from '../log/decoder.ts'
import { LogReader } from '../log/reader.ts'
import type { ConsoleRecord, LogRecord, MediaRecord } from '../log/records.ts'
import type { Rows } from '../log/rows.ts'
import { RunFold } from '../log/runFold.ts'
import { fileSize } from '../store/files.ts'
import type { RunPaths } from '../store/paths.ts'
import { type Changes, noChanges, type RunState } from './changes.ts'
import { spaces } from './columns.ts'
import type { Database } from './database.ts'
import { columnIdSql, columnNumber, SavedValues, saveRecords, saveStats } from './save.ts'
import { runTables } from './schema.ts'
import { CHUNK, decodePoints, digestPoints, encodePoints } from './series/chunk.ts'
import { SeriesTail } from './series/tail.ts'

const sizeOf = (path: string): number => fileSize(path) ?? 0

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
  readonly media: MediaRecord[] = []
  readonly console = new Map<number, ConsoleRecord>()
  private readonly lastLine = new Map<string, number>()
  readonly records: LogRecord[] = []
  private readonly values = new SavedValues()
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
    if (sizeOf(paths.log) < Number(row.log_offset)) {
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
      sizeOf(this.paths.log) > this.log.offset + this.log.pendingBytes ||
      sizeOf(this.paths.edits) > this.edits.offset
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
      this.values.save(database, this.id, this.fold, this.changes.kinds)
      this.saveMetrics(database)
      saveRecords(database, this.id, this)
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

  /** Points that wait for the next save. */
  get waitingPoints(): number {
    let points = 0
    for (const tail of this.tails.values()) if (tail.dirty) points += Math.max(0, tail.count - CHUNK)
    return points
  }
}
