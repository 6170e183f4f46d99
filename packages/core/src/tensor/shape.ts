import { received, ShapeError } from '../errors.ts'

/** The sizes of the axes, outermost first; [] for a single number. */
export type Shape = readonly number[]

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1)
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}

/** A shape as it is printed in messages: `[64, 784]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis]
  }
  return strides
}

/** The shape both operands are expanded to: sizes are aligned at the end, 1 stretches. */
export function broadcastShapes(a: Shape, b: Shape, op: string): number[] {
  const rank = Math.max(a.length, b.length)
  const out = new Array<number>(rank)
  for (let i = 1; i <= rank; i++) {
    const x = a[a.length - i] ?? 1
    const y = b[b.length - i] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(
        `${op}: ${formatShape(a)} and ${formatShape(b)} cannot be broadcast together: sizes ${x} and ${y} on axis ${rank - i} differ and neither is 1`,
      )
    }
    out[rank - i] = x === 1 ? y : x
  }
  return out
}

/** Brings an axis in -rank..rank-1 to 0..rank-1. */
export function normalizeAxis(axis: number, rank: number, op: string): number {
  const normal = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(axis) || normal < 0 || normal >= Math.max(rank, 1)) {
    throw new ShapeError(
      `${op}: axis ${axis} is out of range for a tensor of ${rank} dimensions (-${rank}..${rank - 1})`,
    )
  }
  return normal
}

/** Axes as a sorted list without repeats; `undefined` means all of them. */
export function normalizeAxes(axes: number | readonly number[] | undefined, rank: number, op: string): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis)
  const given = typeof axes === 'number' ? [axes] : axes
  if (!Array.isArray(given)) {
    throw new ShapeError(`${op}: axes are a number, a list of numbers, or undefined for all, got ${received(axes)}`)
  }
  const list = given.map((axis: number) => normalizeAxis(axis, rank, op))
  if (new Set(list).size !== list.length) throw new ShapeError(`${op}: axes ${formatShape(list)} name one axis twice`)
  return list.sort((a, b) => a - b)
}

/** Checks that a user's shape is made of integers that are not negative. */
export function checkShape(shape: Shape, op: string): void {
  checkList(shape, op)
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) {
      throw new ShapeError(`${op}: ${formatShape(shape)} is not a shape: every size must be an integer of at least 0`)
    }
  }
}

/** Refuses sizes that do not come as a list. */
function checkList(shape: Shape, op: string): void {
  if (Array.isArray(shape)) return
  const hint = typeof shape === 'number' ? `; write [${shape}]` : ''
  throw new ShapeError(`${op}: a shape is a list of sizes, got ${received(shape)}${hint}`)
}

/** Checks a number of elements that is not a shape. */
export function checkCount(count: number, name: string, least = 0): number {
  if (!Number.isSafeInteger(count) || count < least) {
    throw new ShapeError(`${name} must be an integer of at least ${least}, got ${received(count)}`)
  }
  return count
}

/** Fills in the one -1 of a shape that is to hold `size` elements. */
export function resolveShape(shape: Shape, size: number, op: string): number[] {
  checkList(shape, op)
  const open = shape.indexOf(-1)
  if (open < 0) {
    checkShape(shape, op)
    if (sizeOf(shape) !== size) {
      throw new ShapeError(
        `${op}: ${size} elements do not fit shape ${formatShape(shape)} of ${sizeOf(shape)} elements`,
      )
    }
    return [...shape]
  }
  const others = shape.filter((_, axis) => axis !== open)
  checkShape(others, op)
  const rest = sizeOf(others)
  if (shape.indexOf(-1, open + 1) >= 0 || rest === 0 || size % rest !== 0) {
    throw new ShapeError(`${op}: no size for -1 makes ${formatShape(shape)} hold ${size} elements`)
  }
  return shape.map((s, axis) => (axis === open ? size / rest : s))
}
