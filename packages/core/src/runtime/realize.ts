import { received, TrainyardError } from '../errors.ts'
import { makeLeaf, type Node, topologicalOrder } from '../graph/node.ts'
import { replaceNodes } from '../graph/replace.ts'
import { Storage } from '../graph/storage.ts'
import { registry } from '../ops/registry.ts'
import { letOthersRun } from '../platform/eventLoop.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { programGraph } from './program.ts'
import { programFor } from './programCache.ts'

/** Tensors that were assigned to outside of a trace and not computed yet. */
const pending = new Set<Tensor>()

export function addPending(tensor: Tensor): void {
  pending.add(tensor)
}

/**
 * Memory of nodes that were computed although tensors still stand for them: because a gradient may be wanted through
 * them, or because it was a compiled function that needed them. Nothing is computed twice, and a tensor that is assigned
 * to later writes to the memory that functions already read.
 */
const computed = new WeakMap<Node, Storage>()

/** What buffers held when something was recorded that reads them and has not been computed, before they were written to. */
const snapshots = new WeakMap<Node, Storage>()

/** Keeps the elements of a buffer for what was recorded over this node: they are about to be written to. */
export function keepSnapshot(node: Node): void {
  const { dtype, size } = node.attrs.storage as Storage
  snapshots.set(node, new Storage(dtype, size, (node.attrs.storage as Storage).read().slice()))
}

/** Where a node's elements are, if they are anywhere. */
export function storageOf(node: Node): Storage | null {
  return node.op === registry.buffer ? node.attrs.storage : (computed.get(node) ?? null)
}

/** Remembers where a node's elements are. */
function rememberStorage(node: Node, storage: Storage): void {
  computed.set(node, storage)
}

let queue: Promise<void> = Promise.resolve()

/** Computes the tensors, and whatever was assigned meanwhile; afterwards each of them is memory. */
export function realize(tensors: readonly Tensor[]): Promise<void> {
  if (!Array.isArray(tensors)) throw new TrainyardError(`realize: wants a list of tensors, got ${received(tensors)}`)
  // One at a time: a second reader of the same tensor finds it computed by the first.
  const result = queue.then(letOthersRun).then(() => realizeNow(tensors))
  queue = result.catch(() => {})
  return result
}

async function realizeNow(tensors: readonly Tensor[]): Promise<void> {
  const open = [...new Set([...tensors, ...pending])].filter((tensor) => !storageOf(tensor.node) || pending.has(tensor))
  pending.clear()
  if (open.length === 0) return
  const results = await computeOnce(open.map((tensor) => tensor.node))
  open.forEach((tensor, i) => {
    tensor.become(results[i])
  })
}

/** The storages of nodes; those that have none are computed, together. */
export async function computeOnce(nodes: readonly Node[]): Promise<Storage[]> {
  const fresh = nodes.filter((node) => !storageOf(node))
  if (fresh.length > 0) {
    const storages = await computeNodes(fresh)
    fresh.forEach((node, i) => {
      rememberStorage(node, storages[i])
    })
  }
  return nodes.map((node) => storageOf(node)!)
}

/** Computes nodes into new storages. */
async function computeNodes(nodes: readonly Node[]): Promise<Storage[]> {
  const graph = programGraph([], cutComputed(nodes), [])
  const executable = await programFor(graph)
  return executable.run({
    inputs: [],
    buffers: graph.buffers.map((node) => node.attrs.storage),
    feeds: graph.feeds.map((node) => node.attrs.source.next()),
  })
}

/** The same nodes over a graph that ends where elements are already known. */
function cutComputed(nodes: readonly Node[]): readonly Node[] {
  const known = new Map<Node, Node>()
  for (const node of topologicalOrder(nodes, (n) => computed.has(n))) {
    const storage = computed.get(node) ?? snapshots.get(node)
    if (storage) known.set(node, bufferNode(storage, node.shape))
  }
  return replaceNodes([nodes], known)[0]
}

/** A leaf for a storage. */
export function bufferNode(storage: Storage, shape: readonly number[], requiresGrad = false): Node {
  return makeLeaf(registry.buffer, { storage }, shape, storage.dtype, requiresGrad)
}
