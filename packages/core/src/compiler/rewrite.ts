import { attributesKey } from '../graph/attributes.ts'
import { makeLeaf, makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { registry } from '../ops/registry.ts'

/** The results of a program that passes rewrite: outputs, then the values of updates. */
export type Roots = readonly Node[]

/**
 * Rebuilds a graph from its leaves up; `change` sees each node with its inputs already rebuilt, and as it was before, and
 * gives what replaces it.
 */
export function rewrite(roots: Roots, change: (node: Node, before: Node) => Node): Node[] {
  const rebuilt = new Map<Node, Node>()
  for (const node of topologicalOrder(roots)) {
    const inputs = node.inputs.map((input) => rebuilt.get(input)!)
    const same = inputs.every((input, i) => input === node.inputs[i])
    rebuilt.set(node, change(same ? node : withInputs(node, inputs), node))
  }
  return roots.map((root) => rebuilt.get(root)!)
}

function withInputs(node: Node, inputs: readonly Node[]): Node {
  if (node.op.kind === 'leaf') return makeLeaf(node.op, node.attrs, node.shape, node.dtype, false, inputs)
  return makeNode(node.op, inputs, node.attrs)
}

/** Finds nodes that compute the same (hash consing; A. Ershov, "On programming of arithmetic operations", 1958). */
export class CommonParts {
  readonly #known = new Map<string, Node>()
  /** Numbers for the objects that attributes refer to, to tell leaves apart. */
  readonly #numbers = new Map<object, number>()

  /** The node that computes the same and was first asked about: perhaps this one. */
  share(node: Node): Node {
    const inputs = node.inputs.map((input) => input.id).join()
    const key = `${node.op.name}(${inputs})${this.#attributes(node)}:${node.dtype}[${node.shape.join()}]`
    const before = this.#known.get(key)
    if (before) return before
    this.#known.set(key, node)
    return node
  }

  #attributes(node: Node): string {
    if (node.op === registry.buffer) return `#${this.#numberOf(node.attrs.storage)}`
    if (node.op === registry.feed) return `#${this.#numberOf(node.attrs.source)}`
    // Of pointwise ops the type, which is part of the key, tells all.
    return node.op.kind === 'pointwise' ? '' : attributesKey(node)
  }

  #numberOf(object: object): number {
    let number = this.#numbers.get(object)
    if (number === undefined) this.#numbers.set(object, (number = this.#numbers.size))
    return number
  }
}
