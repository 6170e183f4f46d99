import { crc32 } from '../../platform/crc32.ts'
import type { Entry } from './header.ts'

/** The metadata key under which a checksum is kept. */
export const CHECKSUM_KEY = 'trainyard_checksum'

/** A checksum of everything a file says: of its data, and of its header without the checksum itself. */
export function checksumOf(
  entries: readonly Entry[],
  metadata: Readonly<Record<string, string>>,
  data: Uint8Array,
): string {
  const rest = Object.entries(metadata).filter(([key]) => key !== CHECKSUM_KEY)
  // In the order of the data: the order of an object's keys is not always that in which they were set.
  const ordered = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end || (a.name < b.name ? -1 : 1))
  const facts = ordered.map(({ name, kind, shape, begin, end }) => [name, kind, shape, begin, end])
  const text = new TextEncoder().encode(JSON.stringify([facts, rest]))
  const hex = (crc: number) => crc.toString(16).padStart(8, '0')
  return `crc32:${hex(crc32(text))}:${hex(crc32(data))}`
}
