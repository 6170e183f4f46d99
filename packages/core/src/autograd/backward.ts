import { type Node, topologicalOrder } from '../graph/node.ts'
import { build } from '../ops/build.ts'

/**
 * Appends to the graph the gradients of `root` (weighted by `seed`, ones by default) with respect to the `leaves`.
 *
 * Gradients are graphs themselves, made of the same ops: they can be differentiated again. A leaf that the root does not
 * depend on gets `null`. Beyond a leaf nothing is followed.
 */
export function gradients(root: Node, leaves: readonly Node[], seed: Node): (Node | null)[] {
  const isLeaf = new Set(leaves)
  const order = topologicalOrder([root], (node) => isLeaf.has(node) || !node.requiresGrad)
  const gradientOf = new Map<Node, Node>([[root, seed]])
  for (let i = order.length - 1; i >= 0; i--) {
    const output = order[i]
    const grad = gradientOf.get(output)
    if (!grad || isLeaf.has(output) || !output.requiresGrad || !output.op.gradient) continue
    const contributions = output.op.gradient({ g: build, inputs: output.inputs, output, grad, attrs: output.attrs })
    output.inputs.forEach((input, place) => {
      const contribution = contributions[place]
      if (!contribution || !input.requiresGrad) return
      const before = gradientOf.get(input)
      gradientOf.set(input, before ? build.add(before, contribution) : contribution)
    })
  }
  return leaves.map((leaf) => gradientOf.get(leaf) ?? null)
}

/** The nodes below `root` at which gradients end: those for which `isLeaf` holds. */
export function gradientLeaves(root: Node, isLeaf: (node: Node) => boolean): Node[] {
  return topologicalOrder([root], (node) => isLeaf(node) || !node.requiresGrad).filter(isLeaf)
}
