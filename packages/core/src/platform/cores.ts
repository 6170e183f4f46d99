import { nodeBuiltin } from './node.ts'

/** How many threads the machine runs at once, as far as this process may use them. */
export function availableCores(): number {
  const os = nodeBuiltin<{ availableParallelism(): number }>('node:os')
  return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1
}

/** Whether this thread may block: not the main thread of a browser. */
export function mayBlock(): boolean {
  return !('document' in globalThis)
}
