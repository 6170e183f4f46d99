import type { ProgramGraph } from '../backends/backend.ts'
import { makeLeaf, makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import { sizeOf } from '../tensor/shape.ts'

/** A program for some rows of a batch: run for one slice after the other it does what the whole one does. */
export interface SlicedGraph {
  readonly graph: ProgramGraph
  readonly slices: number
  /** Which inputs are cut along their first axis; the others are the same for every slice. */
  readonly isCut: readonly boolean[]
}

/**
 * Cuts a program that treats every row of its batch by itself, as prediction does, into slices whose intermediates stay in
 * the cache: depth first through the network instead of the whole batch layer by layer.
 *
 * @param above Bytes of the largest product from which on a batch is cut, into slices of at most half of it.
 * @returns Null where rows depend on each other, state is changed, or there is nothing to gain.
 */
export function sliceBatch(graph: ProgramGraph, above: number): SlicedGraph | null {
  const rows = graph.outputs[0]?.shape[0] ?? 1
  if (rows < 2 || graph.updates.length > 0 || graph.outputs.some(({ shape }) => shape[0] !== rows)) return null
  const order = topologicalOrder(graph.outputs)
  const rowBytes =
    Math.max(
      0,
      ...order
        .filter(({ op, shape }) => op.kind === 'contraction' && shape[0] === rows)
        .map(({ shape }) => bytesOf(shape)),
    ) / rows
  if (rowBytes === 0 || rows * rowBytes <= above) return null
  const size = largestDivisor(rows, Math.max(1, Math.floor(above / 2 / rowBytes)))
  // A batch of thirteen is not worth thirteen runs of next to nothing.
  if (size === rows || 8 * size * rowBytes < above) return null

  const cut = new Map<Node, Node>()
  for (const node of order) {
    const sliced = sliceOf(node, rows, size, cut)
    if (sliced === undefined) return null
    if (sliced) cut.set(node, sliced)
  }
  if (!graph.outputs.every((node) => cut.has(node))) return null
  const inputs = graph.inputs.map((node) => cut.get(node) ?? sliceOf(node, rows, size, cut) ?? node)
  return {
    graph: {
      ...graph,
      inputs,
      outputs: graph.outputs.map((node) => cut.get(node)!),
    },
    slices: rows / size,
    isCut: graph.inputs.map((node, i) => inputs[i] !== node),
  }
}

const bytesOf = (shape: readonly number[]): number => 4 * sizeOf(shape)

function largestDivisor(number: number, most: number): number {
  let size = Math.min(number, most)
  while (number % size !== 0) size--
  return size
}

/**
 * A node for `size` of the `rows` rows; null where it is the same for all of them, undefined where a row depends on others
 * or nothing is known.
 */
function sliceOf(node: Node, rows: number, size: number, cut: ReadonlyMap<Node, Node>): Node | null | undefined {
  const { op, inputs, attrs, shape } = node
  if (op === ops.input) return shape[0] === rows ? makeLeaf(op, attrs, [size, ...shape.slice(1)], node.dtype) : null
  // Every slice would draw the same numbers.
  if (op === ops.random) return undefined
  const [first, second] = inputs.map((input) => cut.has(input))
  if (!inputs.some((input) => cut.has(input))) return null
  const make = (changed: object = attrs) =>
    makeNode(
      op,
      inputs.map((input) => cut.get(input) ?? input),
      changed,
    )
  /** Where every operand has the rows. */
  const makeOfAll = () => {
    const operands = inputs.map((input) => cut.get(input) ?? stretchedLess(input, rows, size))
    return operands.every((operand) => operand !== undefined) ? makeNode(op, operands, attrs) : undefined
  }
  const keepsRows = shape[0] === rows
  if (!keepsRows) return undefined
  if (op.kind === 'pointwise') return makeOfAll()
  switch (op) {
    case ops.maxPool2d:
    case ops.maxPool2dIndex:
    case ops.sumPool2d:
    // All rows are still there, so nothing was added before or after them.
    case ops.pad:
      return make()
    case ops.sumPool2dGrad:
      return make({ ...attrs, inputShape: [size, ...attrs.inputShape.slice(1)] })
    case ops.sum:
    case ops.max:
    case ops.min:
    case ops.standardize:
      return attrs.axes.includes(0) ? undefined : make()
    case ops.argmax:
    case ops.argmin:
      return attrs.axis === 0 ? undefined : make()
    case ops.reshape:
    case ops.expand:
      return inputs[0].shape[0] === rows ? make({ shape: [size, ...shape.slice(1)] }) : undefined
    case ops.permute:
      return attrs.order[0] === 0 ? make() : undefined
    case ops.slice:
      return attrs.start[0] === 0 && attrs.step[0] === 1
        ? make({ ...attrs, end: [size, ...attrs.end.slice(1)] })
        : undefined
    case ops.concat:
      return attrs.axis === 0 ? undefined : makeOfAll()
    case ops.conv2d:
      return first && !second ? make() : undefined
    case ops.matmul: {
      const isOneMatrix = shape.length === 2
      if (isOneMatrix) return first && !second && !attrs.transposeA ? make() : undefined
      return makeOfAll()
    }
    case ops.gather:
      return attrs.axis === 0 ? (!first && second ? make() : undefined) : makeOfAll()
  }
  return undefined
}

/** What is the same for every row, such as a bias, stretched over fewer of them. */
function stretchedLess(node: Node, rows: number, size: number): Node | undefined {
  const { op, inputs, attrs, shape } = node
  if (shape[0] !== rows) return undefined
  if (op === ops.expand && inputs[0].shape[0] === 1) return makeNode(op, inputs, { shape: [size, ...shape.slice(1)] })
  if (op.kind !== 'pointwise') return undefined
  const operands = inputs.map((input) => stretchedLess(input, rows, size))
  return operands.every((operand) => operand !== undefined) ? makeNode(op, operands, attrs) : undefined
}
