import { type MetricSummary, summarise, type Trial } from '../search/trial.ts'
import type { Parameters } from '../space/space.ts'

/** What has become of a trial, as the store knows it: `pruned` was stopped by the sweep's early stopping, `stopped` by a person. */
export type RecordState = 'pending' | 'running' | 'finished' | 'pruned' | 'failed' | 'crashed' | 'stopped'

/** A trial as it is kept. Times are unix seconds. */
export interface TrialRecord {
  readonly number: number
  readonly parameters: Parameters
  readonly continues?: number
  readonly iterations?: number
  readonly member?: number
  state: RecordState
  /** Counts the tries, from 1; a report about an earlier one is not taken any more. */
  attempt: number
  /** The run of the latest attempt. */
  run: string
  agent?: string
  /** How often it was tried again after its program failed, and after its agent was lost. */
  failedTries: number
  crashedTries: number
  /** Why it is to stop, from when that is decided until it has. */
  stopping?: 'pruned' | 'stopped'
  metric?: MetricSummary
  /** How many values of the metric it logged. */
  logged: number
  /** The highest rung of `asha_stopping` that it has passed. */
  passedRung: number
  readonly created: number
  started?: number
  ended?: number
  /** Why it ended, where that was not by itself. */
  reason?: string
}

/** The trial as searchers see it: one that was stopped early is over, without having finished. */
export function asTrial({ number, parameters, state, metric, continues, iterations, member }: TrialRecord): Trial {
  return { number, parameters, state: state === 'pruned' ? 'stopped' : state, metric, continues, iterations, member }
}

export const isOpen = ({ state }: TrialRecord): boolean => state === 'pending' || state === 'running'

/** Joins what the run log says with a value that the program gave back. */
export function withValue(metric: MetricSummary | undefined, value: number | undefined): MetricSummary | undefined {
  if (value === undefined || !Number.isFinite(value)) return metric
  return metric ? { ...summarise([metric.minimum, metric.maximum, value])!, last: value } : summarise([value])
}
