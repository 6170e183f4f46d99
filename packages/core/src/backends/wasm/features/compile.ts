import { nodeMajorVersion } from '../../../platform/node.ts'
import { type V8Flag, withV8Flags } from '../../../platform/v8Flags.ts'

/** Joins adjacent 128-bit operations into 256-bit AVX2 ones; refused in NODE_OPTIONS, accepted at run time. */
const revectorize: V8Flag = { on: '--experimental-wasm-revectorize', off: '--no-experimental-wasm-revectorize' }

/**
 * Optimise at once, on all of V8's compiler threads. Otherwise the first calls run in the baseline compiler at a tenth of
 * the speed, and a long call never leaves it: WebAssembly has no on-stack replacement.
 */
const optimiseAtOnce: readonly V8Flag[] = [
  { on: '--no-liftoff', off: '--liftoff' },
  { on: '--no-wasm-lazy-compilation', off: '--wasm-lazy-compilation' },
]

/** Compiles a module, fully optimised where the engine lets us, with operations joined in pairs where asked. */
export function compileModule(bytes: BufferSource, options: { readonly revectorize: boolean }): WebAssembly.Module {
  if (nodeMajorVersion < 24) return new WebAssembly.Module(bytes)
  const flags = options.revectorize ? [revectorize, ...optimiseAtOnce] : optimiseAtOnce
  return withV8Flags(flags, () => new WebAssembly.Module(bytes))
}
