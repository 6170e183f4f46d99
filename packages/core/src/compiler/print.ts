import { type Node, topologicalOrder } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import type { Kernel } from './plan.ts'

/**
 * Prints a graph, one node a line in the order of computation, numbered from 0: what each pass of the compiler did can be
 * read by printing before and after it.
 */
export function printGraph(roots: readonly Node[]): string {
  const numbers = new Map<Node, number>()
  const lines = topologicalOrder(roots).map((node) => {
    numbers.set(node, numbers.size)
    const inputs = node.inputs.map((input) => `%${numbers.get(input)}`)
    const attributes = printAttributes(node)
    return `%${numbers.get(node)} = ${node.op.name}(${[...inputs, ...attributes].join(', ')}) ${node.dtype}[${node.shape.join(', ')}]`
  })
  return [...lines, `return ${roots.map((root) => `%${numbers.get(root)}`).join(', ')}`].join('\n')
}

function printAttributes(node: Node): string[] {
  if (node.op === ops.buffer || node.op === ops.feed) return []
  return Object.entries(node.attrs ?? {}).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
}

/** Prints the kernels of a plan: what each computes and how. */
export function printKernels(kernels: readonly Kernel[]): string {
  return kernels
    .map((kernel) => {
      const results = kernel.nodes.map((node) => `${node.op.name}[${node.shape.join(', ')}]`).join(' and ')
      if (kernel.kind === 'op') return `${kernel.node.op.name}${kernel.epilogue ? ' then' : ''} -> ${results}`
      const loops = kernel.nests.map(
        ({ outer, reduced }) =>
          `for ${outer.map((loop) => loop.extent).join('×') || 1}${reduced.length > 0 ? ` fold ${reduced.map((loop) => loop.extent).join('×')}` : ''}`,
      )
      return `${loops.join(', ')} -> ${results}`
    })
    .join('\n')
}
