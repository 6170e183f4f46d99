import { makeLeaf, type Node } from '../graph/node.ts'
import { build as g } from '../ops/build.ts'
import { type PointwiseSpec, pointwise } from '../ops/pointwise.ts'
import { registry as ops } from '../ops/registry.ts'
import { sameShape, sizeOf } from '../tensor/shape.ts'
import { CommonParts, type Roots, rewrite } from './rewrite.ts'

/** One simplification makes room for the next; two or three rounds are enough for networks. */
const MOST_ROUNDS = 8

/**
 * Makes a graph smaller without changing what it computes: constants are folded, identities and double views dropped,
 * common parts shared, transpositions taken into the matrix products they feed, factors that do not vary drawn out of sums.
 */
export function simplify(roots: Roots): Node[] {
  const common = new CommonParts()
  /** What a round left as it was: the next leaves it too, if it has the same inputs. */
  const settled = new Set<Node>()
  let before = [...roots]
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const after = rewrite(before, (node) => {
      if (settled.has(node)) return node
      const simple = common.share(simplifyNode(common.share(node)))
      if (simple === node) settled.add(node)
      return simple
    })
    if (after.every((node, i) => node === before[i])) return after
    before = after
  }
  return before
}

function isConstant(node: Node, value?: number): boolean {
  return node.op === ops.constant && (value === undefined || Object.is(node.attrs.value, value))
}

function constant(value: number, like: Node): Node {
  return makeLeaf(ops.constant, { value }, like.shape, like.dtype)
}

function simplifyNode(node: Node): Node {
  const [a, b] = node.inputs
  if (node.op.kind !== 'leaf' && (isEmpty(node) || sumsNothing(node))) return constant(0, node)
  switch (node.op) {
    case ops.detach:
    case ops.identity:
      return a
    case ops.reshape:
      if (isConstant(a)) return constant(a.attrs.value, node)
      if (a.op === ops.reshape) return g.reshape(a.inputs[0], node.shape)
      return sameShape(a.shape, node.shape) ? a : node
    case ops.expand:
      if (isConstant(a)) return constant(a.attrs.value, node)
      if (a.op === ops.expand) return g.expand(a.inputs[0], node.shape)
      return node
    case ops.permute:
      if (isConstant(a)) return constant(a.attrs.value, node)
      if (a.op === ops.permute) {
        return g.permute(
          a.inputs[0],
          node.attrs.order.map((axis: number) => a.attrs.order[axis]),
        )
      }
      if (a.op === ops.matmul && swapsLastTwo(node.attrs.order)) return transposedProduct(a)
      return movesOnlyOnes(node) ? g.reshape(a, node.shape) : node
    case ops.slice:
      return isConstant(a) ? constant(a.attrs.value, node) : node
    case ops.cast:
      if (isConstant(a)) return constant(convert(a.attrs.value, node), node)
      return a.dtype === node.dtype ? a : node
    case ops.sum:
      return simplifySum(node)
    case ops.matmul:
      return absorbTransposes(node)
  }
  if (node.op.kind === 'pointwise') return simplifyPointwise(node, a, b)
  return node
}

/** Whether there are no elements at all: nothing to compute, and no kernel has to know such shapes. */
function isEmpty({ shape }: Node): boolean {
  return shape.includes(0)
}

function sumsNothing({ op, inputs }: Node): boolean {
  return op.kind === 'contraction' && inputs.some(isEmpty)
}

function convert(value: number, { dtype }: Node): number {
  if (dtype === 'bool') return value !== 0 ? 1 : 0
  return dtype === 'int32' ? Math.trunc(value) | 0 : value
}

/** Whether a permutation keeps the order of all axes longer than 1: then it is a reshape. */
function movesOnlyOnes(node: Node): boolean {
  const long = node.attrs.order.filter((axis: number) => node.inputs[0].shape[axis] !== 1)
  return long.every((axis: number, i: number) => i === 0 || axis > long[i - 1])
}

function simplifyPointwise(node: Node, a: Node, b: Node | undefined): Node {
  const op = node.op as PointwiseSpec
  if (node.inputs.every((input) => isConstant(input)) && !isTranscendental(op)) {
    const [x, y, z] = node.inputs.map((input) => input.attrs.value)
    const value = op.evaluate(x, y, z)
    return constant(node.dtype === 'float32' ? Math.fround(value) : value | 0, node)
  }
  switch (node.op) {
    case pointwise.add:
      // x + 0 is x, but for −0 + 0: no program can tell but by dividing by it.
      if (isConstant(b!, 0)) return a
      if (isConstant(a, 0)) return b!
      if (!isConstant(b!) && (isConstant(a) || a.id > b!.id)) return g.add(b!, a)
      break
    case pointwise.sub:
      if (isConstant(b!, 0)) return a
      break
    case pointwise.mul:
      if (isConstant(b!, 1)) return a
      if (isConstant(a, 1)) return b!
      if (isConstant(b!, -1)) return g.neg(a)
      if (isConstant(a, -1)) return g.neg(b!)
      // Two constant factors are one.
      if (isConstant(b!) && a.op === pointwise.mul && isConstant(a.inputs[1]) && node.dtype === 'float32') {
        return g.mul(a.inputs[0], constant(Math.fround(b!.attrs.value * a.inputs[1].attrs.value), node))
      }
      // One order for each pair, constants on the right: then equal products are seen to be equal.
      if (!isConstant(b!) && (isConstant(a) || a.id > b!.id)) return g.mul(b!, a)
      break
    case pointwise.div:
      if (isConstant(b!, 1)) return a
      break
    case pointwise.neg:
      if (a.op === pointwise.neg) return a.inputs[0]
      break
    case pointwise.where:
      if (isConstant(a)) return node.inputs[a.attrs.value !== 0 ? 1 : 2]
      break
  }
  return node
}

