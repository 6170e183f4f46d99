import { type Node, topologicalOrder } from '../graph/node.ts'
import { sameShape } from '../tensor/shape.ts'

/**
 * Finds what a program really uses of a node: the last of the pointwise nodes through which every way from it to a result
 * leads. Normalisation and activation after a convolution end in such a node, however often it is read afterwards.
 *
 * @returns A function that gives the node itself where there is no such node behind it.
 */
export function bottlenecks(roots: readonly Node[]): (node: Node) => Node {
  const order = topologicalOrder(roots)
  const place = new Map(order.map((node, i) => [node, i]))
  const users = new Map<Node, Node[]>(order.map((node) => [node, []]))
  for (const node of order) for (const input of new Set(node.inputs)) users.get(input)!.push(node)
  const isRoot = new Set(roots)

  /**
   * The first node that every way leads through: the immediate dominator of the reversed graph (Cooper, Harvey and Kennedy,
   * "A simple, fast dominance algorithm", 2001; without cycles one pass suffices). Null: the ways never meet.
   */
  const meeting = new Map<Node, Node | null>()
  const meet = (a: Node | null, b: Node | null): Node | null => {
    while (a !== b) {
      if (!a || !b) return null
      if (place.get(a)! < place.get(b)!) a = meeting.get(a)!
      else b = meeting.get(b)!
    }
    return a
  }
  for (const node of [...order].reverse()) {
    const [first, ...others] = users.get(node)!
    meeting.set(node, isRoot.has(node) ? null : others.reduce<Node | null>(meet, first ?? null))
  }

  /** Whether everything between two nodes is computed in place. */
  const isInPlace = (from: Node, to: Node): boolean => {
    const seen = new Set<Node>([to])
    const visit = (node: Node): boolean => {
      if (seen.has(node)) return true
      seen.add(node)
      return node.op.kind === 'pointwise' && sameShape(node.shape, to.shape) && users.get(node)!.every(visit)
    }
    return to.op.kind === 'pointwise' && sameShape(from.shape, to.shape) && users.get(from)!.every(visit)
  }
  return (node) => {
    let last = node
    for (let next = meeting.get(last); next && isInPlace(last, next); next = meeting.get(last)) last = next
    return last
  }
}
