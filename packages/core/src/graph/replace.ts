import { type Node, topologicalOrder } from './node.ts'

/** Rebuilds graphs with some nodes replaced. */
export function replaceNodes(groups: readonly (readonly Node[])[], replacement: ReadonlyMap<Node, Node>): Node[][] {
  if (replacement.size === 0) return groups.map((group) => [...group])
  const rebuilt = new Map<Node, Node>(replacement)
  for (const node of topologicalOrder(groups.flat(), (n) => replacement.has(n))) {
    if (rebuilt.has(node)) continue
    const inputs = node.inputs.map((input) => rebuilt.get(input)!)
    rebuilt.set(node, inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs })
  }
  return groups.map((group) => group.map((node) => rebuilt.get(node)!))
}
