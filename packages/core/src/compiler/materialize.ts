import { type Node, topologicalOrder } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import { sizeOf } from '../tensor/shape.ts'
import { bottlenecks } from './bottleneck.ts'
import { takesEpilogue } from './epilogue.ts'

/** Nodes that come from outside: always in memory. */
export function isGiven(node: Node): boolean {
  return node.op === ops.buffer || node.op === ops.input || node.op === ops.feed
}

/** Whether a node has a kernel of its own: it is never part of another's expression. */
export function hasOwnKernel(node: Node): boolean {
  const { kind } = node.op
  return kind === 'reduce' || kind === 'contraction' || kind === 'window' || node.op === ops.scatterAdd
}

/** Whether the kernel of a node wants its operands in memory. */
function readsMemory(node: Node): boolean {
  return (hasOwnKernel(node) && node.op.kind !== 'reduce' && node.op !== ops.sumPool2d) || node.op === ops.random
}

const slow = new Set(['exp', 'log', 'log1p', 'sin', 'cos', 'tanh', 'sigmoid', 'erf', 'pow'])
const divisions = new Set(['div', 'sqrt', 'rsqrt', 'reciprocal', 'remainder'])

/** Rough work of one element, in simple instructions. */
function workOf(node: Node): number {
  if (node.op === ops.random) return 60
  if (node.op === ops.gather) return 8
  if (node.op.kind !== 'pointwise') return 0
  return slow.has(node.op.name) ? 10 : divisions.has(node.op.name) ? 4 : 1
}

/** Elements of a tensor that no longer fits the second-level cache: to recompute is then cheaper than to fetch. */
const LARGE = 1 << 18

/**
 * Decides which nodes are computed into memory; all others become part of the expressions that use them.
 *
 * In memory are: what a program gives back, what has a kernel of its own, what such kernels read, what is stretched
 * (it would be computed once for each copy), what a contraction can store in place of its result, and what several kernels
 * use and is dearer to compute again than to fetch.
 *
 * @param required Nodes that must be in memory for another reason.
 * @param lean Never keep a large node only because computing it again is dear.
 */
export function chooseMaterialized(roots: readonly Node[], required: ReadonlySet<Node>, lean = false): Set<Node> {
  const order = topologicalOrder(roots)
  const memory = new Set<Node>(required)
  for (const node of order) {
    if (isGiven(node) || hasOwnKernel(node) || node.op === ops.concat) memory.add(node)
    if (readsMemory(node)) for (const input of node.inputs) memory.add(input)
    if (node.op === ops.gather) memory.add(node.inputs[0])
  }
  for (const root of roots) memory.add(root)
  // A kernel stores what the program really uses in place of its own result, at no cost.
  const bottleneck = bottlenecks(roots)
  for (const node of order) if (takesEpilogue(node)) memory.add(bottleneck(node))
  const work = new Map<Node, number>()
  for (const node of order) {
    const below =
      isGiven(node) || hasOwnKernel(node) ? 1 : node.inputs.reduce((sum, input) => sum + work.get(input)!, 0)
    work.set(node, Math.min(1e6, workOf(node) + below))
  }
  // From the results down: which kernels would compute a node as part of their expression.
  const users = new Map<Node, Set<Node>>()
  const use = (node: Node, kernels: Iterable<Node>): void => {
    let set = users.get(node)
    if (!set) users.set(node, (set = new Set()))
    for (const kernel of kernels) set.add(kernel)
  }
  for (const node of [...order].reverse()) {
    const kernels = users.get(node) ?? new Set()
    if (!memory.has(node) && kernels.size > 1 && node.op.kind !== 'leaf') {
      const large = sizeOf(node.shape) >= LARGE
      const dear = large ? (lean ? Number.POSITIVE_INFINITY : 64) : 6
      if (node.op.kind === 'pointwise' && work.get(node)! * (kernels.size - 1) > dear) memory.add(node)
    }
    if (memory.has(node)) users.set(node, new Set([node]))
    for (const input of node.inputs) use(input, users.get(node) ?? [])
    if (node.op === ops.expand && sizeOf(node.shape) > sizeOf(node.inputs[0].shape)) {
      const source = beneathViews(node.inputs[0])
      if (source.op.kind === 'pointwise') memory.add(source)
    }
  }
  return memory
}

/** The node that a chain of views shows. */
export function beneathViews(node: Node): Node {
  let source = node
  while (source.op.kind === 'view' && source.op !== ops.concat && source.op !== ops.pad) source = source.inputs[0]
  return source
}

/** The nodes in memory that computing `node` reads: the first ones met on every way down. */
export function readsOf(node: Node, memory: ReadonlySet<Node>): Set<Node> {
  const found = new Set<Node>()
  const seen = new Set<Node>()
  const visit = (input: Node): void => {
    if (seen.has(input)) return
    seen.add(input)
    if (memory.has(input)) found.add(input)
    else for (const below of input.inputs) visit(below)
  }
  for (const input of node.inputs) visit(input)
  return found
}
