import { nodeBuiltin } from './node.ts'

interface ZlibModule {
  crc32?(bytes: Uint8Array, start?: number): number
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

/** CRC-32 (ISO 3309, as in zip and PNG), from its definition. */
export function crc32Portable(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** CRC-32 by the fastest means there is. */
export function crc32(bytes: Uint8Array): number {
  return nodeBuiltin<ZlibModule>('node:zlib')?.crc32?.(bytes) ?? crc32Portable(bytes)
}
