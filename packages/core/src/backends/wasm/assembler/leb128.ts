/** LEB128, the variable-length integers of the WebAssembly binary format (https://en.wikipedia.org/wiki/LEB128). */

/** Encodes an unsigned integer below 2^53. */
export function unsignedLeb(value: number): number[] {
  if (value < 128) return [value]
  const bytes: number[] = []
  do {
    const low = value % 128
    value = Math.floor(value / 128)
    bytes.push(value > 0 ? low | 0x80 : low)
  } while (value > 0)
  return bytes
}

/** Encodes a signed integer of at most 32 bits. */
export function signedLeb(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value | 0; ; rest >>= 7) {
    const low = rest & 0x7f
    // The last byte's highest bit is the sign of all that follow.
    if (rest >> 6 === 0 || rest >> 6 === -1) {
      bytes.push(low)
      return bytes
    }
    bytes.push(low | 0x80)
  }
}

/** Encodes a signed integer of at most 64 bits. */
export function signedLeb64(value: bigint): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 0x7fn)
    if (rest >> 6n === 0n || rest >> 6n === -1n) {
      bytes.push(low)
      return bytes
    }
    bytes.push(low | 0x80)
  }
}
