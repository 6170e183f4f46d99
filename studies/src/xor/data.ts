import { type Generator, randint, randn, type Tensor } from '@trainyard/core'

/** Points in the plane and their classes. */
export interface XorData {
  /** [size, 2] */
  readonly points: Tensor
  /** [size]: 0 or 1, as the loss wants them. */
  readonly labels: Tensor
}

/**
 * Noisy XOR: corners of the unit square, each coordinate 0 or 1 with equal chance, moved by normal noise; class 1 where
 * exactly one coordinate of the corner is 1.
 */
export async function noisyXor(size: number, deviation: number, generator: Generator): Promise<XorData> {
  const corners = randint(0, 2, [size, 2], { generator }).cast('float32')
  const points = corners.add(randn([size, 2], { generator }).mul(deviation))
  const labels = corners.slice(null, 0).ne(corners.slice(null, 1)).cast('float32')
  return { points: await points.realize(), labels: await labels.realize() }
}
