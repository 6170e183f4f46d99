import { fromArray, Generator, type Tensor } from '@trainyard/core'

const generator = new Generator(7)

/** Uniform numbers between -1 and 1. */
export function noise(...shape: number[]): Tensor {
  const size = shape.reduce((a, b) => a * b)
  return fromArray(
    generator.uniform(size).map((u) => 2 * u - 1),
    shape,
  )
}

/** Labels between 0 and 9. */
export function classes(n: number): Tensor {
  return fromArray(
    Int32Array.from(generator.permutation(n), (i) => i % 10),
    [n],
  )
}

/** Zeros and ones. */
export function bits(n: number): Tensor {
  return fromArray(
    generator.uniform(n).map((u) => (u < 0.5 ? 0 : 1)),
    [n],
  )
}
