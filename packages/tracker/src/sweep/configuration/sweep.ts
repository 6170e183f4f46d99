import type { Space } from '../space/space.ts'
import type { Impute, Method } from './types.ts'

/** What is optimised. */
export interface Metric {
  readonly name: string
  readonly goal: 'minimize' | 'maximize'
  /** Once a trial reaches this value, no further ones start. */
  readonly target?: number
  /** What stands in for the value of a trial that has none because it failed. */
  readonly impute: Impute
  /** What stands in for the value of a trial that still runs; without it the model's own prediction does. */
  readonly imputeWhileRunning?: Impute
}

/** When trials that do badly are stopped; iterations count how many times the metric was logged, not steps. */
export type Stopping =
  | { readonly type: 'hyperband'; readonly bands: readonly number[]; readonly eta: number; readonly strict: boolean }
  | { readonly type: 'asha_stopping' | 'asha_promotion'; readonly rungs: readonly number[]; readonly eta: number }
  | { readonly type: 'median'; readonly minIterations: number; readonly minTrials: number }

/** Population-based training: a generation of `size` members trains for `interval` iterations, then the worst copy the best. */
export interface Population {
  readonly size: number
  readonly interval: number
  readonly quantile: number
  readonly resample: number
  readonly factors: readonly number[]
}

/** A sweep, checked and with its defaults filled in. */
export interface Sweep {
  readonly method: Method
  readonly space: Space
  readonly metric?: Metric
  readonly stopping?: Stopping
  readonly population?: Population
  /** The most trials the sweep will run, across all agents. */
  readonly runCap?: number
  readonly repeat?: { readonly count: number; readonly parameter: string }
  /** Further tries after a trial's program failed (`failed`), or its agent or machine was lost (`crashed`). */
  readonly retry: { readonly failed: number; readonly crashed: number }
  readonly program?: string
  /** The parts of the command, with macros such as `${args}` still in them. */
  readonly command: readonly string[]
  readonly name?: string
  readonly description?: string
  readonly project?: string
  /** Fixes all randomness; `undefined` where the configuration leaves the choice to whoever starts the sweep. */
  readonly seed?: number
  /** What a person should know about how the configuration was read. */
  readonly notices: readonly string[]
}
