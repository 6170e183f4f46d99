import { type Shape, sameShape, sizeOf, stridesOf } from '../tensor/shape.ts'
import { type Affine, add, constantAffine, scale } from './affine.ts'

/** Rows and columns of zeros kept around each image, so that convolutions need not ask where the image ends. */
export type Border = readonly [top: number, bottom: number, left: number, right: number]

/** Where the elements of a tensor lie in its buffer. Counted in elements. */
export interface Layout {
  /** Distance between neighbours along each axis. */
  readonly strides: readonly number[]
  /** Where element [0, 0, …] lies. */
  readonly offset: number
  /** Elements of the buffer, the border included. */
  readonly size: number
  readonly border: Border | null
}

/** Row-major, last axis innermost: how tensors enter and leave. */
export function rowMajor(shape: Shape): Layout {
  return { strides: stridesOf(shape), offset: 0, size: sizeOf(shape), border: null }
}

/** Matrices with the elements of a column side by side. */
export function columnMajor([rows, columns]: Shape): Layout {
  return { strides: [1, rows], offset: 0, size: rows * columns, border: null }
}

/** Images [N, C, H, W] with the channels of a pixel side by side, within a border. */
export function channelsLast(shape: Shape, border: Border | null = null): Layout {
  const [n, c, h, w] = shape
  const [top, bottom, left, right] = border ?? [0, 0, 0, 0]
  const row = (left + w + right) * c
  const image = (top + h + bottom) * row
  return {
    strides: [image, 1, row, c],
    offset: top * row + left * c,
    size: n * image,
    border: border?.some((width) => width > 0) ? border : null,
  }
}

/** Whether two layouts put every element at the same place. Strides along axes of size 1 do not matter. */
export function sameLayout(a: Layout, b: Layout, shape: Shape): boolean {
  return (
    a.offset === b.offset &&
    a.size === b.size &&
    a.strides.every((stride, axis) => shape[axis] === 1 || stride === b.strides[axis])
  )
}

/** The address of an element. */
export function addressOf(layout: Layout, coordinates: readonly Affine[]): Affine {
  let address: Affine = constantAffine(layout.offset)
  coordinates.forEach((coordinate, axis) => {
    address = add(address, scale(coordinate, layout.strides[axis]))
  })
  return address
}

export function isRowMajor(layout: Layout, shape: Shape): boolean {
  return sameLayout(layout, rowMajor(shape), shape)
}

/** The larger of two borders on each side. */
export function joinBorders(a: Border | null, b: Border | null): Border | null {
  if (!a || !b) return a ?? b
  return sameShape(a, b) ? a : (a.map((width, side) => Math.max(width, b[side])) as unknown as Border)
}
