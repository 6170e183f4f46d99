import { Inflate } from 'fflate'
import { DataError, reason } from '../errors.ts'
import { crc32 } from './crc32.ts'
import { MAX_DEFLATE_RATIO } from './gunzip.ts'
import { compressedPart, type ZipEntry } from './zipDirectory.ts'

/**
 * Takes one file out of a zip archive and checks it against the archive's directory: size and checksum.
 *
 * @param bytes The whole archive.
 * @param entry Which file.
 * @param archive The archive's name, for messages.
 * @param maxBytes Refuse a file that declares more than this.
 * @throws `DataError` when the file is damaged, encrypted, or a bomb: declares more than allowed or than it can hold, or
 * expands beyond what it declares.
 */
export function unzipEntry(bytes: Uint8Array, entry: ZipEntry, archive: string, maxBytes: number): Uint8Array {
  const fault = (what: string, cause?: unknown) =>
    new DataError(`${archive}: ${entry.name} ${what}`, { file: archive, cause })
  if (entry.encrypted) throw fault('is encrypted')
  if (entry.method !== 0 && entry.method !== 8)
    throw fault(`is compressed by method ${entry.method}; only stored and deflate are read`)
  if (entry.bytes > maxBytes)
    throw fault(`would expand to ${entry.bytes} bytes, at most ${maxBytes} are allowed; refused as a possible zip bomb`)
  const compressed = compressedPart(bytes, entry, archive)
  const possible = entry.method === 0 ? compressed.length : compressed.length * MAX_DEFLATE_RATIO
  if (entry.bytes > possible)
    throw fault(`declares ${entry.bytes} bytes, more than its ${compressed.length} compressed ones can hold`)
  const expanded = entry.method === 0 ? compressed : inflate(compressed, entry.bytes, fault)
  if (expanded.length !== entry.bytes)
    throw fault(`is ${expanded.length} bytes, but ${entry.bytes} are declared; refused`)
  if (crc32(expanded) !== entry.crc32) throw fault('is damaged: its checksum differs; fetch the file again')
  return expanded
}

/** Fed in pieces, so that an entry that lies about its size is caught before it fills the memory. */
function inflate(
  compressed: Uint8Array,
  size: number,
  fault: (what: string, cause?: unknown) => DataError,
): Uint8Array {
  const whole = new Uint8Array(size)
  let length = 0
  const stream = new Inflate((part) => {
    if (length + part.length > size)
      throw fault(`expands to more than the ${size} bytes that it declares; refused as a zip bomb`)
    whole.set(part, length)
    length += part.length
  })
  try {
    for (let at = 0; at < compressed.length; at += PIECE)
      stream.push(compressed.subarray(at, at + PIECE), at + PIECE >= compressed.length)
  } catch (thrown) {
    throw thrown instanceof DataError ? thrown : fault(`is damaged (${reason(thrown)}); fetch the file again`, thrown)
  }
  return whole.subarray(0, length)
}

const PIECE = 16_384
