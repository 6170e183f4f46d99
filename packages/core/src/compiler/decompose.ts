import type { Node } from '../graph/node.ts'
import { build as g } from '../ops/build.ts'
import { type MatmulAttrs, matrixOf } from '../ops/matmul.ts'
import { registry as ops } from '../ops/registry.ts'
import { statistics } from '../ops/standardize.ts'
import type { WindowAttrs } from '../ops/window.ts'
import { sizeOf } from '../tensor/shape.ts'
import { type Roots, rewrite } from './rewrite.ts'

/** Reductions of more terms than this into few results are done in two stages, so that threads can share them. */
const LARGE_REDUCTION = 16384
/** Terms that one partial result gathers at least. */
const PARTIAL = 2048
const MOST_PARTIALS = 64
/** Products of a matrix and a vector with fewer terms stay products: a tile does them at once. */
const LEAST_SUMMED = 64

/** Says ops that have no kernel of their own with ops that have. */
export function decompose(roots: Roots): Node[] {
  return rewrite(roots, (node) => {
    switch (node.op) {
      case ops.standardize: {
        const { centered, deviation } = statistics(g, node.inputs[0], node.attrs)
        return g.mul(centered, deviation)
      }
      case ops.matmul:
        return productWithVector(node) ?? node
      case ops.sumPool2dGrad:
        return stretched(node) ?? node
      case ops.argmax:
        return firstWhere(node, g.max)
      case ops.argmin:
        return firstWhere(node, g.min)
    }
    return node
  })
}

/**
 * A product with a vector of some length, as the sum that it is. Fetching the matrix is all the work, and a sum walks it as it
 * lies, on all lanes, with whatever is done before and after fused; register tiles would be one row or one column high.
 */
function productWithVector(node: Node): Node | null {
  const { transposeA, transposeB } = node.attrs as MatmulAttrs
  const [a, b] = node.inputs
  const batch = node.shape.slice(0, -2)
  const [rows, columns] = node.shape.slice(-2)
  const terms = matrixOf(a.shape, transposeA)[1]
  if (Math.min(rows, columns) > 1 || terms < LEAST_SUMMED) return null
  const [matrix, vector, sumsRows] = columns === 1 ? [a, b, transposeA] : [b, a, !transposeB]
  const factors = g.mul(matrix, g.reshape(vector, [...batch, ...(sumsRows ? [terms, 1] : [1, terms])]))
  return g.reshape(g.sum(factors, [batch.length + (sumsRows ? 0 : 1)]), node.shape)
}

/**
 * Images whose windows lie side by side, enlarged by views alone: whatever reads them reads the small image, so that an
 * up-sampled image goes straight into a concatenation or an expression.
 */
function stretched(node: Node): Node | null {
  const { kernel, stride, padding } = node.attrs as WindowAttrs
  const [image] = node.inputs
  const [n, c, height, width] = image.shape
  const covers = [0, 1].every(
    (axis) => kernel[axis] === stride[axis] && image.shape[2 + axis] * kernel[axis] === node.shape[2 + axis],
  )
  if (!covers || padding.some((size) => size > 0)) return null
  const small = g.reshape(image, [n, c, height, 1, width, 1])
  return g.reshape(g.expand(small, [n, c, height, kernel[0], width, kernel[1]]), node.shape)
}

/**
 * Splits large reductions into two stages; the last change to a graph, since it hides what is summed.
 *
 * @param whole Reductions that stay as they are.
 */
export function splitReductions(roots: Roots, whole: ReadonlySet<Node> = new Set()): Node[] {
  return rewrite(roots, (node, before) => (whole.has(before) ? node : splitReduction(node)))
}

/** A large reduction in two stages; any other node as it is. */
export function splitReduction(node: Node): Node {
  return node.op === ops.sum || node.op === ops.max || node.op === ops.min ? inTwoStages(node) : node
}

/** The first place along the axis that holds the best element, or a NaN. */
function firstWhere(node: Node, best: (x: Node, axes: readonly number[]) => Node): Node {
  const [x] = node.inputs
  const { axis } = node.attrs as { axis: number }
  const kept = x.shape.map((size, a) => (a === axis ? 1 : size))
  const champion = g.expand(g.reshape(best(x, [axis]), kept), x.shape)
  const found = x.dtype === 'float32' ? g.or(g.eq(x, champion), g.isNaN(x)) : g.eq(x, champion)
  return g.min(g.where(found, g.iota(x.shape, axis), g.scalar(x.shape[axis], 'int32')), [axis])
}

/**
 * Splits a large reduction: the outermost reduced axes (or a factor of one) stay in a first stage, whose partial results
 * a second stage combines. The split depends on the shape alone, so the order of summation does, too.
 */
function inTwoStages(node: Node): Node {
  const [x] = node.inputs
  const { axes } = node.attrs as { axes: readonly number[] }
  const terms = sizeOf(axes.map((axis) => x.shape[axis]))
  const results = sizeOf(node.shape)
  if (terms < 2 * PARTIAL || terms * results < LARGE_REDUCTION || results > 4096) return node
  const reduce = node.op === ops.sum ? g.sum : node.op === ops.max ? g.max : g.min
  const wanted = Math.min(MOST_PARTIALS, Math.floor(terms / PARTIAL))
  const [axis] = axes
  const parts = largestDivisor(x.shape[axis], wanted)
  if (parts < 2) return axes.length > 1 ? keepFirst(x, axes, reduce) : node
  if (parts === x.shape[axis]) return keepFirst(x, axes, reduce)
  // The axis in two: its outer part stays.
  const split = g.reshape(x, [...x.shape.slice(0, axis), parts, x.shape[axis] / parts, ...x.shape.slice(axis + 1)])
  const partial = reduce(
    split,
    axes.map((a) => a + 1),
  )
  return reduce(partial, [axis - axes.filter((a) => a < axis).length])
}

/** Reduces all axes but the first, then the first. */
function keepFirst(x: Node, axes: readonly number[], reduce: (x: Node, axes: readonly number[]) => Node): Node {
  if (axes.length === 1) return reduce(x, axes)
  return reduce(reduce(x, axes.slice(1)), [axes[0]])
}

function largestDivisor(size: number, most: number): number {
  for (let divisor = Math.min(most, size); divisor > 1; divisor--) if (size % divisor === 0) return divisor
  return 1
}
