import { ShapeError } from '../errors.ts'
import { formatShape, sameShape, sizeOf } from '../tensor/shape.ts'
import type { OpSpec } from './spec.ts'

/** The same elements in the same row-major order under another shape. */
export const reshape: OpSpec<{ shape: readonly number[] }> = {
  name: 'reshape',
  kind: 'view',
  infer([x], { shape }) {
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new ShapeError(
        `reshape: ${formatShape(x.shape)} has ${sizeOf(x.shape)} elements, ${formatShape(shape)} has ${sizeOf(shape)}`,
      )
    }
    return { shape, dtype: x.dtype }
  },
  gradient: ({ g, inputs: [x], grad }) => [g.reshape(grad, x.shape)],
  samples: () => [
    { inputs: [{ shape: [4, 6] }], attrs: { shape: [2, 2, 6] } },
    { inputs: [{ shape: [2, 3, 4] }], attrs: { shape: [4, 6] }, name: 'across axes' },
    { inputs: [{ shape: [1] }], attrs: { shape: [] }, name: 'to a scalar' },
  ],
}

/** Reorders the axes: axis i of the result is axis `order[i]` of the input. */
export const permute: OpSpec<{ order: readonly number[] }> = {
  name: 'permute',
  kind: 'view',
  infer([x], { order }) {
    if (
      !sameShape(
        [...order].sort((a, b) => a - b),
        Array.from(x.shape.keys()),
      )
    ) {
      throw new ShapeError(
        `permute: ${formatShape(order)} is not an order of the ${x.shape.length} axes of ${formatShape(x.shape)}`,
      )
    }
    return { shape: order.map((axis) => x.shape[axis]), dtype: x.dtype }
  },
  gradient: ({ g, grad, attrs: { order } }) => [g.permute(grad, inverse(order))],
  samples: () => [
    { inputs: [{ shape: [3, 5] }], attrs: { order: [1, 0] } },
    { inputs: [{ shape: [2, 3, 4] }], attrs: { order: [2, 0, 1] } },
    { inputs: [{ shape: [2, 3, 4, 5] }], attrs: { order: [0, 2, 3, 1] }, name: 'channels last' },
  ],
}

/** The order that undoes `order`. */
export function inverse(order: readonly number[]): number[] {
  const back = new Array<number>(order.length)
  order.forEach((axis, i) => {
    back[axis] = i
  })
  return back
}

/** Stretches axes of size 1 to the sizes of `shape`, of the same number of axes. */
export const expand: OpSpec<{ shape: readonly number[] }> = {
  name: 'expand',
  kind: 'view',
  infer([x], { shape }) {
    if (x.shape.length !== shape.length || x.shape.some((size, axis) => size !== shape[axis] && size !== 1)) {
      throw new ShapeError(
        `expand: ${formatShape(x.shape)} cannot be stretched to ${formatShape(shape)}; only sizes of 1 can`,
      )
    }
    return { shape, dtype: x.dtype }
  },
  gradient: ({ g, inputs: [x], grad }) => {
    const axes = [...x.shape.keys()].filter((axis) => x.shape[axis] !== grad.shape[axis])
    return [g.reshape(g.sum(grad, axes), x.shape)]
  },
  samples: () => [
    { inputs: [{ shape: [1, 4] }], attrs: { shape: [3, 4] } },
    { inputs: [{ shape: [3, 1] }], attrs: { shape: [3, 5] } },
    { inputs: [{ shape: [1, 3, 1, 1] }], attrs: { shape: [2, 3, 4, 5] }, name: 'channels' },
  ],
}

/** Adds `before[i]` and `after[i]` elements of one value around axis i. */
export const pad: OpSpec<{ before: readonly number[]; after: readonly number[]; value: number }> = {
  name: 'pad',
  kind: 'view',
  infer([x], { before, after }) {
    if (
      before.length !== x.shape.length ||
      after.length !== x.shape.length ||
      [...before, ...after].some((n) => n < 0)
    ) {
      throw new ShapeError(
        `pad: ${formatShape(before)} and ${formatShape(after)} must hold one size of at least 0 for each axis of ${formatShape(x.shape)}`,
      )
    }
    return { shape: x.shape.map((size, axis) => before[axis] + size + after[axis]), dtype: x.dtype }
  },
  gradient: ({ g, inputs: [x], grad, attrs: { before } }) => [
    g.slice(
      grad,
      before,
      before.map((n, axis) => n + x.shape[axis]),
    ),
  ],
  samples: () => [
    { inputs: [{ shape: [3, 4] }], attrs: { before: [1, 0], after: [0, 2], value: 0 } },
    { inputs: [{ shape: [2, 3, 5] }], attrs: { before: [0, 1, 2], after: [1, 0, 1], value: 7 }, name: 'with sevens' },
  ],
}

