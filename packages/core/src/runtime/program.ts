import type { ProgramGraph } from '../backends/backend.ts'
import { attributesKey } from '../graph/attributes.ts'
import { makeLeaf, type Node, topologicalOrder } from '../graph/node.ts'
import type { Storage } from '../graph/storage.ts'
import { registry } from '../ops/registry.ts'

/** A buffer to be overwritten, and by what. */
export interface Update {
  readonly storage: Storage
  readonly shape: readonly number[]
  readonly value: Node
}

/** Collects what a program consists of from what it is to compute. */
export function programGraph(
  inputs: readonly Node[],
  outputs: readonly Node[],
  updates: readonly Update[],
): ProgramGraph {
  const order = topologicalOrder([...outputs, ...updates.map((update) => update.value)])
  const buffers: Node[] = []
  const placeOf = new Map<Storage, number>()
  const feeds: Node[] = []
  const place = (storage: Storage, node: () => Node): number => {
    let at = placeOf.get(storage)
    if (at === undefined) {
      placeOf.set(storage, (at = buffers.length))
      buffers.push(node())
    }
    return at
  }
  for (const node of order) {
    if (node.op === registry.buffer) place(node.attrs.storage, () => node)
    else if (node.op === registry.feed) feeds.push(node)
  }
  return {
    inputs,
    buffers,
    feeds,
    outputs,
    updates: updates.map(({ storage, shape, value }) => ({
      buffer: place(storage, () => makeLeaf(registry.buffer, { storage }, shape, storage.dtype)),
      value,
    })),
  }
}

/**
 * A text that is equal for graphs that compute the same from buffers, inputs and feeds in the same places. The key of
 * the program cache.
 */
export function structureOf(graph: ProgramGraph): string {
  const numberOf = new Map<Node, number>()
  const storages = graph.buffers.map((node) => node.attrs.storage)
  const lines: string[] = []
  const line = (node: Node): void => {
    numberOf.set(node, numberOf.size)
    lines.push(
      `${node.op.name}(${node.inputs.map((input) => numberOf.get(input)).join()})${attributes(node)}:${node.dtype}[${node.shape.join()}]`,
    )
  }
  const attributes = (node: Node): string => {
    if (node.op === registry.buffer) return `#${storages.indexOf(node.attrs.storage)}`
    if (node.op === registry.feed) return `#${graph.feeds.indexOf(node)}`
    return attributesKey(node)
  }
  const roots = [...graph.inputs, ...graph.outputs, ...graph.updates.map((update) => update.value)]
  for (const node of topologicalOrder(roots)) line(node)
  lines.push(graph.outputs.map((node) => numberOf.get(node)).join())
  lines.push(graph.updates.map(({ buffer, value }) => `${buffer}=${numberOf.get(value)}`).join())
  return lines.join('\n')
}
