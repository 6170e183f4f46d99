/** Kernels: emitters of WebAssembly functions for exact shapes. */

export { type Statistic, statisticFloats } from './columnStatistics.ts'
export { emitCombineStatistics } from './combineStatistics.ts'
export { inputBorder, joinBorders, outputGradientBorder, weightGradientBorder } from './conv/borders.ts'
export type { ConvKernel, ConvOptions } from './conv/correlation.ts'
export { emitConv2d } from './conv/forward.ts'
export { emitConv2dInputGradient } from './conv/inputGradient.ts'
export {
  emitPackConv2dWeights,
  emitPackInputGradientWeights,
  inputGradientPacking,
} from './conv/packWeights.ts'
export { emitReduceWeightGradient } from './conv/reduceWeightGradient.ts'
export {
  type Border,
  type Conv2dSpec,
  describeConv2d,
  type ImageLayout,
  noBorder,
  paddedLayout,
} from './conv/spec.ts'
export { emitConv2dWeightGradient } from './conv/weightGradient.ts'
export { packedConv2dFloats, type WeightGradientKernel } from './conv/weightLayout.ts'
export { biasEpilogue, type Epilogue, type ImageOperand, type ImageStoreSite, type StoreSite } from './epilogue.ts'
export { emitGemm, type GemmKernel } from './gemm/gemm.ts'
export { emitPackMatrix, packedFloats } from './gemm/pack.ts'
export type { GemmOptions, GemmSpec, MatrixLayout } from './gemm/spec.ts'
export type { Kernel } from './kernel.ts'
export { emitPool2dGradient, type PoolGradientLayouts } from './pool/gradient.ts'
export { emitMaxPool2d, emitMaxPool2dSelect, emitSumPool2d } from './pool/maxPool.ts'
export type { PoolSpec } from './pool/spec.ts'
export type { WindowLayouts } from './pool/windows.ts'
export {
  emitToChannelsFirst,
  emitToChannelsLast,
  emitTranspose,
  type ImageShape,
  type TransposeSpec,
} from './transpose.ts'
