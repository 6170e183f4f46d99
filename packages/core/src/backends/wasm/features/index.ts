/** What the engine can run, and how kernels are compiled and shaped for it. */
export { compileModule } from './compile.ts'
export { detectEngine, type EngineFeatures } from './detect.ts'
export { measurePeak, type WasmFeatures, wasmFeatures } from './features.ts'
export { narrowTile, type TileShape, wideTile } from './tileShape.ts'
