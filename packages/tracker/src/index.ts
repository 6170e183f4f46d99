/**
 * Runs tracked on your own machine: the run SDK (`init`), and what reads, serves and sweeps runs.
 */
export { readRun, type SeenRun } from './log/readRun.ts'
export { ConfusionMatrix, type ConfusionMatrixOptions } from './media/confusionMatrix.ts'
export { Html, MediaFile, Plot, Text } from './media/document.ts'
export { type Bins, Histogram } from './media/histogram.ts'
export { type BoxOptions, Image, type ImageOptions, type MaskOptions, type Pixels } from './media/image.ts'
export { Media, MediaError } from './media/input.ts'
export { Table } from './media/table.ts'
export { Artifact, type ArtifactOptions, UsedArtifact } from './run/artifact.ts'
export { RunRefusedError } from './run/channel.ts'
export { type InitOptions, init } from './run/init.ts'
export {
  type FinishOptions,
  type LogOptions,
  type MetricOptions,
  Run,
  StepConflictError,
} from './run/run.ts'
export type { StepConflict } from './run/stepRule.ts'
export { NameError } from './store/paths.ts'
export { type Problem, SweepConfigurationError } from './sweep/configuration/problem.ts'
export type { SweepConfiguration } from './sweep/configuration/types.ts'
export {
  type FinishedTrial,
  type ParametersOf,
  type SweepOptions,
  type SweepResult,
  type SweepTrial,
  sweep,
} from './sweep/inProcess.ts'
