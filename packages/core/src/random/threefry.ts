/**
 * Threefry-2×32 with 20 rounds (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * A block cipher on two 32-bit words: the same key and counter give the same numbers on every machine, in any order.
 */
export function threefry2x32(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  const key2 = 0x1bd11bda ^ key0 ^ key1
  let x = (counter0 + key0) | 0
  let y = (counter1 + key1) | 0
  for (let group = 0; group < 5; group++) {
    const rotations = group % 2 === 0 ? EVEN : ODD
    for (let i = 0; i < 4; i++) {
      x = (x + y) | 0
      const r = rotations[i]
      y = ((y << r) | (y >>> (32 - r))) ^ x
    }
    // The key is added again after every four rounds, its three words in turn.
    const turn = (group + 1) % 3
    x = (x + (turn === 0 ? key0 : turn === 1 ? key1 : key2)) | 0
    y = (y + (turn === 0 ? key1 : turn === 1 ? key2 : key0) + group + 1) | 0
  }
  return [x, y]
}

const EVEN = [13, 15, 26, 6]
const ODD = [17, 29, 16, 24]

/** Parameters of the rounds, for kernels that unroll them. */
export const threefryRotations: readonly (readonly number[])[] = [EVEN, ODD]

/** A number in [0, 1) from 32 random bits: the upper 24 of them, all that a float32 can hold. */
export function toUniform(bits: number): number {
  return (bits >>> 8) * 2 ** -24
}
