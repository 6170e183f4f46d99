/** Media, histograms and tables. */
import { readFileSync } from 'node:fs'
import type { BlobRecord, MediaRecordItem } from '../../log/records.ts'
import { address } from '../../server/api/client.ts'
import type {
  BlobRef,
  HistogramsAnswer,
  HistogramsQuery,
  Json,
  MediaAnswer,
  MediaEntry,
  MediaItem,
  MediaQuery,
  MediaSteps,
  MediaStepsQuery,
  TablePage,
  TableQuery,
} from '../../server/api/index.ts'
import { blobPath, isSha256 } from '../../store/blobs.ts'
import { fileSize } from '../../store/files.ts'
import { NotFoundError, type RunIndex } from '../runIndex.ts'

/** A blob with its address on this server. */
export function blobRef(project: string, run: string, { sha256, size, mime }: BlobRecord, download?: string): BlobRef {
  return {
    sha256,
    size,
    type: mime,
    url: address('getBlob', { project, run, sha256, query: { type: mime, download } }),
  }
}

export function mediaItem(project: string, run: string, item: MediaRecordItem): MediaItem {
  const ref = (blob: BlobRecord) => blobRef(project, run, blob)
  switch (item.kind) {
    case 'image':
      return {
        ...item,
        blob: ref(item.blob),
        masks: Object.fromEntries(
          Object.entries(item.masks).map(([name, mask]) => [name, { blob: ref(mask.blob), classes: mask.classes }]),
        ),
      }
    case 'plot':
      return { ...item, blob: item.blob && ref(item.blob) }
    case 'table':
    case 'html':
      return { ...item, blob: ref(item.blob) }
    case 'file':
      return { ...item, blob: blobRef(project, run, item.blob, item.name) }
    default:
      return item
  }
}

export function queryMediaSteps(index: RunIndex, project: string, { runs, key }: MediaStepsQuery): MediaSteps {
  return {
    runs: runs.map((run) => ({
      run,
      steps: index.database
        .all('SELECT DISTINCT step FROM media WHERE run_id = ? AND key = ? ORDER BY step', index.id(project, run), key)
        .map((row) => Number(row.step)),
    })),
  }
}

export function queryMedia(index: RunIndex, project: string, { runs, keys, step }: MediaQuery): MediaAnswer {
  const entries: MediaEntry[] = []
  for (const run of runs) {
    const id = index.id(project, run)
    for (const key of keys) {
      const row = index.database.get(
        'SELECT step, time, items FROM media WHERE run_id = ? AND key = ? AND step <= ? ORDER BY step DESC, id DESC LIMIT 1',
        id,
        key,
        step ?? Number.MAX_VALUE,
      )
      if (!row) continue
      const items = JSON.parse(String(row.items)) as MediaRecordItem[]
      entries.push({
        run,
        key,
        step: Number(row.step),
        time: Number(row.time),
        items: items.map((item) => mediaItem(project, run, item)),
      })
    }
  }
  return { entries }
}

/** Every 2ⁿth of them, counted from the first, so that those that are shown stay while more come; and the last. */
export function queryHistograms(index: RunIndex, project: string, query: HistogramsQuery): HistogramsAnswer {
  const { run, key, limit = 100 } = query
  const id = index.id(project, run)
  const rows = index.database.all(
    "SELECT id FROM media WHERE run_id = ? AND key = ? AND kind = 'histogram' ORDER BY step, id",
    id,
    key,
  )
  const stride = rows.length <= limit ? 1 : 2 ** Math.ceil(Math.log2(rows.length / limit))
  const chosen = rows.filter((_, i) => i % stride === 0)
  const last = rows.at(-1)
  if (last && chosen.at(-1) !== last) {
    if (chosen.length >= limit) chosen.pop()
    chosen.push(last)
  }
  const histograms = chosen.map((row) => {
    const found = index.database.get('SELECT step, time, items FROM media WHERE id = ?', Number(row.id))
    const [item] = JSON.parse(String(found?.items)) as MediaRecordItem[]
    const { edges, counts } = item as Extract<MediaRecordItem, { kind: 'histogram' }>
    return { step: Number(found?.step), time: Number(found?.time), edges, counts }
  })
  return { total: rows.length, histograms }
}

interface StoredTable {
  columns: string[]
  rows: Json[][]
}

function isMedia(cell: Json): cell is { [key: string]: Json } {
  return (
    typeof cell === 'object' && cell !== null && !Array.isArray(cell) && typeof cell.kind === 'string' && 'blob' in cell
  )
}

const cellText = (cell: Json): string => (typeof cell === 'string' ? cell : JSON.stringify(cell))

export function queryTable(index: RunIndex, project: string, run: string, query: TableQuery): TablePage {
  const { sha256, sort, search = '', offset = 0, limit = 100 } = query
  index.id(project, run)
  if (!isSha256(sha256)) throw new NotFoundError(`"${sha256}" is no SHA-256 of a table`)
  let table: StoredTable
  try {
    const file = blobPath(index.paths.run(project, run).blobs, sha256)
    if (fileSize(file) === null) throw new Error('no file')
    table = JSON.parse(readFileSync(file, 'utf8')) as StoredTable
    if (!Array.isArray(table.columns) || !table.rows.every(Array.isArray)) throw new Error('no table')
  } catch {
    throw new NotFoundError(`run "${run}" has no table ${sha256}`)
  }
  const needle = search.toLowerCase()
  const rows = needle
    ? table.rows.filter((row) => row.some((cell) => cellText(cell).toLowerCase().includes(needle)))
    : table.rows
  const column = sort ? table.columns.indexOf(sort.column) : -1
  if (sort && column >= 0) {
    const direction = sort.descending ? -1 : 1
    rows.sort((a, b) => direction * compareCells(a[column] ?? null, b[column] ?? null))
  }
  return {
    columns: table.columns,
    total: rows.length,
    rows: rows
      .slice(offset, offset + limit)
      .map((row) =>
        row.map((cell) =>
          isMedia(cell) ? (mediaItem(project, run, cell as unknown as MediaRecordItem) as unknown as Json) : cell,
        ),
      ),
  }
}

function compareCells(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'number') return -1
  if (typeof b === 'number') return 1
  const [x, y] = [cellText(a), cellText(b)]
  return x < y ? -1 : x > y ? 1 : 0
}
