/** The checksum of TFRecord files: CRC-32C, rotated and shifted so that a checksum of data with checksums in it is not degenerate. */
import { createRequire } from 'node:module'

// The package has no exports map, so its second file has to be named by path, which ESM types do not know.
const crc32c = createRequire(import.meta.url)('crc-32/crc32c.js') as { buf(bytes: Uint8Array): number }

export function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes) >>> 0
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
