import { makeLeaf, makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { registry } from '../ops/registry.ts'

/** The results of a program that passes rewrite: outputs, then the values of updates. */
export type Roots = readonly Node[]

/** Rebuilds a graph from its leaves up; `change` sees each node with its inputs already rebuilt and gives what replaces it. */
export function rewrite(roots: Roots, change: (node: Node) => Node): Node[] {
  const rebuilt = new Map<Node, Node>()
  for (const node of topologicalOrder(roots)) {
    const inputs = node.inputs.map((input) => rebuilt.get(input)!)
    const same = inputs.every((input, i) => input === node.inputs[i])
    rebuilt.set(node, change(same ? node : withInputs(node, inputs)))
  }
  return roots.map((root) => rebuilt.get(root)!)
}

function withInputs(node: Node, inputs: readonly Node[]): Node {
  if (node.op.kind === 'leaf') return makeLeaf(node.op, node.attrs, node.shape, node.dtype, false, inputs)
  return makeNode(node.op, inputs, node.attrs)
}

/** Numbers for the objects that attributes refer to, to tell leaves apart. */
export class Identities {
  readonly #numbers = new Map<object, number>()

  of(object: object): number {
    let number = this.#numbers.get(object)
    if (number === undefined) this.#numbers.set(object, (number = this.#numbers.size))
    return number
  }
}

/** A text that is equal for nodes that compute the same. */
export function nodeKey(node: Node, identities: Identities): string {
  const inputs = node.inputs.map((input) => input.id).join()
  return `${node.op.name}(${inputs})${attributesKey(node, identities)}:${node.dtype}[${node.shape.join()}]`
}

function attributesKey(node: Node, identities: Identities): string {
  if (node.op === registry.buffer) return `#${identities.of(node.attrs.storage)}`
  if (node.op === registry.feed) return `#${identities.of(node.attrs.source)}`
  if (node.op === registry.constant) return Object.is(node.attrs.value, -0) ? '-0' : String(node.attrs.value)
  return JSON.stringify(node.attrs)
}

/** Makes nodes that compute the same one node. */
export function shareCommon(roots: Roots): Node[] {
  const known = new Map<string, Node>()
  const identities = new Identities()
  return rewrite(roots, (node) => {
    const key = nodeKey(node, identities)
    const before = known.get(key)
    if (before) return before
    known.set(key, node)
    return node
  })
}
