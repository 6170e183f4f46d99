/** Writes parts of a run to the tables of the index. */

import type { MetricStats } from '../log/metricStats.ts'
import type { ConsoleRecord, LogRecord, MediaRecord } from '../log/records.ts'
import type { RunFold } from '../log/runFold.ts'
import type { Change } from './changes.ts'
import { flatten, type Space, scalarCell, spaces } from './columns.ts'
import type { Database } from './database.ts'

export const columnIdSql = '(SELECT id FROM column_name WHERE space = ? AND name = ?)'

/** The number of a name, which it gets where it has none yet. */
export function columnNumber(database: Database, space: Space, name: string): number {
  const known = database.get('SELECT id FROM column_name WHERE space = ? AND name = ?', spaces[space], name)
  return known
    ? Number(known.id)
    : database.run('INSERT INTO column_name (space, name) VALUES (?, ?)', spaces[space], name).id
}

export function saveStats(database: Database, column: number, run: number, stats: MetricStats): void {
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

const changesValues: Change[] = ['config', 'summary', 'series', 'media', 'created']

/** Config and summary of one run as the index has them. */
export class SavedValues {
  private saved: Map<string, string> | null = null

  /** Writes what differs from what is there. */
  save(database: Database, run: number, fold: RunFold, kinds: Set<Change>): void {
    if (!changesValues.some((kind) => kinds.has(kind))) return
    this.saved ??= load(database, run)
    const now = new Map<string, string>()
    for (const space of ['config', 'summary'] as const) {
      for (const [key, value] of flatten(fold[space])) {
        const cell = scalarCell(value)
        const id = `${space}.${key}`
        const text = JSON.stringify([cell.number, cell.text, cell.boolean])
        now.set(id, text)
        if (this.saved.get(id) === text) continue
        if (space === 'summary') kinds.add('summary')
        database.run(
          'INSERT OR REPLACE INTO value (column_id, run_id, number, text, boolean) VALUES (?, ?, ?, ?, ?)',
          columnNumber(database, space, key),
          run,
          cell.number,
          cell.text,
          cell.boolean ? 1 : 0,
        )
      }
    }
    for (const id of this.saved.keys()) {
      if (now.has(id)) continue
      const dot = id.indexOf('.')
      const column = columnNumber(database, id.slice(0, dot) as Space, id.slice(dot + 1))
      database.run('DELETE FROM value WHERE column_id = ? AND run_id = ?', column, run)
    }
    this.saved = now
  }
}

function load(database: Database, run: number): Map<string, string> {
  const rows = database.all(
    'SELECT space, name, number, text, boolean FROM value JOIN column_name c ON c.id = column_id WHERE run_id = ?',
    run,
  )
  return new Map(
    rows.map((row) => [
      `${row.space === spaces.config ? 'config' : 'summary'}.${row.name}`,
      JSON.stringify([row.number, row.text, row.boolean === 1]),
    ]),
  )
}

/** What stands for itself: media, lines of the console, alerts, files, used artifacts. */
export function saveRecords(
  database: Database,
  run: number,
  { media, console, records }: { media: MediaRecord[]; console: Map<number, ConsoleRecord>; records: LogRecord[] },
): void {
  for (const { key, step, time, items } of media)
    database.run(
      'INSERT INTO media (run_id, key, step, time, kind, items) VALUES (?, ?, ?, ?, ?, ?)',
      run,
      key,
      step,
      time,
      items[0]?.kind ?? 'text',
      JSON.stringify(items),
    )
  for (const [line, { time, stream, text }] of console)
    database.run('INSERT OR REPLACE INTO console VALUES (?, ?, ?, ?, ?)', run, line, time, stream, text)
  for (const record of records) {
    if (record.type === 'alert')
      database.run(
        'INSERT INTO alert (run_id, time, step, level, title, text) VALUES (?, ?, ?, ?, ?, ?)',
        run,
        record.time,
        record.step,
        record.level,
        record.title,
        record.text,
      )
    else if (record.type === 'file')
      database.run(
        'INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)',
        run,
        record.path,
        record.time,
        JSON.stringify(record.blob),
      )
    else if (record.type === 'use-artifact')
      database.run('INSERT OR IGNORE INTO artifact_use VALUES (?, ?, ?)', run, record.name, record.digest)
  }
}
