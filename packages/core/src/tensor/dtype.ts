import { DTypeError, received } from '../errors.ts'

/** Element types. All of them occupy four bytes in memory; a bool is the int32 0 or 1. */
export type DType = 'float32' | 'int32' | 'bool'

/** What holds the elements of a tensor on the host. */
export type TypedArray = Float32Array | Int32Array

export const BYTES_PER_ELEMENT = 4

/** Makes a host array of `size` zeros for a data type. */
export function allocate(dtype: DType, size: number): TypedArray {
  return dtype === 'float32' ? new Float32Array(size) : new Int32Array(size)
}

/** Refuses what is not the name of an element type. */
export function checkDType(dtype: DType, op: string): DType {
  if (!Object.hasOwn(rank, dtype)) {
    throw new DTypeError(`${op}: there is no element type ${received(dtype)}; there is float32, int32 and bool`)
  }
  return dtype
}

const rank: Record<DType, number> = { bool: 0, int32: 1, float32: 2 }

/** The type two operands are brought to before they are combined: bool < int32 < float32. */
export function promote(a: DType, b: DType): DType {
  return rank[a] >= rank[b] ? a : b
}
