export {
  elu,
  gelu,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  relu,
  relu6,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
} from './activation.ts'
export { type Conv2dOptions, type ConvTranspose2dOptions, conv2d, convTranspose2d } from './convolution.ts'
export { type DropoutOptions, dropout, dropout2d } from './dropout.ts'
export { embedding } from './embedding.ts'
export { type InterpolateOptions, interpolate } from './interpolate.ts'
export { linear } from './linear.ts'
export { type BCEWithLogitsOptions, binaryCrossEntropyWithLogits } from './loss/binaryCrossEntropy.ts'
export { type CrossEntropyOptions, crossEntropy, type NLLLossOptions, nllLoss } from './loss/crossEntropy.ts'
export { type KLDivOptions, klDiv } from './loss/klDiv.ts'
export type { Reduction } from './loss/reduction.ts'
export { huberLoss, type LossOptions, l1Loss, mseLoss, smoothL1Loss } from './loss/regression.ts'
export { type BatchNormOptions, batchNorm, layerNorm } from './normalization.ts'
export type { Padding, Pair } from './pair.ts'
export {
  type AvgPoolOptions,
  adaptiveAvgPool2d,
  avgPool2d,
  maxPool2d,
  type PoolOptions,
} from './pooling.ts'
