export { Adam, type AdamOptions, AdamW } from './adam.ts'
export { clipGradNorm, clipGradValue } from './clip.ts'
export {
  type BaseOptions,
  Optimizer,
  type ParameterGroup,
  type Parameters,
  type StepOptions,
  type UpdateContext,
} from './optimizer.ts'
export { RMSprop, type RMSpropOptions } from './rmsprop.ts'
export { CosineAnnealingLR } from './schedule/cosine.ts'
export { LinearWarmup, SequentialLR } from './schedule/linear.ts'
export { OneCycleLR, type OneCycleOptions } from './schedule/oneCycle.ts'
export { type PlateauOptions, ReduceLROnPlateau } from './schedule/plateau.ts'
export { type AnyOptimizer, Schedule, type ScheduleState } from './schedule/schedule.ts'
export { MultiStepLR, StepLR } from './schedule/steps.ts'
export { SGD, type SGDOptions } from './sgd.ts'
export type { OptimizerState } from './state.ts'
