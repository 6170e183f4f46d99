import type { Executable } from '../backends/backend.ts'
import { makeLeaf, type Node } from '../graph/node.ts'
import { Storage } from '../graph/storage.ts'
import { registry } from '../ops/registry.ts'
import { sizeOf } from '../tensor/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { currentBackend } from './device.ts'
import { programGraph, structureOf } from './program.ts'

/** Programs made outside of `compile`, by their structure; the least recently used one goes first. */
const cache = new Map<string, Executable>()
const CACHE_SIZE = 256

/** Tensors that were assigned to outside of a trace and not computed yet. */
const pending = new Set<Tensor>()

export function addPending(tensor: Tensor): void {
  pending.add(tensor)
}

let queue: Promise<void> = Promise.resolve()

/** Computes the tensors, and whatever was assigned meanwhile; afterwards each of them is memory. */
export function realize(tensors: readonly Tensor[]): Promise<void> {
  // One at a time: a second reader of the same tensor finds it computed by the first.
  const result = queue.then(() => realizeNow(tensors))
  queue = result.catch(() => {})
  return result
}

async function realizeNow(tensors: readonly Tensor[]): Promise<void> {
  const open = [...new Set([...tensors, ...pending])].filter((tensor) => tensor.node.op !== registry.buffer)
  pending.clear()
  if (open.length === 0) return
  const results = await computeNodes(open.map((tensor) => tensor.node))
  open.forEach((tensor, i) => {
    tensor.become(results[i])
  })
}

/** Computes nodes into new storages. */
export async function computeNodes(nodes: readonly Node[]): Promise<Storage[]> {
  const graph = programGraph([], nodes, [])
  const backend = await currentBackend()
  const key = `${backend.name}\n${structureOf(graph)}`
  let executable = cache.get(key)
  if (executable) cache.delete(key)
  else executable = await backend.build(graph)
  cache.set(key, executable)
  if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value!)
  const outputs = await executable.run({
    inputs: [],
    buffers: graph.buffers.map((node) => node.attrs.storage),
    feeds: graph.feeds.map((node) => node.attrs.source.next()),
  })
  return outputs.map((elements, i) => new Storage(nodes[i].dtype, sizeOf(nodes[i].shape), elements))
}

/** A leaf for a storage. */
export function bufferNode(storage: Storage, shape: readonly number[], requiresGrad = false): Node {
  return makeLeaf(registry.buffer, { storage }, shape, storage.dtype, requiresGrad)
}