/** Functions whose value in float64 may round otherwise than the kernel's: they are left to the kernel. */
function isTranscendental({ name }: PointwiseSpec): boolean {
  return ['exp', 'log', 'log1p', 'sin', 'cos', 'tanh', 'sigmoid', 'erf', 'pow'].includes(name)
}

function simplifySum(node: Node): Node {
  const [x] = node.inputs
  const { axes } = node.attrs as { axes: readonly number[] }
  const count = sizeOf(axes.map((axis) => x.shape[axis]))
  if (count === 1) return g.reshape(x, node.shape)
  if (isConstant(x) && x.dtype === 'float32') return constant(Math.fround(x.attrs.value * count), node)
  if (x.op === pointwise.neg) return g.neg(g.sum(x.inputs[0], axes))
  if (x.op === pointwise.mul && x.dtype === 'float32') return sumOfProduct(node, axes)
  if (x.op === ops.expand) return sumOfExpanded(node, x, axes)
  return node
}

/** Factors that do not vary along the summed axes are taken out, Σ a·b = b·Σ a; the others are put in a fixed order. */
function sumOfProduct(node: Node, axes: readonly number[]): Node {
  const [product] = node.inputs
  const varying: Node[] = []
  const fixed: Node[] = []
  const collect = (factor: Node): void => {
    if (factor.op === pointwise.mul) for (const input of factor.inputs) collect(input)
    else {
      const reduced = withoutAxes(factor, axes)
      if (reduced) fixed.push(reduced)
      else varying.push(factor)
    }
  }
  collect(product)
  if (fixed.length === 0 || varying.length === 0) return node
  const ordered = varying.sort((a, b) => a.id - b.id).reduce((a, b) => g.mul(a, b))
  return fixed.sort((a, b) => a.id - b.id).reduce((a, b) => g.mul(a, b), g.sum(ordered, axes))
}

/** What is summed over stretched axes is so many times itself. */
function sumOfExpanded(node: Node, x: Node, axes: readonly number[]): Node {
  const [source] = x.inputs
  const stretched = axes.filter((axis) => source.shape[axis] === 1 && x.shape[axis] > 1)
  if (stretched.length === 0 || x.dtype !== 'float32') return node
  const count = sizeOf(stretched.map((axis) => x.shape[axis]))
  const rest = axes.filter((axis) => !stretched.includes(axis))
  const narrow = g.expand(
    source,
    x.shape.map((size, axis) => (stretched.includes(axis) ? 1 : size)),
  )
  const sum = g.reshape(g.sum(narrow, rest), node.shape)
  return g.mul(sum, constant(count, sum))
}

/** A node that is the same all along the axes, with these axes taken away; null for one that varies. */
function withoutAxes(node: Node, axes: readonly number[]): Node | null {
  const kept = (shape: readonly number[]) => shape.filter((_, axis) => !axes.includes(axis))
  if (isConstant(node)) return makeLeaf(ops.constant, node.attrs, kept(node.shape), node.dtype)
  if (node.op !== ops.expand) return null
  const [source] = node.inputs
  if (!axes.every((axis) => source.shape[axis] === 1)) return null
  return g.expand(g.reshape(source, kept(source.shape)), kept(node.shape))
}

function swapsLastTwo(order: readonly number[]): boolean {
  const rank = order.length
  return order.every((axis, i) => axis === (i === rank - 1 ? rank - 2 : i === rank - 2 ? rank - 1 : i))
}

/** (A · B)ᵀ = Bᵀ · Aᵀ: written where it is wanted, it needs no transposition after. */
function transposedProduct(product: Node): Node {
  const [a, b] = product.inputs
  return g.matmul(b, a, !product.attrs.transposeB, !product.attrs.transposeA)
}

/** A swap of the last two axes of an operand becomes a flag of the product. */
function absorbTransposes(node: Node): Node {
  const { transposeA, transposeB } = node.attrs
  const strip = (x: Node): Node | null => (x.op === ops.permute && swapsLastTwo(x.attrs.order) ? x.inputs[0] : null)
  const [a, b] = node.inputs
  const [bareA, bareB] = [strip(a), strip(b)]
  if (!bareA && !bareB) return node
  return g.matmul(bareA ?? a, bareB ?? b, bareA ? !transposeA : transposeA, bareB ? !transposeB : transposeB)
}
