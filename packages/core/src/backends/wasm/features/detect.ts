import { f32x4, ModuleBuilder } from '../assembler/index.ts'

/** What the JavaScript engine can run, found by validating small modules. */
export interface EngineFeatures {
  /** 128-bit SIMD; without it the wasm backend cannot run. */
  readonly simd: boolean
  /** Fused multiply-add. Absent in Safari, where one such instruction makes a whole module invalid. */
  readonly relaxedSimd: boolean
  /** Shared memory that workers may see: in a browser it needs cross-origin isolation (COOP and COEP headers). */
  readonly threads: boolean
}

let detected: EngineFeatures | undefined

export function detectEngine(): EngineFeatures {
  detected ??= {
    simd: validates(false),
    relaxedSimd: validates(true),
    threads: canShareMemory(),
  }
  return detected
}

function validates(relaxed: boolean): boolean {
  if (typeof WebAssembly === 'undefined') return false
  const m = new ModuleBuilder()
  m.func('probe', ['v128'], ['v128'], (_, a) => (relaxed ? f32x4.relaxedMadd(a, a, a) : f32x4.mul(a, a)))
  return WebAssembly.validate(m.toBytes())
}

function canShareMemory(): boolean {
  if (typeof SharedArrayBuffer === 'undefined' || typeof Atomics === 'undefined') return false
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated
  if (isolated === false) return false
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer instanceof SharedArrayBuffer
  } catch {
    return false
  }
}
