import { reference } from './backends/reference/index.ts'
import { createWasmBackend } from './backends/wasm/index.ts'
import { setDefaultBackend } from './runtime/device.ts'

// WebAssembly on all cores; where an engine has no SIMD, slowly but rightly.
setDefaultBackend(() => createWasmBackend().catch(() => reference))

export { grad, valueAndGrad } from './autograd/grad.ts'
export type { Backend, Explanation } from './backends/backend.ts'
export { reference } from './backends/reference/index.ts'
export { createWasmBackend, type WasmBackendOptions } from './backends/wasm/index.ts'
export { DTypeError, ShapeError, TrainyardError } from './errors.ts'
export { enableGrad, isGradEnabled, noGrad } from './graph/node.ts'
export * as nn from './nn/index.ts'
export { defaultGenerator, Generator, type GeneratorState, manualSeed } from './random/generator.ts'
export { bernoulli, rand, randint, randn } from './random/random.ts'
export { type CompiledFunction, compile } from './runtime/compile.ts'
export { useBackend } from './runtime/device.ts'
export { realize } from './runtime/realize.ts'
export * from './tensor/create.ts'
export type { DType, TypedArray } from './tensor/dtype.ts'
export type { IndexSpec } from './tensor/indexing.ts'
export type { Shape } from './tensor/shape.ts'
export { type Axes, type NestedArray, type Operand, type ReduceOptions, Tensor } from './tensor/tensor.ts'
