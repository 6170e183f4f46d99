import type { Node } from '../../graph/node.ts'
import { matrixOf } from '../../ops/matmul.ts'
import type { PointwiseName } from '../../ops/names.ts'
import { type PointwiseSpec, pointwise } from '../../ops/pointwise.ts'
import type { AttrsOf, OpName } from '../../ops/registry.ts'
import { threefry2x32, toUniform } from '../../random/threefry.ts'
import type { TypedArray } from '../../tensor/dtype.ts'
import { sizeOf, stridesOf } from '../../tensor/shape.ts'
import { output } from './arrays.ts'
import { convolution, convolutionInputGrad, convolutionWeightGrad } from './convolution.ts'
import { forEachIndex, linearIndex } from './walk.ts'
import { maxIndex, scatterWinners, selectWinners, sumWindows, sumWindowsGrad, valuesAt } from './windows.ts'

/** Computes a node from the elements of its inputs: naive, readable, accumulating in float64. */
export type ReferenceKernel<Attrs> = (node: Node, inputs: readonly TypedArray[], attrs: Attrs) => TypedArray

function evaluateRow(op: PointwiseSpec): ReferenceKernel<unknown> {
  return (node, [a, b, c]) => {
    const out = output(node.dtype, sizeOf(node.shape))
    for (let i = 0; i < out.length; i++) out[i] = op.evaluate(a[i], b?.[i], c?.[i])
    return out
  }
}

const pointwiseKernels = Object.fromEntries(Object.values(pointwise).map((op) => [op.name, evaluateRow(op)])) as Record<
  PointwiseName,
  ReferenceKernel<unknown>
>

function fromOutside(node: Node): never {
  throw new Error(`reference: ${node.op.name} is given, not computed`)
}

function fill(node: Node, element: (index: readonly number[], linear: number) => number): TypedArray {
  const out = output(node.dtype, sizeOf(node.shape))
  forEachIndex(node.shape, (index, linear) => {
    out[linear] = element(index, linear)
  })
  return out
}

/** Folds the elements along axes with float64 in between. */
function reduce(start: number, fold: (sum: number, x: number) => number): ReferenceKernel<{ axes: readonly number[] }> {
  return (node, [x], { axes }) => {
    const [source] = node.inputs
    const kept = [...source.shape.keys()].filter((axis) => !axes.includes(axis))
    const strides = stridesOf(node.shape)
    const sums = new Float64Array(sizeOf(node.shape)).fill(start)
    forEachIndex(source.shape, (index, linear) => {
      const at = linearIndex(
        kept.map((axis) => index[axis]),
        strides,
      )
      sums[at] = fold(sums[at], x[linear])
    })
    const out = output(node.dtype, sums.length)
    out.set(sums)
    return out
  }
}

/** Finds along an axis where the best element stands; NaN is better than anything. */
function argReduce(better: (x: number, best: number) => boolean): ReferenceKernel<{ axis: number }> {
  return (node, [x], { axis }) => {
    const { shape } = node.inputs[0]
    const strides = stridesOf(shape)
    return fill(node, (index) => {
      const from = linearIndex([...index.slice(0, axis), 0, ...index.slice(axis)], strides)
      let best = 0
      for (let i = 1; i < shape[axis]; i++) {
        const value = x[from + i * strides[axis]]
        const champion = x[from + best * strides[axis]]
        if (champion === champion && (value !== value || better(value, champion))) best = i
      }
      return best
    })
  }
}

