import { makeLeaf, makeNode, type Node } from '../graph/node.ts'
import { type DType, promote } from '../tensor/dtype.ts'
import { broadcastShapes, type Shape, sameShape } from '../tensor/shape.ts'
import type { BinaryBuilders, Builders, UnaryBuilders } from './builders.ts'
import type { PointwiseName } from './names.ts'
import { pointwise } from './pointwise.ts'
import { registry as ops } from './registry.ts'

const none = {}

/** Stretches a node over a larger shape: ones in front, then sizes of 1 to those of the shape. */
export function broadcastTo(x: Node, shape: Shape): Node {
  if (sameShape(x.shape, shape)) return x
  const ones = new Array<number>(shape.length - x.shape.length).fill(1)
  const aligned = ones.length > 0 ? build.reshape(x, [...ones, ...x.shape]) : x
  return build.expand(aligned, shape)
}

function combine(name: PointwiseName, a: Node, b: Node): Node {
  const shape = broadcastShapes(a.shape, b.shape, name)
  const dtype = promote(a.dtype, b.dtype)
  // Arithmetic counts truths; div has no meaning for integers but the one of real numbers.
  const type = name === 'div' || name === 'pow' ? 'float32' : dtype === 'bool' && !accepts(name) ? 'int32' : dtype
  return makeNode(
    pointwise[name],
    [broadcastTo(build.cast(a, type), shape), broadcastTo(build.cast(b, type), shape)],
    none,
  )
}

/** Whether a binary op takes truths as they are. */
function accepts(name: PointwiseName): boolean {
  return name === 'and' || name === 'or' || name === 'eq' || name === 'ne'
}

const unaryBuilders = Object.fromEntries(
  Object.values(pointwise)
    .filter((op) => op.arity === 1)
    .map((op) => [op.name, (a: Node) => makeNode(op, [a], none)]),
) as UnaryBuilders

const binaryBuilders = Object.fromEntries(
  Object.values(pointwise)
    .filter((op) => op.arity === 2)
    .map((op) => [op.name, (a: Node, b: Node) => combine(op.name, a, b)]),
) as BinaryBuilders

/** The builders of every op. */
export const build: Builders = {
  ...unaryBuilders,
  ...binaryBuilders,
  where(condition, a, b) {
    const shape = broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape, 'where'), 'where')
    const dtype = promote(a.dtype, b.dtype)
    return makeNode(
      pointwise.where,
      [
        broadcastTo(condition, shape),
        broadcastTo(build.cast(a, dtype), shape),
        broadcastTo(build.cast(b, dtype), shape),
      ],
      none,
    )
  },
  scalar: (value: number, dtype: DType = 'float32') => makeLeaf(ops.constant, { value }, [], dtype),
  iota: (shape, axis) => makeLeaf(ops.iota, { axis }, shape, 'int32'),
  cast: (x, dtype) => (x.dtype === dtype ? x : makeNode(ops.cast, [x], { dtype })),
  detach: (x) => makeNode(ops.detach, [x], none),
  identity: (x) => makeNode(ops.identity, [x], none),
  sum: (x, axes) => (axes.length === 0 ? x : makeNode(ops.sum, [x], { axes })),
  max: (x, axes) => (axes.length === 0 ? x : makeNode(ops.max, [x], { axes })),
  min: (x, axes) => (axes.length === 0 ? x : makeNode(ops.min, [x], { axes })),
  argmax: (x, axis) => makeNode(ops.argmax, [x], { axis }),
  argmin: (x, axis) => makeNode(ops.argmin, [x], { axis }),
  reshape: (x, shape) => (sameShape(x.shape, shape) ? x : makeNode(ops.reshape, [x], { shape })),
  permute(x, order) {
    const asIs = order.length === x.shape.length && order.every((axis, i) => axis === i)
    return asIs ? x : makeNode(ops.permute, [x], { order })
  },
  expand: (x, shape) => (sameShape(x.shape, shape) ? x : makeNode(ops.expand, [x], { shape })),
  pad: (x, before, after, value) =>
    before.every((n) => n === 0) && after.every((n) => n === 0) ? x : makeNode(ops.pad, [x], { before, after, value }),
  slice(x, start, end, step = start.map(() => 1)) {
    const whole = x.shape.every((size, axis) => start[axis] === 0 && end[axis] === size && step[axis] === 1)
    return whole ? x : makeNode(ops.slice, [x], { start, end, step })
  },
  concat(inputs, axis) {
    if (inputs.length === 1) return inputs[0]
    const dtype = inputs.map((x) => x.dtype).reduce(promote)
    return makeNode(
      ops.concat,
      inputs.map((x) => build.cast(x, dtype)),
      { axis },
    )
  },
  standardize: (x, axes, eps) => makeNode(ops.standardize, [x], { axes, eps }),
  matmul: (a, b, transposeA, transposeB) => makeNode(ops.matmul, [a, b], { transposeA, transposeB }),
  conv2d: (x, w, attrs) => makeNode(ops.conv2d, [x, w], attrs),
  conv2dInputGrad: (grad, w, attrs) => makeNode(ops.conv2dInputGrad, [grad, w], attrs),
  conv2dWeightGrad: (x, grad, attrs) => makeNode(ops.conv2dWeightGrad, [x, grad], attrs),
  maxPool2d: (x, attrs) =>
    // The largest of what is cut off at 0 is the largest, cut off at 0: a quarter of the work, and the same gradients
    // (a window with nothing above 0 passes none on, either way).
    x.op === pointwise.relu
      ? build.relu(makeNode(ops.maxPool2d, [x.inputs[0]], attrs))
      : makeNode(ops.maxPool2d, [x], attrs),
  maxPool2dIndex: (x, attrs) => makeNode(ops.maxPool2dIndex, [x], attrs),
  maxPool2dScatter: (x, index, attrs) => makeNode(ops.maxPool2dScatter, [x, index], attrs),
  maxPool2dSelect: (x, index, attrs) => makeNode(ops.maxPool2dSelect, [x, index], attrs),
  sumPool2d: (x, attrs) => makeNode(ops.sumPool2d, [x], attrs),
  sumPool2dGrad: (x, attrs) => makeNode(ops.sumPool2dGrad, [x], attrs),
  gather: (x, index, axis) => makeNode(ops.gather, [x, index], { axis }),
  scatterAdd: (x, index, axis, size) => makeNode(ops.scatterAdd, [x, index], { axis, size }),
}
