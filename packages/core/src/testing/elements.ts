import { Storage } from '../graph/storage.ts'
import type { SampleInput } from '../ops/spec.ts'
import { Generator } from '../random/generator.ts'
import { allocate, type TypedArray } from '../tensor/dtype.ts'
import { sizeOf } from '../tensor/shape.ts'

/**
 * Draws the elements that a sample asks for. The same seed and place always give the same; inputs of different places
 * stand on different grids, so that two of them are never equal by construction.
 */
export function drawElements(input: SampleInput, seed: number, place = 0): TypedArray {
  const { dtype = 'float32', distinct } = input
  const size = sizeOf(input.shape)
  const generator = new Generator(seed * 31 + place)
  const elements = allocate(dtype, size)
  if (input.values) {
    elements.set(input.values)
    return elements
  }
  if (dtype === 'bool') {
    generator.uniform(size).forEach((u, i) => {
      elements[i] = u < 0.5 ? 1 : 0
    })
    return elements
  }
  if (dtype === 'int32') {
    const [low, high] = input.range ?? [0, 3]
    generator.uniform(size).forEach((u, i) => {
      elements[i] = low + Math.floor(u * (high - low + 1))
    })
    return elements
  }
  const [low, high] = input.range ?? [-2, 2]
  if (distinct === undefined) {
    generator.uniform(size).forEach((u, i) => {
      elements[i] = low + u * (high - low)
    })
    return elements
  }
  // A shuffled grid around the middle of the range, widened where the elements would stand closer than asked for.
  // No point of it is 0: kinks at 0 are half a step away or nearly so.
  const step = Math.max(distinct, (high - low) / Math.max(1, size))
  const shift = 0.35 + 0.3 * (place % 2)
  generator.permutation(size).forEach((k, i) => {
    elements[i] = step * (k - Math.floor(size / 2) + shift)
  })
  return elements
}

/** Arrays as a program takes its arguments. */
export function asArguments(arrays: readonly TypedArray[]): Storage[] {
  return arrays.map((array) => new Storage(array instanceof Int32Array ? 'int32' : 'float32', array.length, array))
}
