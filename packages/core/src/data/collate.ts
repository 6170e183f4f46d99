import { ShapeError, TrainyardError } from '../errors.ts'
import { stack, wrapArray } from '../tensor/create.ts'
import type { DType } from '../tensor/dtype.ts'
import { Tensor } from '../tensor/tensor.ts'

/** Arrays that stand for a row of numbers in a sample. */
type Row =
  | Float32Array
  | Float64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array

/** Samples of one form put together, the form kept. */
export type Collate = (samples: readonly unknown[]) => unknown

/**
 * Puts samples together along a new first axis. Numbers become float32 (whatever their values: a batch must not change its
 * type because all of it happens to be whole), truths bool, arrays of floats float32, arrays of integers int32; tensors are
 * stacked; lists and objects are put together field by field.
 */
export function collate(samples: readonly unknown[]): unknown {
  const [first] = samples
  if (typeof first === 'number') return scalars(samples as number[], 'float32')
  if (typeof first === 'boolean') return scalars((samples as boolean[]).map(Number), 'bool')
  if (first instanceof Tensor) return stack(samples as Tensor[])
  if (isRow(first)) return rows(samples as Row[])
  if (Array.isArray(first)) {
    return first.map((_, i) => collate(fieldsOf(samples as unknown[][], i, first.length)))
  }
  if (typeof first === 'object' && first !== null) {
    return Object.fromEntries(
      Object.keys(first).map((key) => [
        key,
        collate(samples.map((sample) => (sample as Record<string, unknown>)[key])),
      ]),
    )
  }
  throw new TrainyardError(
    `collate: cannot put together samples of type ${typeof first}; give the loader a collate function`,
  )
}

function fieldsOf(samples: readonly unknown[][], field: number, length: number): unknown[] {
  return samples.map((sample) => {
    if (sample.length !== length) {
      throw new ShapeError(`collate: samples of ${length} and ${sample.length} fields cannot be put together`)
    }
    return sample[field]
  })
}

function scalars(values: readonly number[], dtype: DType): Tensor {
  const wrong = values.find((value) => typeof value !== 'number')
  if (wrong !== undefined)
    throw new TrainyardError(`collate: samples of numbers and of ${typeof wrong} cannot be put together`)
  const elements = dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values)
  return wrapArray(elements, [values.length], dtype)
}

function isRow(value: unknown): value is Row {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) && !(value instanceof BigInt64Array)
}

function rows(list: readonly Row[]): Tensor {
  const [first] = list
  const size = first.length
  const real = first instanceof Float32Array || first instanceof Float64Array
  const all = real ? new Float32Array(list.length * size) : new Int32Array(list.length * size)
  list.forEach((row, i) => {
    if (row.length !== size) {
      throw new ShapeError(
        `collate: samples of ${size} and ${row.length} numbers cannot be put together; bring them to one size or give the loader a collate function`,
      )
    }
    all.set(row, i * size)
  })
  return wrapArray(all, [list.length, size])
}
