/** The whole history of a run as CSV, JSON lines or Parquet. */
import { createRequire } from 'node:module'
import { foldOf, historyRows } from '../index/queries/runDetail.ts'
import type { RunIndex } from '../index/runIndex.ts'
import { RunClock } from '../index/series/clock.ts'

export type ExportFormat = 'csv' | 'json' | 'parquet'

export const exportTypes: { [F in ExportFormat]: string } = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

const PIECE = 1 << 16

/** Loaded once somebody wants Parquet: a server that starts does not wait for it. */
const parquetWriter = () => createRequire(import.meta.url)('hyparquet-writer') as typeof import('hyparquet-writer')

/** A name that a spreadsheet would take for a formula is prefixed, and everything else quoted where needed. */
export function csvCell(text: string): string {
  if (/^[=+\-@\t\r]/.test(text)) text = `'${text}`
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The file in pieces. Columns: `_step`, `_timestamp` (unix seconds), `_runtime` (seconds), then the metrics by name. */
export function* exportRun(index: RunIndex, project: string, run: string, format: ExportFormat): Generator<Uint8Array> {
  const fold = foldOf(index, project, run)
  const keys = [...fold.metrics.keys()].sort()
  const clock = new RunClock(fold.sessions)
  const rows = historyRows(index.paths.run(project, run).log)
  if (format === 'parquet') {
    yield parquet(keys, rows, clock)
    return
  }
  const encoder = new TextEncoder()
  let text = format === 'csv' ? `${['_step', '_timestamp', '_runtime', ...keys].map(csvCell).join(',')}\n` : ''
  for (const { step, time, values } of rows) {
    if (format === 'csv') {
      const cells = keys.map((key) => values.get(key) ?? '')
      text += `${[step, time, clock.relative(time), ...cells].join(',')}\n`
    } else {
      const row: { [key: string]: number | string } = { _step: step, _timestamp: time, _runtime: clock.relative(time) }
      for (const [key, value] of values) row[key] = Number.isFinite(value) ? value : String(value)
      text += `${JSON.stringify(row)}\n`
    }
    if (text.length > PIECE) {
      yield encoder.encode(text)
      text = ''
    }
  }
  if (text !== '') yield encoder.encode(text)
}

type Cell = number | string | boolean | null

/** A table of columns as a file in pieces. */
export function* runTable(names: string[], columns: Cell[][], format: ExportFormat): Generator<Uint8Array> {
  const encoder = new TextEncoder()
  const count = columns[0]?.length ?? 0
  const row = (i: number) => columns.map((column) => column[i])
  if (format === 'parquet') {
    const { ByteWriter, parquetWrite } = parquetWriter()
    const writer = new ByteWriter()
    const columnData = names.map((name, i) => {
      const numeric = columns[i].every((cell) => cell === null || typeof cell === 'number')
      return numeric
        ? { name, data: columns[i] as (number | null)[], type: 'DOUBLE' as const, nullable: true }
        : {
            name,
            data: columns[i].map((cell) => (cell === null ? null : String(cell))),
            type: 'STRING' as const,
            nullable: true,
          }
    })
    parquetWrite({ writer, columnData })
    yield new Uint8Array(writer.getBuffer())
  } else if (format === 'csv') {
    yield encoder.encode(`${names.map(csvCell).join(',')}\n`)
    for (let i = 0; i < count; i++)
      yield encoder.encode(
        `${row(i)
          .map((cell) => (cell === null ? '' : typeof cell === 'string' ? csvCell(cell) : String(cell)))
          .join(',')}\n`,
      )
  } else
    for (let i = 0; i < count; i++)
      yield encoder.encode(`${JSON.stringify(Object.fromEntries(names.map((name, j) => [name, columns[j][i]])))}\n`)
}

function parquet(keys: string[], rows: ReturnType<typeof historyRows>, clock: RunClock): Uint8Array {
  const columns = new Map<string, (number | null)[]>(
    ['_step', '_timestamp', '_runtime', ...keys].map((key) => [key, []]),
  )
  for (const { step, time, values } of rows) {
    columns.get('_step')?.push(step)
    columns.get('_timestamp')?.push(time)
    columns.get('_runtime')?.push(clock.relative(time))
    for (const key of keys) columns.get(key)?.push(values.get(key) ?? null)
  }
  const { ByteWriter, parquetWrite } = parquetWriter()
  const writer = new ByteWriter()
  parquetWrite({
    writer,
    columnData: Array.from(columns, ([name, data]) => ({ name, data, type: 'DOUBLE' as const, nullable: true })),
  })
  return new Uint8Array(writer.getBuffer())
}
