import { type Shape, sizeOf } from '../../tensor/shape.ts'

/** Calls `visit` with every index of a shape in row-major order, and its number. The index is one array, reused. */
export function forEachIndex(shape: Shape, visit: (index: readonly number[], linear: number) => void): void {
  const index = new Array<number>(shape.length).fill(0)
  const size = sizeOf(shape)
  for (let linear = 0; linear < size; linear++) {
    visit(index, linear)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break
      index[axis] = 0
    }
  }
}

/** Where an index stands in row-major order. */
export function linearIndex(index: readonly number[], strides: readonly number[]): number {
  let linear = 0
  for (let axis = 0; axis < strides.length; axis++) linear += index[axis] * strides[axis]
  return linear
}
