import type { Parameters } from '../space/space.ts'

/**
 * What has become of a trial: `pending` (chosen, and waiting for an agent or for another try), `running`, `finished`,
 * `failed` (its program ended with an error), `crashed` (its agent or machine was lost) or `stopped` (by a rule or a person).
 */
export type TrialState = 'pending' | 'running' | 'finished' | 'failed' | 'crashed' | 'stopped'

/** What a searcher looks at of a metric's history and summary; only finite values count. */
export interface MetricSummary {
  readonly minimum: number
  readonly maximum: number
  readonly last: number
}

/** A trial as a searcher sees it. */
export interface Trial {
  /** Counts from 0 within the sweep, without gaps. */
  readonly number: number
  readonly parameters: Parameters
  readonly state: TrialState
  /** Left out as long as the trial has logged no finite value of the metric. */
  readonly metric?: MetricSummary
  /** The number of the trial whose checkpoint it started from. */
  readonly continues?: number
  /** How many values of the metric it was to have logged when it ends by itself, counted from its configuration's start. */
  readonly iterations?: number
  /** Which member of a population it trains. */
  readonly member?: number
}

/** What is to be tried next. */
export interface Proposal {
  readonly parameters: Parameters
  /** The number of the trial from whose checkpoint it is to start. */
  readonly continues?: number
  /** After how many values of the metric it is to end by itself, counted from its configuration's start. */
  readonly iterations?: number
  /** Which member of a population it trains. */
  readonly member?: number
}

/**
 * Chooses what to try next, from the trials so far (all of them, in the order of their numbers): `'wait'` where that depends
 * on trials that still run, `'done'` where nothing is left to try. A searcher keeps nothing between two calls, so a server
 * that starts again goes on where it was.
 */
export interface Searcher {
  ask(trials: readonly Trial[]): Proposal | 'wait' | 'done'
}

/** Whether nothing more will come from this trial. */
export function isOver(state: TrialState): boolean {
  return state !== 'pending' && state !== 'running'
}

/** Summarises the values of a metric, or `undefined` where none is finite. */
export function summarise(values: Iterable<number>): MetricSummary | undefined {
  let minimum = Number.POSITIVE_INFINITY
  let maximum = Number.NEGATIVE_INFINITY
  let last: number | undefined
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    minimum = Math.min(minimum, value)
    maximum = Math.max(maximum, value)
    last = value
  }
  return last === undefined ? undefined : { minimum, maximum, last }
}