/** Takes elements start, start + step, … below end, along each axis. Steps are at least 1. */
export const slice: OpSpec<{ start: readonly number[]; end: readonly number[]; step: readonly number[] }> = {
  name: 'slice',
  kind: 'view',
  infer([x], { start, end, step }) {
    const shape = x.shape.map((size, axis) => {
      if (!(start[axis] >= 0 && start[axis] <= end[axis] && end[axis] <= size && step[axis] >= 1)) {
        throw new ShapeError(
          `slice: ${start[axis]}:${end[axis]}:${step[axis]} is not a range of axis ${axis} of ${formatShape(x.shape)}`,
        )
      }
      return Math.ceil((end[axis] - start[axis]) / step[axis])
    })
    return { shape, dtype: x.dtype }
  },
  gradient: ({ g, inputs: [x], grad, attrs: { start, end, step } }) => [unslice(g, grad, x.shape, start, end, step)],
  samples: () => [
    { inputs: [{ shape: [5, 6] }], attrs: { start: [1, 0], end: [4, 6], step: [1, 1] } },
    { inputs: [{ shape: [7, 9] }], attrs: { start: [0, 1], end: [7, 8], step: [2, 3] }, name: 'with steps' },
  ],
}

/** Puts the elements back where a slice took them from, zeros elsewhere: steps become gaps, then both ends are padded. */
function unslice(
  g: Parameters<NonNullable<OpSpec['gradient']>>[0]['g'],
  grad: Parameters<NonNullable<OpSpec['gradient']>>[0]['grad'],
  shape: readonly number[],
  start: readonly number[],
  end: readonly number[],
  step: readonly number[],
) {
  let gapped = grad
  step.forEach((s, axis) => {
    if (s === 1) return
    // [.., n, ..] -> [.., n, s, ..] with zeros after each element -> [.., n * s, ..], cut to where the slice ended.
    const sizes = gapped.shape
    const split = g.reshape(gapped, [...sizes.slice(0, axis + 1), 1, ...sizes.slice(axis + 1)])
    const none = split.shape.map(() => 0)
    const zeros = g.pad(
      split,
      none,
      none.map((_, a) => (a === axis + 1 ? s - 1 : 0)),
      0,
    )
    const joined = g.reshape(zeros, [...sizes.slice(0, axis), sizes[axis] * s, ...sizes.slice(axis + 1)])
    const length = Math.min(sizes[axis] * s, end[axis] - start[axis])
    gapped = g.slice(
      joined,
      joined.shape.map(() => 0),
      joined.shape.map((size, a) => (a === axis ? length : size)),
    )
  })
  return g.pad(
    gapped,
    start,
    shape.map((size, axis) => size - start[axis] - gapped.shape[axis]),
    0,
  )
}

/** Puts tensors one after another along an axis. */
export const concat: OpSpec<{ axis: number }> = {
  name: 'concat',
  kind: 'view',
  infer(inputs, { axis }) {
    const [first] = inputs
    for (const x of inputs) {
      if (x.shape.length !== first.shape.length || x.shape.some((size, a) => a !== axis && size !== first.shape[a])) {
        throw new ShapeError(
          `concat: ${inputs.map((i) => formatShape(i.shape)).join(' and ')} differ on an axis other than ${axis}`,
        )
      }
    }
    const total = inputs.reduce((size, x) => size + x.shape[axis], 0)
    return { shape: first.shape.map((size, a) => (a === axis ? total : size)), dtype: first.dtype }
  },
  gradient: ({ g, inputs, grad, attrs: { axis } }) => {
    let from = 0
    return inputs.map((x) => {
      const start = grad.shape.map((_, a) => (a === axis ? from : 0))
      from += x.shape[axis]
      return g.slice(
        grad,
        start,
        grad.shape.map((size, a) => (a === axis ? from : size)),
      )
    })
  },
  samples: () => [
    { inputs: [{ shape: [2, 3] }, { shape: [4, 3] }], attrs: { axis: 0 } },
    { inputs: [{ shape: [2, 3] }, { shape: [2, 1] }, { shape: [2, 5] }], attrs: { axis: 1 }, name: 'three' },
    { inputs: [{ shape: [2, 3, 4, 4] }, { shape: [2, 5, 4, 4] }], attrs: { axis: 1 }, name: 'channels' },
  ],
}
