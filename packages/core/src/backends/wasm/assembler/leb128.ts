/** LEB128, the variable-length integers of the WebAssembly binary format (https://en.wikipedia.org/wiki/LEB128). */

/** Encodes an unsigned integer below 2^53. */
export function unsignedLeb(value: number): number[] {
  const bytes: number[] = []
  do {
    const low = value % 128
    value = Math.floor(value / 128)
    bytes.push(value > 0 ? low | 0x80 : low)
  } while (value > 0)
  return bytes
}

/** Encodes a signed integer of at most 64 bits. */
export function signedLeb(value: number | bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt(value)
  for (;;) {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)
    bytes.push(done ? low : low | 0x80)
    if (done) return bytes
  }
}
