export type { Padding, Pair } from './functional/index.ts'
export * as functional from './functional/index.ts'
export * as init from './init.ts'
export {
  ELU,
  GELU,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  Identity,
  LeakyReLU,
  LogSigmoid,
  LogSoftmax,
  Mish,
  ReLU,
  ReLU6,
  Sigmoid,
  SiLU,
  Softmax,
  Softplus,
  Tanh,
} from './layers/activations.ts'
export { BatchNorm1d, BatchNorm2d, type BatchNormOptions } from './layers/batchNorm.ts'
export { Conv2d, type Conv2dOptions, ConvTranspose2d, type ConvTranspose2dOptions } from './layers/conv2d.ts'
export { Dropout, Dropout2d } from './layers/dropout.ts'
export { Embedding, type EmbeddingOptions } from './layers/embedding.ts'
export { LayerNorm, type LayerNormOptions } from './layers/layerNorm.ts'
export { Linear, type LinearOptions } from './layers/linear.ts'
export {
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  MSELoss,
  NLLLoss,
  SmoothL1Loss,
} from './layers/losses.ts'
export { AdaptiveAvgPool2d, AvgPool2d, MaxPool2d } from './layers/pooling.ts'
export { Flatten, Upsample } from './layers/reshaping.ts'
export { type AnyModule, Module } from './module.ts'
export { ModuleList } from './moduleList.ts'
export { findNonFinite, type NonFinite } from './nonFinite.ts'
export { type ModuleCall, observe } from './observe.ts'
export { Buffer, Parameter } from './parameter.ts'
export { Sequential } from './sequential.ts'
export { copyState, type LoadResult, type StateDict, StateDictError } from './stateDict.ts'
export { type LayerSummary, type Summary, summary } from './summary.ts'
