import type { OpSpec } from '../ops/spec.ts'
import type { DType } from '../tensor/dtype.ts'
import type { Shape } from '../tensor/shape.ts'

/**
 * One value of the graph: an operation, what it is applied to, and what comes out. No strides, no memory, no device;
 * those are the compiler's business.
 */
export interface Node {
  /** Grows with every node made, so that inputs always have smaller numbers. */
  readonly id: number
  readonly op: OpSpec
  readonly inputs: readonly Node[]
  // biome-ignore lint/suspicious/noExplicitAny: each op knows the type of its own attributes
  readonly attrs: any
  readonly shape: Shape
  readonly dtype: DType
  /** Whether a gradient can flow through here to a tensor that asked for one. Not part of what is computed. */
  readonly requiresGrad: boolean
  /** Of a buffer: whether something that is not computed yet may read it. Of other nodes: whether their inputs know. */
  read: boolean
}

let nextId = 0
let gradEnabled = true

/** Makes a node; shape and type follow from the op's rule. */
export function makeNode<Attrs>(op: OpSpec<Attrs>, inputs: readonly Node[], attrs: Attrs): Node {
  const { shape, dtype } = op.infer(inputs, attrs)
  const requiresGrad =
    gradEnabled && op.gradient !== null && dtype === 'float32' && inputs.some((input) => input.requiresGrad)
  return { id: nextId++, op: op as OpSpec, inputs, attrs, shape, dtype, requiresGrad, read: false }
}

/** Makes a node whose shape and type are given: the leaves. */
export function makeLeaf<Attrs>(
  op: OpSpec<Attrs>,
  attrs: Attrs,
  shape: Shape,
  dtype: DType,
  requiresGrad = false,
  inputs: readonly Node[] = [],
): Node {
  return { id: nextId++, op: op as OpSpec, inputs, attrs, shape, dtype, requiresGrad, read: false }
}

/** The number the next node will get: nodes from now on can be told from those before. */
export function currentNodeId(): number {
  return nextId
}

/** Runs `fn` without recording gradients. */
export function noGrad<T>(fn: () => T): T {
  const before = gradEnabled
  gradEnabled = false
  try {
    return fn()
  } finally {
    gradEnabled = before
  }
}

/** Runs `fn` with gradients recorded, also inside `noGrad`. */
export function enableGrad<T>(fn: () => T): T {
  const before = gradEnabled
  gradEnabled = true
  try {
    return fn()
  } finally {
    gradEnabled = before
  }
}

/** Whether operations are recorded for gradients here: false inside `noGrad`. */
export function isGradEnabled(): boolean {
  return gradEnabled
}

/** Lets the buffers below a node know that something reads them that is not computed yet. */
export function noteReader(root: Node): void {
  const stack = [root]
  while (stack.length > 0) {
    const node = stack.pop()!
    if (node.read) continue
    node.read = true
    stack.push(...node.inputs)
  }
}

/** All nodes that `roots` depend on, each after its inputs. `stop` cuts the walk: such nodes are listed, their inputs not. */
export function topologicalOrder(roots: readonly Node[], stop: (node: Node) => boolean = () => false): Node[] {
  const seen = new Set<Node>()
  const order: Node[] = []
  // An explicit stack: graphs of unrolled steps are deeper than the call stack.
  const stack: { node: Node; next: number }[] = []
  const enter = (node: Node) => {
    if (seen.has(node)) return
    seen.add(node)
    stack.push({ node, next: 0 })
  }
  for (const root of roots) {
    enter(root)
    while (stack.length > 0) {
      const top = stack[stack.length - 1]
      const inputs = stop(top.node) ? [] : top.node.inputs
      if (top.next < inputs.length) enter(inputs[top.next++])
      else {
        order.push(top.node)
        stack.pop()
      }
    }
  }
  return order
}
