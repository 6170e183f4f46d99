import type { Value } from '../distributions/distribution.ts'
import type { DistributionName } from '../distributions/table.ts'

/** How the searcher chooses parameters. The first three are wandb's, with its meaning; the others are Trainyard's own. */
export type Method = 'grid' | 'random' | 'bayes' | 'tpe' | 'population'

/** The value that stands in, for the searcher, where a trial has none of its own. */
export type Impute = 'worst' | 'best' | 'latest'

/** One parameter as it is written: a value, values, bounds, a distribution, or parameters nested in it. */
export interface ParameterConfiguration {
  value?: Value
  values?: readonly Value[]
  probabilities?: readonly number[]
  distribution?: DistributionName
  min?: number
  max?: number
  mu?: number
  sigma?: number
  q?: number
  a?: number
  b?: number
  parameters?: Readonly<Record<string, ParameterConfiguration>>
}

export interface MetricConfiguration {
  name: string
  goal?: 'minimize' | 'maximize'
  target?: number
  impute?: Impute
  impute_while_running?: Impute | 'false' | false
}

export type EarlyTerminateConfiguration =
  | { type: 'hyperband'; min_iter?: number; max_iter?: number; s?: number; eta?: number; strict?: boolean }
  | { type: 'asha_stopping'; min_iter?: number; max_iter?: number; eta?: number }
  | { type: 'asha_promotion'; min_iter?: number; max_iter: number; eta?: number }
  | { type: 'median'; min_iter?: number; min_trials?: number }

/**
 * A sweep as it is written, in a YAML or JSON file or as an object: wandb's keys, and after them Trainyard's own.
 *
 * @example
 * export default {
 *   program: 'train.ts',
 *   method: 'random',
 *   metric: { name: 'loss', goal: 'minimize' },
 *   parameters: { lr: { distribution: 'log_uniform_values', min: 1e-4, max: 0.1 } },
 *   run_cap: 20,
 * } satisfies SweepConfiguration
 */
export interface SweepConfiguration {
  method: Method | 'custom'
  parameters: Readonly<Record<string, ParameterConfiguration>>
  metric?: MetricConfiguration
  early_terminate?: EarlyTerminateConfiguration
  run_cap?: number
  program?: string
  command?: readonly (string | number | boolean)[]
  name?: string
  description?: string
  project?: string
  entity?: string

  /** Fixes all randomness of the sweep. Chosen when the sweep is made, and kept with it, if left out. */
  seed?: number
  /** Every configuration is run this many times, with `parameter` counting from 0: several seeds, or the folds of a k-fold. */
  repeat?: { count: number; parameter?: string }
  /** How often a trial is tried again after its program failed or its agent was lost. */
  retry?: { failed?: number; crashed?: number }
  /** For `method: population`: how many members, and how long a generation trains. */
  population?: { size?: number; interval: number; quantile?: number; resample?: number; factors?: readonly number[] }

  /** Keys of wandb's cloud, accepted and without meaning here; each gives a notice. */
  controller?: { type: 'local' | 'cloud' }
  scheduler?: { engine: string; source?: string; optimizer?: string; search_space?: string }
  metrics?: readonly MetricConfiguration[]
  job?: string
  image_uri?: string
  apiVersion?: string
  kind?: 'sweep'
}