/** One kernel for every op; the compiler complains where one is missing. */
export const kernels: { readonly [Name in OpName]: ReferenceKernel<AttrsOf<Name>> } = {
  ...pointwiseKernels,
  buffer: fromOutside,
  input: fromOutside,
  feed: fromOutside,
  constant: (node, _, { value }) => fill(node, () => value),
  iota: (node, _, { axis }) => fill(node, (index) => index[axis]),
  random: (node, [words], { stream }) =>
    fill(node, (_, linear) => toUniform(threefry2x32(words[0], words[1], linear, (words[2] + stream) | 0)[0])),
  cast: (node, [x]) => fill(node, (_, i) => convert(node, x[i])),
  detach: (_, [x]) => x.slice(),
  identity: (_, [x]) => x.slice(),
  sum: reduce(0, (sum, x) => sum + x),
  max: reduce(Number.NEGATIVE_INFINITY, (best, x) => (x > best || x !== x ? x : best)),
  min: reduce(Number.POSITIVE_INFINITY, (best, x) => (x < best || x !== x ? x : best)),
  argmax: argReduce((x, best) => x > best),
  argmin: argReduce((x, best) => x < best),
  reshape: (_, [x]) => x.slice(),
  permute: (node, [x], { order }) => {
    const strides = stridesOf(node.inputs[0].shape)
    const permuted = order.map((axis) => strides[axis])
    return fill(node, (index) => x[linearIndex(index, permuted)])
  },
  expand: (node, [x]) => {
    const { shape } = node.inputs[0]
    const strides = stridesOf(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride))
    return fill(node, (index) => x[linearIndex(index, strides)])
  },
  pad: (node, [x], { before, value }) => {
    const { shape } = node.inputs[0]
    const strides = stridesOf(shape)
    return fill(node, (index) => {
      const inner = index.map((i, axis) => i - before[axis])
      return inner.every((i, axis) => i >= 0 && i < shape[axis]) ? x[linearIndex(inner, strides)] : value
    })
  },
  slice: (node, [x], { start, step }) => {
    const strides = stridesOf(node.inputs[0].shape)
    return fill(node, (index) => {
      const outer = index.map((i, axis) => start[axis] + i * step[axis])
      return x[linearIndex(outer, strides)]
    })
  },
  concat: (node, inputs, { axis }) =>
    fill(node, (index) => {
      let part = 0
      let at = index[axis]
      while (at >= node.inputs[part].shape[axis]) at -= node.inputs[part++].shape[axis]
      const inner = index.map((i, a) => (a === axis ? at : i))
      return inputs[part][linearIndex(inner, stridesOf(node.inputs[part].shape))]
    }),
  matmul: (node, [a, b], { transposeA, transposeB }) => {
    const [nodeA, nodeB] = node.inputs
    const [m, k] = matrixOf(nodeA.shape, transposeA)
    const [, n] = matrixOf(nodeB.shape, transposeB)
    const out = output('float32', sizeOf(node.shape))
    for (let batch = 0; batch < out.length / Math.max(1, m * n); batch++) {
      for (let row = 0; row < m; row++) {
        for (let column = 0; column < n; column++) {
          let sum = 0
          for (let i = 0; i < k; i++) {
            const x = a[batch * m * k + (transposeA ? i * m + row : row * k + i)]
            const y = b[batch * k * n + (transposeB ? column * k + i : i * n + column)]
            sum += x * y
          }
          out[(batch * m + row) * n + column] = sum
        }
      }
    }
    return out
  },
  standardize: (node, [x], { axes, eps }) => {
    const kept = node.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride))
    const groups = sizeOf(kept)
    const count = x.length / Math.max(1, groups)
    const [means, variances] = [new Float64Array(groups), new Float64Array(groups)]
    forEachIndex(node.shape, (index, i) => {
      means[linearIndex(index, strides)] += x[i] / count
    })
    forEachIndex(node.shape, (index, i) => {
      const group = linearIndex(index, strides)
      variances[group] += (x[i] - means[group]) ** 2 / count
    })
    return fill(node, (index, i) => {
      const group = linearIndex(index, strides)
      return (x[i] - means[group]) / Math.sqrt(variances[group] + eps)
    })
  },
  conv2d: convolution,
  conv2dInputGrad: convolutionInputGrad,
  conv2dWeightGrad: convolutionWeightGrad,
  maxPool2d: (node, [x], attrs) => valuesAt(node, x, maxIndex(node, x, attrs), attrs),
  maxPool2dIndex: (node, [x], attrs) => maxIndex(node, x, attrs),
  maxPool2dScatter: scatterWinners,
  maxPool2dSelect: selectWinners,
  sumPool2d: sumWindows,
  sumPool2dGrad: sumWindowsGrad,
  gather: (node, [x, index], { axis }) => {
    const { shape } = node.inputs[0]
    const strides = stridesOf(shape)
    return fill(node, (place, linear) => {
      const at = index[linear]
      if (at < 0 || at >= shape[axis]) return 0
      return x[linearIndex(place, strides) + (at - place[axis]) * strides[axis]]
    })
  },
  scatterAdd: (node, [x, index], { axis, size }) => {
    const strides = stridesOf(node.shape)
    const sums = new Float64Array(sizeOf(node.shape))
    forEachIndex(node.inputs[0].shape, (place, linear) => {
      const at = index[linear]
      if (at < 0 || at >= size) return
      sums[linearIndex(place, strides) + (at - place[axis]) * strides[axis]] += x[linear]
    })
    const out = output(node.dtype, sums.length)
    out.set(sums)
    return out
  },
}

/** float32 to int32: the fraction is cut off, what is out of range becomes the nearest that is in, NaN becomes 0. */
function convert(node: Node, x: number): number {
  if (node.dtype === 'bool') return x !== 0 ? 1 : 0
  if (node.dtype === 'float32') return x
  return Number.isNaN(x) ? 0 : Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), Math.trunc(x)))
}
