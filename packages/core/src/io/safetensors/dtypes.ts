import { FormatError } from '../../errors.ts'
import type { DType, TypedArray } from '../../tensor/dtype.ts'

/** An element type of the format: its size, the type it becomes here, and how its elements are read. */
interface Kind {
  readonly bytes: number
  readonly dtype: DType
  read(bytes: Uint8Array, name: string): TypedArray
}

/** The types of the format that are read. Elements are little-endian, as on every machine this runs on. */
export const kinds: Readonly<Record<string, Kind>> = {
  F32: { bytes: 4, dtype: 'float32', read: (bytes) => new Float32Array(aligned(bytes)) },
  F64: { bytes: 8, dtype: 'float32', read: (bytes) => Float32Array.from(new Float64Array(aligned(bytes))) },
  F16: { bytes: 2, dtype: 'float32', read: (bytes) => Float32Array.from(new Uint16Array(aligned(bytes)), fromHalf) },
  BF16: { bytes: 2, dtype: 'float32', read: (bytes) => fromBrain(new Uint16Array(aligned(bytes))) },
  I32: { bytes: 4, dtype: 'int32', read: (bytes) => new Int32Array(aligned(bytes)) },
  I64: { bytes: 8, dtype: 'int32', read: (bytes, name) => fromLong(new BigInt64Array(aligned(bytes)), name) },
  I16: { bytes: 2, dtype: 'int32', read: (bytes) => Int32Array.from(new Int16Array(aligned(bytes))) },
  I8: { bytes: 1, dtype: 'int32', read: (bytes) => Int32Array.from(new Int8Array(aligned(bytes))) },
  U8: { bytes: 1, dtype: 'int32', read: (bytes) => Int32Array.from(bytes) },
  BOOL: { bytes: 1, dtype: 'bool', read: (bytes) => Int32Array.from(bytes, (byte) => (byte !== 0 ? 1 : 0)) },
}

/** The type of the format that a tensor is written as. */
export const written: Readonly<Record<DType, string>> = { float32: 'F32', int32: 'I32', bool: 'BOOL' }

/** A copy of the bytes at the start of a buffer of their own, where every element type may begin. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  // Not slice(): that of Node's Buffer copies nothing.
  return new Uint8Array(bytes).buffer
}

/** IEEE 754 half precision: a sign, 5 bits of exponent, 10 of fraction. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** bfloat16 is the upper half of a float32. */
function fromBrain(halves: Uint16Array): Float32Array {
  const bits = Uint32Array.from(halves, (half) => half << 16)
  return new Float32Array(bits.buffer)
}

function fromLong(longs: BigInt64Array, name: string): Int32Array {
  return Int32Array.from(longs, (long) => {
    const value = Number(long)
    if (value !== (value | 0)) {
      throw new FormatError(`safetensors: ${name} holds ${long}, which int32 cannot`)
    }
    return value
  })
}
