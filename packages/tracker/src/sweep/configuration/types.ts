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

/** What the program logs and the sweep makes as small (default) or large as it can. */
export interface MetricConfiguration {
  name: string
  goal?: 'minimize' | 'maximize'
  target?: number
  impute?: Impute
  impute_while_running?: Impute | 'false' | false
}

/** Which rule ends trials that do badly, and from how many values of the metric on. */
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
  /** How parameters are chosen; `custom` is refused. */
  method: Method | 'custom'
  /** What is varied, by name. */
  parameters: Readonly<Record<string, ParameterConfiguration>>
  /** Needed by every method but `grid` and `random`, and for stopping early. */
  metric?: MetricConfiguration
  /** Default: every trial runs to its end. */
  early_terminate?: EarlyTerminateConfiguration
  /** The most trials. Default: no limit, but for a grid its size. */
  run_cap?: number
  /** What a trial starts: a program in TypeScript, JavaScript or Python, or any that can be run. */
  program?: string
  /** The words that start it, with macros. Default: what wandb starts, with Node for JavaScript and TypeScript. */
  command?: readonly (string | number | boolean)[]
  /** What people call it. */
  name?: string
  /** A text for people. */
  description?: string
  /** Where its runs belong. Default: as for `init`. */
  project?: string
  /** wandb's; without meaning here, which a notice says. */
  entity?: string

  /** Fixes all randomness of the sweep. Chosen when the sweep is made, and kept with it, if left out. */
  seed?: number
  /**
   * Every configuration is run this many times, with `parameter` (default `seed`) counting from 0: several seeds, or the
   * folds of a k-fold.
   */
  repeat?: { count: number; parameter?: string }
  /** How often a trial is tried again after its program failed (default 0) or its agent was lost (default 2). */
  retry?: { failed?: number; crashed?: number }
  /** For `method: population`: how many members (default 8), and how many values of the metric a generation logs. */
  population?: { size?: number; interval: number; quantile?: number; resample?: number; factors?: readonly number[] }

  // Keys of wandb's cloud.

  /** wandb's; without meaning here, which a notice says. */
  controller?: { type: 'local' | 'cloud' }
  /** wandb's; without meaning here, which a notice says. */
  scheduler?: { engine: string; source?: string; optimizer?: string; search_space?: string }
  /** wandb's list of objectives; refused: there is one `metric`. */
  metrics?: readonly MetricConfiguration[]
  /** wandb's; without meaning here, which a notice says. */
  job?: string
  /** wandb's; without meaning here, which a notice says. */
  image_uri?: string
  /** wandb's; without meaning here. */
  apiVersion?: string
  /** wandb's; without meaning here. */
  kind?: 'sweep'
}
