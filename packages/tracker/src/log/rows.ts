/**
 * Rows of scalars as one block of columns. A row has a step, a time and some keys; a row may also *continue* the one before it
 * (the same step logged in several calls), in which case its values join that row and replace those of the same key.
 */
import { ByteReader, ByteWriter, DecodeError } from './bytes.ts'
import { decodeColumn, encodeColumn } from './column.ts'

/** Limits of the format; they also keep a hostile block from asking for more memory than its bytes deserve. */
export const MAX_ROWS = 65_536
const MAX_CELLS = 4_194_304

export interface Column {
  /** Index into the log's dictionary of keys. */
  key: number
  /** Which rows have it, ascending; null: all of them. */
  rows: Uint32Array | null
  values: Float64Array
}

export interface Rows {
  count: number
  steps: Float64Array
  /** Microseconds since 1970, never decreasing within a session. */
  times: Float64Array
  /** 1 where a row continues the one before it; null: nowhere. */
  continues: Uint8Array | null
  columns: Column[]
}

const bitmapSize = (count: number) => (count + 7) >> 3

export function encodeRows(rows: Rows): Uint8Array {
  const writer = new ByteWriter()
  const { count } = rows
  writer.varint(count)
  writer.u8(rows.continues ? 1 : 0)
  if (rows.continues) {
    const at = writer.reserve(bitmapSize(count))
    writer.bytes.fill(0, at, writer.length)
    for (let i = 0; i < count; i++) if (rows.continues[i]) writer.bytes[at + (i >> 3)] |= 1 << (i & 7)
  }
  encodeColumn(writer, rows.steps, count)
  encodeColumn(writer, rows.times, count)
  writer.varint(rows.columns.length)
  const body = new ByteWriter()
  for (const column of rows.columns) {
    const present = column.rows ? column.rows.length : count
    body.length = 0
    body.u8(column.rows ? 1 : 0)
    if (column.rows) {
      const at = body.reserve(bitmapSize(count))
      body.bytes.fill(0, at, body.length)
      for (const row of column.rows) body.bytes[at + (row >> 3)] |= 1 << (row & 7)
    }
    encodeColumn(body, column.values, present)
    writer.varint(column.key)
    writer.varint(body.length)
    writer.append(body.view8())
  }
  return writer.view8()
}

function readBitmap(reader: ByteReader, count: number): Uint32Array {
  const at = reader.take(bitmapSize(count))
  const rows = new Uint32Array(count)
  let found = 0
  for (let i = 0; i < count; i++) if (reader.bytes[at + (i >> 3)] & (1 << (i & 7))) rows[found++] = i
  return rows.slice(0, found)
}

/** @param wanted Which keys to decode; the others are skipped without cost. Default: all. */
export function decodeRows(bytes: Uint8Array, wanted?: (key: number) => boolean): Rows {
  const reader = new ByteReader(bytes)
  const count = reader.varint()
  if (count < 1 || count > MAX_ROWS) throw new DecodeError(`a block of ${count} rows`)
  let continues: Uint8Array | null = null
  const flags = reader.u8()
  if (flags > 1) throw new DecodeError(`unknown row flags ${flags}`)
  if (flags === 1) {
    continues = new Uint8Array(count)
    for (const row of readBitmap(reader, count)) continues[row] = 1
  }
  const steps = decodeColumn(reader, count)
  const times = decodeColumn(reader, count)
  const width = reader.varint()
  if (width * count > MAX_CELLS) throw new DecodeError(`a block of ${count} rows and ${width} columns`)
  const columns: Column[] = []
  for (let i = 0; i < width; i++) {
    const key = reader.varint()
    const length = reader.varint()
    const at = reader.take(length)
    if (wanted && !wanted(key)) continue
    const body = new ByteReader(bytes, at, at + length)
    const form = body.u8()
    if (form > 1) throw new DecodeError(`unknown column presence ${form}`)
    const rows = form === 1 ? readBitmap(body, count) : null
    if (rows && rows.length === 0) throw new DecodeError('a column without values')
    columns.push({ key, rows, values: decodeColumn(body, rows ? rows.length : count) })
    if (body.left > 0) throw new DecodeError('bytes left over after a column')
  }
  if (reader.left > 0) throw new DecodeError('bytes left over after the columns')
  return { count, steps, times, continues, columns }
}

/** How many rows of so many columns may stand in one block. */
export const maxRows = (columns: number): number =>
  Math.max(1, Math.min(MAX_ROWS, Math.floor(MAX_CELLS / Math.max(1, columns))))
