/**
 * Philox 4×32 with 10 rounds: a block of four 32-bit random numbers as a pure function of a counter and a key, so that any
 * number can be had without those before it (J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011).
 *
 * @param counter Four 32-bit words.
 * @param key Two 32-bit words.
 * @param out Where the four words go.
 */
export function philox4x32(counter: Uint32Array, key: readonly [number, number], out: Uint32Array): void {
  let [a, b, c, d] = counter
  let k0 = key[0] >>> 0
  let k1 = key[1] >>> 0
  for (let round = 0; round < 10; round++) {
    const highA = multiplyHigh(0xd2511f53, a)
    const lowA = Math.imul(0xd2511f53, a) >>> 0
    const highC = multiplyHigh(0xcd9e8d57, c)
    const lowC = Math.imul(0xcd9e8d57, c) >>> 0
    a = (highC ^ b ^ k0) >>> 0
    b = lowC
    c = (highA ^ d ^ k1) >>> 0
    d = lowA
    k0 = (k0 + 0x9e3779b9) >>> 0
    k1 = (k1 + 0xbb67ae85) >>> 0
  }
  out[0] = a
  out[1] = b
  out[2] = c
  out[3] = d
}

/** The upper 32 bits of a 32×32-bit product, by halves, as doubles hold only 53 bits. */
function multiplyHigh(x: number, y: number): number {
  const xLow = x & 0xffff
  const xHigh = x >>> 16
  const yLow = y & 0xffff
  const yHigh = y >>> 16
  const middle = xHigh * yLow + ((xLow * yLow) >>> 16)
  const cross = xLow * yHigh + (middle % 65536)
  return (xHigh * yHigh + Math.floor(middle / 65536) + Math.floor(cross / 65536)) >>> 0
}
