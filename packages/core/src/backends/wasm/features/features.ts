import { environmentVariable, nodeMajorVersion } from '../../../platform/node.ts'
import type { Flavour } from '../assembler/index.ts'
import { compareRates } from './compareRates.ts'
import { detectEngine, type EngineFeatures } from './detect.ts'
import { buildMicroKernel, measureRate } from './microKernel.ts'
import { narrowTile, type TileShape, wideTile } from './tileShape.ts'

/** What the engine can run and how kernels should be shaped for it. */
export interface WasmFeatures extends EngineFeatures {
  /** V8 joins adjacent 128-bit operations, tested for right results and a gain. */
  readonly revectorize: boolean
  readonly tile: TileShape
  /** Why `revectorize` is what it is, for `trainyard doctor`. */
  readonly revectorizeReason: string
}

let chosen: WasmFeatures | undefined

/**
 * Finds, once a process, what the engine can run. Where V8 may join adjacent vector operations, it tests for a few
 * milliseconds that this gives right results and is faster. `TRAINYARD_REVECTORIZE=0` switches that off.
 *
 * @throws Error where the engine has no WebAssembly SIMD.
 */
export function wasmFeatures(): WasmFeatures {
  if (chosen) return chosen
  const engine = detectEngine()
  if (!engine.simd)
    throw new Error('wasm backend: this JavaScript engine has no WebAssembly SIMD; use the reference backend instead')
  const flavour = engine.relaxedSimd ? 'relaxed' : 'strict'
  const [revectorize, revectorizeReason] = testRevectorizer(flavour)
  chosen = { ...engine, revectorize, revectorizeReason, tile: revectorize ? wideTile : narrowTile }
  return chosen
}

function testRevectorizer(flavour: Flavour): readonly [boolean, string] {
  if (environmentVariable('TRAINYARD_REVECTORIZE') === '0') return [false, 'switched off by TRAINYARD_REVECTORIZE=0']
  if (nodeMajorVersion < 24) return [false, 'needs Node 24 or newer']
  const wide = buildMicroKernel(wideTile, flavour, true)
  const narrow = buildMicroKernel(narrowTile, flavour, false)
  const comparison = compareRates(
    () => measureRate(wide, 4),
    () => measureRate(narrow, 4),
  )
  const rates = comparison.rates.map((rate) => rate.toFixed(0)).join(' against ')
  if (wide.error() > 1e-6) return [false, `self-test failed: error ${wide.error().toExponential(1)}`]
  return [comparison.faster, `${comparison.faster ? 'faster' : 'not faster'}: ${rates} GFLOP/s`]
}

/** Measures the peak of one core in GFLOP/s: the chosen register tile over data in the first-level cache. Takes 50 ms by default. */
export function measurePeak(milliseconds = 50): number {
  const { relaxedSimd, revectorize, tile } = wasmFeatures()
  return measureRate(buildMicroKernel(tile, relaxedSimd ? 'relaxed' : 'strict', revectorize), milliseconds)
}
