import type { Backend, Executable, ProgramGraph } from '../backends/backend.ts'
import { currentBackend } from './device.ts'
import { structureOf } from './program.ts'

/** Programs of each backend by their structure; the least recently used one goes first. */
const caches = new WeakMap<Backend, Map<string, Executable>>()
const CACHE_SIZE = 256

/**
 * The program for a graph. Equal graphs share one, whatever buffers they read: a hundred equal nets are compiled once.
 */
export async function programFor(graph: ProgramGraph): Promise<Executable> {
  const backend = await currentBackend()
  let cache = caches.get(backend)
  if (!cache) caches.set(backend, (cache = new Map()))
  const key = structureOf(graph)
  let executable = cache.get(key)
  if (executable) cache.delete(key)
  else executable = await backend.build(graph)
  cache.set(key, executable)
  if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value!)
  return executable
}
