import { DTypeError, ShapeError } from '../errors.ts'
import type { Node } from '../graph/node.ts'
import { formatShape } from '../tensor/shape.ts'
import type { OpSpec, Sample } from './spec.ts'

/** Axes are sorted, in range and not empty; they disappear from the shape. */
export interface ReduceAttrs {
  readonly axes: readonly number[]
}

function inferReduce(name: string, allowEmpty: boolean) {
  return ([x]: readonly Node[], { axes }: ReduceAttrs) => {
    if (x.dtype === 'bool')
      throw new DTypeError(`${name}: is defined for float32 and int32, got bool; convert with cast()`)
    if (!allowEmpty && axes.some((axis) => x.shape[axis] === 0)) {
      throw new ShapeError(`${name}: nothing to choose from along axes ${formatShape(axes)} of ${formatShape(x.shape)}`)
    }
    return { shape: x.shape.filter((_, axis) => !axes.includes(axis)), dtype: x.dtype }
  }
}

/** The reduced shape with the axes kept as ones, stretched over the input's shape again. */
function spread(
  g: Parameters<NonNullable<OpSpec['gradient']>>[0]['g'],
  reduced: Node,
  like: Node,
  axes: readonly number[],
): Node {
  return g.expand(
    g.reshape(
      reduced,
      like.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
    ),
    like.shape,
  )
}

const sampleAxes = (distinct?: number): Sample<ReduceAttrs>[] => [
  { inputs: [{ shape: [3, 4, 5], distinct }], attrs: { axes: [2] }, name: 'innermost' },
  { inputs: [{ shape: [3, 4, 5], distinct }], attrs: { axes: [0] }, name: 'outermost' },
  { inputs: [{ shape: [3, 4, 5], distinct }], attrs: { axes: [1] }, name: 'in the middle' },
  { inputs: [{ shape: [3, 4, 5], distinct }], attrs: { axes: [0, 2] }, name: 'around' },
  { inputs: [{ shape: [2, 19], distinct }], attrs: { axes: [0, 1] }, name: 'all' },
  { inputs: [{ shape: [33, 17], distinct }], attrs: { axes: [0] }, name: 'columns with a remainder' },
  { inputs: [{ shape: [5, 1], distinct }], attrs: { axes: [1] }, name: 'over one element' },
]

/** Adds the elements along the axes. The order of summation is fixed: the same bits with any number of threads. */
export const sum: OpSpec<ReduceAttrs> = {
  name: 'sum',
  kind: 'reduce',
  infer: inferReduce('sum', true),
  gradient: ({ g, inputs: [x], grad, attrs }) => [spread(g, grad, x, attrs.axes)],
  samples: () => [
    ...sampleAxes(),
    { inputs: [{ shape: [3, 9], dtype: 'int32' }], attrs: { axes: [1] }, name: 'integers' },
  ],
}

/** The gradient of a maximum or minimum goes to the winners, divided equally among equals. */
const toWinners: NonNullable<OpSpec<ReduceAttrs>['gradient']> = ({ g, inputs: [x], output, grad, attrs }) => {
  const won = g.cast(g.eq(x, spread(g, output, x, attrs.axes)), 'float32')
  const share = g.div(grad, g.sum(won, attrs.axes))
  return [g.mul(won, spread(g, share, x, attrs.axes))]
}

/** The largest element along the axes; NaN where there is one. */
export const max: OpSpec<ReduceAttrs> = {
  name: 'max',
  kind: 'reduce',
  infer: inferReduce('max', false),
  gradient: toWinners,
  samples: () => sampleAxes(0.05),
}

/** The smallest element along the axes; NaN where there is one. */
export const min: OpSpec<ReduceAttrs> = {
  name: 'min',
  kind: 'reduce',
  infer: inferReduce('min', false),
  gradient: toWinners,
  samples: () => sampleAxes(0.05),
}

function argReduce(name: string): OpSpec<{ axis: number }> {
  return {
    name,
    kind: 'other',
    infer([x], { axis }) {
      if (x.shape[axis] === 0)
        throw new ShapeError(`${name}: nothing to choose from along axis ${axis} of ${formatShape(x.shape)}`)
      return { shape: x.shape.filter((_, a) => a !== axis), dtype: 'int32' }
    },
    gradient: null,
    samples: () =>
      [
        { shape: [4, 7], axis: 1 },
        { shape: [4, 7], axis: 0 },
        { shape: [2, 3, 5], axis: 1 },
      ].map(({ shape, axis }) => ({ inputs: [{ shape, distinct: 0.05, differentiable: false }], attrs: { axis } })),
  }
}

/** Where along the axis the largest element stands; the first of equals. int32. */
export const argmax = argReduce('argmax')

/** Where along the axis the smallest element stands; the first of equals. int32. */
export const argmin = argReduce('argmin')
