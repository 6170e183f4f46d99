import { DataError } from '../errors.ts'

/** One file within a zip archive, as the archive's directory declares it. Nothing of it is to be trusted. */
export interface ZipEntry {
  name: string
  /** 0: stored as it is, 8: deflate. */
  method: number
  encrypted: boolean
  crc32: number
  compressedBytes: number
  bytes: number
  /** Where the entry's local header begins. */
  offset: number
}

const END = 0x06054b50
const END_64_LOCATOR = 0x07064b50
const END_64 = 0x06064b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)
}

/**
 * Reads the directory at the end of a zip archive (PKWARE APPNOTE 4.3.12), also of the 64-bit kind, which NumPy writes.
 *
 * @throws `DataError` when the archive is cut short or its directory is damaged.
 */
export function readZipDirectory(bytes: Uint8Array, archive: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fault = (what: string) =>
    new DataError(`${archive}: the zip archive is damaged or cut short (${what}); fetch the file again`, {
      file: archive,
    })
  try {
    const end = findEnd(view)
    if (end < 0) throw fault('its directory is missing')
    let { count, offset } = { count: view.getUint16(end + 10, true), offset: view.getUint32(end + 16, true) }
    if (end >= 20 && view.getUint32(end - 20, true) === END_64_LOCATOR) {
      const end64 = Number(view.getBigUint64(end - 12, true))
      if (view.getUint32(end64, true) !== END_64) throw fault('its 64-bit directory is missing')
      count = Number(view.getBigUint64(end64 + 32, true))
      offset = Number(view.getBigUint64(end64 + 48, true))
    }
    const entries: ZipEntry[] = []
    for (let index = 0; index < count; index++) {
      if (view.getUint32(offset, true) !== ENTRY) throw fault(`entry ${index} of its directory`)
      entries.push(readEntry(bytes, view, offset))
      offset +=
        46 + view.getUint16(offset + 28, true) + view.getUint16(offset + 30, true) + view.getUint16(offset + 32, true)
    }
    return entries
  } catch (thrown) {
    throw thrown instanceof RangeError ? fault('its directory points outside') : thrown
  }
}

/** The end record is the last thing but for a comment of at most 65,535 bytes. */
function findEnd(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 65_535); at--)
    if (view.getUint32(at, true) === END) return at
  return -1
}

function readEntry(bytes: Uint8Array, view: DataView, at: number): ZipEntry {
  const nameLength = view.getUint16(at + 28, true)
  const entry = {
    name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength)),
    method: view.getUint16(at + 10, true),
    encrypted: (view.getUint16(at + 8, true) & 1) === 1,
    crc32: view.getUint32(at + 16, true),
    compressedBytes: view.getUint32(at + 20, true),
    bytes: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
  }
  readWideSizes(entry, view, at + 46 + nameLength, view.getUint16(at + 30, true))
  return entry
}

/** Sizes that do not fit 32 bits stand in an extra field of type 1, in this order, each only where it is needed. */
function readWideSizes(entry: ZipEntry, view: DataView, start: number, length: number): void {
  for (let at = start; at + 4 <= start + length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue
    let field = at + 4
    for (const size of ['bytes', 'compressedBytes', 'offset'] as const) {
      if (entry[size] !== 0xffffffff) continue
      entry[size] = Number(view.getBigUint64(field, true))
      field += 8
    }
    return
  }
}

/** The compressed bytes of an entry. */
export function compressedPart(bytes: Uint8Array, entry: ZipEntry, archive: string): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fault = () =>
    new DataError(`${archive}: ${entry.name} is damaged or cut short; fetch the file again`, { file: archive })
  if (entry.offset + 30 > bytes.length || view.getUint32(entry.offset, true) !== LOCAL) throw fault()
  const start = entry.offset + 30 + view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true)
  if (start + entry.compressedBytes > bytes.length) throw fault()
  return bytes.subarray(start, start + entry.compressedBytes)
}
