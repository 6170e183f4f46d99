import { allocate, type DType, type TypedArray } from '../../tensor/dtype.ts'

let double = false

/** Makes the array for a result: of the type's own precision, or of float64 inside `inDouble`. */
export function output(dtype: DType, size: number): TypedArray {
  return double && dtype === 'float32' ? (new Float64Array(size) as unknown as TypedArray) : allocate(dtype, size)
}

/** Rounds what was accumulated in float64 to the type of the result, unless inside `inDouble`. */
export function rounded(sums: Float64Array): TypedArray {
  return double ? (sums as unknown as TypedArray) : Float32Array.from(sums)
}

/**
 * Runs `fn` with every float32 intermediate held in float64. Finite differences need it: in float32 the rounding of one
 * evaluation is as large as the difference of two.
 */
export function inDouble<T>(fn: () => T): T {
  const before = double
  double = true
  try {
    return fn()
  } finally {
    double = before
  }
}
