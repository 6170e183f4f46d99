import { type CompilerOptions, planProgram } from '../../compiler/planProgram.ts'
import { type SlicedGraph, sliceBatch } from '../../compiler/sliceBatch.ts'
import type { Backend, ProgramGraph } from '../backend.ts'
import { target } from './lower/imageTarget.ts'
import { WasmProgram } from './program.ts'
import { type WasmOptions, WasmRuntime } from './runtime.ts'

export type { WasmOptions } from './runtime.ts'

const SLICE_ABOVE = 16e6

/** What `createWasmBackend` can be told: threads and flavour, and what the compiler may do. */
export interface WasmBackendOptions extends WasmOptions, CompilerOptions {}

/**
 * Makes the backend that runs programs as WebAssembly with SIMD and threads, emitted for their shapes.
 *
 * @throws Error where the engine has no WebAssembly SIMD.
 * @example
 * ```ts
 * useBackend(await createWasmBackend({ threads: 1, strict: true }))
 * ```
 */
export async function createWasmBackend(options: WasmBackendOptions = {}): Promise<Backend> {
  return backendOf(await WasmRuntime.create(options), options)
}

/** The backend whose programs share a runtime. */
export function backendOf(runtime: WasmRuntime, options: CompilerOptions = {}): Backend {
  return {
    name: `wasm ${runtime.flavour} ${runtime.threads}${options.fuse === false ? ' unfused' : ''}${options.sliceAbove === 0 ? ' sliced' : ''}`,
    build: (graph: ProgramGraph) => {
      const whole: SlicedGraph = { graph, slices: 1, isCut: graph.inputs.map(() => true) }
      const sliced = sliceBatch(graph, options.sliceAbove ?? SLICE_ABOVE) ?? whole
      return new WasmProgram(runtime, sliced, planProgram(sliced.graph, target, options))
    },
  }
}
