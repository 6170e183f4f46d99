import { makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import { nestKindOf } from './buildNest.ts'
import type { Lifetime } from './lifetimes.ts'
import { isGiven, readsOf } from './materialize.ts'
import type { KernelPlan } from './plan.ts'
import type { Schedule } from './schedule.ts'

/** Smaller tensors are not worth a kernel of their own. */
const LEAST_BYTES = 1 << 20

/** So many nodes may be computed again one from the other: an activation, its up-sampling, their concatenation. */
const MOST_LINKS = 3

/** What a program computes twice, to need less memory in between. */
export interface Rematerialized {
  readonly results: readonly Node[]
  /** The second versions: they must stay apart from the first ones, which read the same. */
  readonly again: ReadonlySet<Node>
}

/**
 * Computes large intermediates again where they are needed after the peak, instead of keeping them: what is cheap
 * (pointwise, concatenation, up-sampling) and whose own operands are still there then (Chen et al., "Training deep nets with sublinear memory
 * cost", 2016, with the choice made from lifetimes instead of by hand).
 *
 * @param results What the program gives back, as the plan was made for.
 * @param peak The kernel during which most memory is in use.
 */
export function rematerialize(
  results: readonly Node[],
  plan: KernelPlan,
  { kernels }: Schedule,
  lifetimes: ReadonlyMap<Node, Lifetime>,
  peak: number,
): Rematerialized {
  const memory = new Set(plan.layouts.keys())
  const source = (node: Node): Node => plan.aliases.get(node) ?? node
  const producedAt = new Map<Node, number>()
  const lastUse = new Map<Node, number>()
  const usedEarly = new Set<Node>()
  kernels.forEach((kernel, i) => {
    for (const node of kernel.nodes) producedAt.set(node, i)
    // A contraction whose result only its epilogue sees.
    if (kernel.kind === 'op') producedAt.set(kernel.node, i)
    for (const read of kernel.reads) {
      lastUse.set(source(read), i)
      if (i <= peak) usedEarly.add(source(read))
    }
  })
  const kept = new Set([...plan.outputs, ...plan.updates.map(({ value }) => value), ...plan.aliases.values()])
  const isCheap = (node: Node): boolean =>
    node.op === ops.sumPool2dGrad || nestKindOf(node) === 'map' || nestKindOf(node) === 'concat'
  const chosen = new Map<Node, ReadonlySet<Node>>()
  for (const [node, { bytes, first, last }] of lifetimes) {
    const spansPeak = first >= 0 && first < peak && last > peak && usedEarly.has(node)
    if (bytes >= LEAST_BYTES && spansPeak && isCheap(node) && !kept.has(node)) chosen.set(node, readsOf(node, memory))
  }
  // What is read must still be there at that time, or be computed again itself, or be small.
  const isThere = (read: Node, node: Node): boolean => {
    const origin = source(read)
    if (isGiven(origin) || chosen.has(origin)) return true
    const until = lifetimes.get(origin)?.last ?? Number.POSITIVE_INFINITY
    return until >= lastUse.get(node)! || lifetimes.get(origin)!.bytes * 16 <= lifetimes.get(node)!.bytes
  }
  for (let before = -1; before !== chosen.size; ) {
    before = chosen.size
    for (const [node, reads] of chosen) {
      for (const read of reads) {
        // An operand computed again is needed as late as what is computed from it.
        const origin = source(read)
        if (chosen.has(origin)) lastUse.set(origin, Math.max(lastUse.get(origin)!, lastUse.get(node)!))
      }
    }
    for (const [node, reads] of [...chosen]) {
      if (![...reads].every((read) => isThere(read, node))) chosen.delete(node)
    }
    // A residual chain is not computed again from its start: every few links one is kept.
    const depth = new Map<Node, number>()
    for (const [node, reads] of [...chosen]) {
      const below = [...reads].map((read) => (chosen.has(source(read)) ? (depth.get(source(read)) ?? 0) : 0))
      depth.set(node, 1 + Math.max(0, ...below))
      if (depth.get(node)! > MOST_LINKS) chosen.delete(node)
    }
  }
  return rebuild(results, memory, chosen, (node) => (producedAt.get(source(node)) ?? -1) > peak)
}

/** Rebuilds the kernels after the peak so that they read second versions of the chosen nodes. */
function rebuild(
  results: readonly Node[],
  memory: ReadonlySet<Node>,
  chosen: ReadonlyMap<Node, unknown>,
  isLate: (node: Node) => boolean,
): Rematerialized {
  const again = new Map<Node, Node>()
  const rebuilt = new Map<Node, Node>()
  const inside = new Map<Node, Node>()
  const withInputs = (node: Node, change: (input: Node) => Node): Node => {
    const inputs = node.inputs.map(change)
    return inputs.every((input, i) => input === node.inputs[i]) ? node : makeNode(node.op, inputs, node.attrs)
  }
  const late = (node: Node): Node => {
    if (chosen.has(node)) {
      let second = again.get(node)
      if (!second) again.set(node, (second = makeNode(node.op, node.inputs.map(late), node.attrs)))
      return second
    }
    if (memory.has(node)) return rebuilt.get(node) ?? node
    if (node.op.kind === 'leaf') return node
    let copy = inside.get(node)
    if (!copy) inside.set(node, (copy = withInputs(node, late)))
    return copy
  }
  for (const node of topologicalOrder(results)) {
    if (memory.has(node) && isLate(node)) rebuilt.set(node, withInputs(node, late))
  }
  return { results: results.map((node) => rebuilt.get(node) ?? node), again: new Set(again.values()) }
}
