import type { DType, TypedArray } from './dtype.ts'
import { type Shape, sizeOf, stridesOf } from './shape.ts'

/** Rows and columns shown at each end of a long axis. */
const EDGE = 3
/** Tensors of more elements are shortened. */
const WHOLE = 1000

/** Prints elements as nested rows with aligned columns; long axes are shortened to their ends. */
export function formatTensor(elements: TypedArray, shape: Shape, dtype: DType): string {
  const strides = stridesOf(shape)
  const shorten = sizeOf(shape) > WHOLE
  const format = (value: number): string => {
    if (dtype === 'bool') return value !== 0 ? 'true' : 'false'
    if (dtype === 'int32' || !Number.isFinite(value)) return String(value)
    const magnitude = Math.abs(value)
    return magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e6) ? value.toExponential(4) : value.toFixed(4)
  }
  const places = (size: number): (number | null)[] =>
    shorten && size > 2 * EDGE ? [...range(0, EDGE), null, ...range(size - EDGE, size)] : range(0, size)
  const shown: string[] = []
  const visit = (axis: number, offset: number): void => {
    if (axis === shape.length) shown.push(format(elements[offset]))
    else for (const i of places(shape[axis])) if (i !== null) visit(axis + 1, offset + i * strides[axis])
  }
  visit(0, 0)
  const width = Math.max(0, ...shown.map((text) => text.length))
  const print = (axis: number, offset: number, indent: string): string => {
    if (axis === shape.length) return format(elements[offset]).padStart(width)
    const parts = places(shape[axis]).map((i) =>
      i === null ? '…' : print(axis + 1, offset + i * strides[axis], `${indent} `),
    )
    const last = axis === shape.length - 1
    return `[${parts.join(last ? ', ' : `,${'\n'.repeat(shape.length - axis - 1)}${indent} `)}]`
  }
  return print(0, 0, '')
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}
