import { type Node, topologicalOrder } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import { sameShape } from '../tensor/shape.ts'
import { nestKindOf } from './buildNest.ts'
import { type Layout, sameLayout } from './layout.ts'
import { isGiven, readsOf } from './materialize.ts'

/** Nodes that one kernel computes. */
export interface Group {
  readonly kind: 'map' | 'concat' | 'reduce' | 'sumPool' | 'op'
  readonly nodes: Node[]
  /** Nodes in memory that the group reads and does not compute itself. */
  readonly reads: Set<Node>
  /** Longest chain of kernels before this one. What a group reads is always of smaller depth. */
  readonly depth: number
}

/** Results of one kernel at most: each keeps registers busy. */
const MOST_RESULTS = 8

/**
 * Joins nodes into kernels. A map joins another over the same shape when it uses its result in place, or reads what it
 * reads; a reduction joins one over the same axes that reads the same. Joining never makes a kernel wait for itself: all
 * that a node reads from outside the group must be of smaller depth.
 *
 * @param options.alone Nodes that join nobody.
 */
export function groupNodes(
  roots: readonly Node[],
  memory: ReadonlySet<Node>,
  layouts: ReadonlyMap<Node, Layout>,
  { fuse, alone }: { readonly fuse: boolean; readonly alone: ReadonlySet<Node> },
): Group[] {
  const groups: Group[] = []
  const groupOf = new Map<Node, Group>()
  const readersOf = new Map<Node, Set<Group>>()
  for (const node of topologicalOrder(roots)) {
    if (!memory.has(node) || isGiven(node)) continue
    const reads = readsOf(node, memory)
    const kind = nestKindOf(node) ?? 'op'
    const joined =
      !fuse || alone.has(node)
        ? null
        : kind === 'map' || kind === 'reduce'
          ? bestGroup(node, kind, reads)
          : ([...reads].flatMap(readers).find((group) => isOnePass(group.nodes, node)) ?? null)
    if (joined) {
      joined.nodes.push(node)
      for (const read of reads) if (groupOf.get(read) !== joined) addRead(joined, read)
      groupOf.set(node, joined)
    } else {
      const depth = 1 + Math.max(-1, ...[...reads].map((read) => groupOf.get(read)?.depth ?? -1))
      const group: Group = { kind, nodes: [node], reads: new Set(), depth }
      for (const read of reads) addRead(group, read)
      groups.push(group)
      groupOf.set(node, group)
    }
  }
  return groups

  function bestGroup(node: Node, kind: 'map' | 'reduce', reads: ReadonlySet<Node>): Group | null {
    let best: Group | null = null
    let bestShared = 0
    const near = new Set<Group>()
    for (const read of reads) {
      const own = groupOf.get(read)
      if (own) near.add(own)
      for (const reader of readers(read)) near.add(reader)
    }
    for (const group of near) {
      if (group.kind !== kind || group.nodes.length >= MOST_RESULTS || !fits(node, group)) continue
      if (alone.has(group.nodes[0])) continue
      const outside = [...reads].filter((read) => groupOf.get(read) !== group)
      if (outside.some((read) => (groupOf.get(read)?.depth ?? -1) >= group.depth)) continue
      const inside = group.nodes.filter((member) => reads.has(member))
      if (inside.length > 0 && (kind === 'reduce' || !readsInPlace(node, new Set(inside), memory))) continue
      const shared = 2 * inside.length + outside.filter((read) => group.reads.has(read)).length
      if (shared > bestShared) {
        best = group
        bestShared = shared
      }
    }
    return best
  }

  function readers(read: Node): readonly Group[] {
    return [...(readersOf.get(read) ?? [])]
  }

  function addRead(group: Group, read: Node): void {
    group.reads.add(read)
    const known = readersOf.get(read)
    if (known) known.add(group)
    else readersOf.set(read, new Set([group]))
  }

  function fits(node: Node, group: Group): boolean {
    const [first] = group.nodes
    if (group.kind === 'reduce') {
      return sameShape(first.inputs[0].shape, node.inputs[0].shape) && sameShape(first.attrs.axes, node.attrs.axes)
    }
    return sameShape(first.shape, node.shape) && sameLayout(layouts.get(first)!, layouts.get(node)!, node.shape)
  }
}

/** Max pooling and the places of its winners are found in one pass. */
function isOnePass(nodes: readonly Node[], node: Node): boolean {
  const [first] = nodes
  const pair = new Set([first.op, node.op])
  if (nodes.length !== 1 || !pair.has(ops.maxPool2d) || !pair.has(ops.maxPool2dIndex)) return false
  return first.inputs[0] === node.inputs[0] && JSON.stringify(first.attrs) === JSON.stringify(node.attrs)
}

/** Whether a node reaches the members only through pointwise ops: then it needs their elements at its own place. */
function readsInPlace(node: Node, members: ReadonlySet<Node>, memory: ReadonlySet<Node>): boolean {
  const seen = new Map<Node, boolean>()
  const visit = (current: Node, inPlace: boolean): boolean => {
    if (members.has(current)) return inPlace
    if (memory.has(current) && current !== node) return true
    if (seen.get(current) === false || seen.get(current) === inPlace) return true
    seen.set(current, inPlace)
    return current.inputs.every((input) => visit(input, inPlace && current.op.kind === 'pointwise'))
  }
  return visit(node, true)
}
