import type { Metric } from '../configuration/sweep.ts'
import type { Impute } from '../configuration/types.ts'
import { isOver, type Trial } from './trial.ts'

/** A trial's best value as something to minimise: the best it ever had, negated where the goal is to maximise. */
export function loss(trial: Trial, metric: Metric): number | undefined {
  if (!trial.metric) return undefined
  return metric.goal === 'maximize' ? -trial.metric.maximum : trial.metric.minimum
}

/** Trials split into those a model learns from, each with a loss, and those it only knows to be under way. */
export interface Observations {
  readonly observed: readonly { readonly trial: Trial; readonly loss: number }[]
  readonly underWay: readonly Trial[]
  /** How many of the observed ones have a value of their own. */
  readonly measured: number
}

/**
 * What can be learned from the trials, by wandb's rules: a finished trial counts with the best value it had; one that failed,
 * crashed or was stopped counts with what `impute` puts in its place (by default the worst value any trial that is over ever
 * had, so that the search stays away from it); one that runs has no value, unless `imputeWhileRunning` gives it one.
 */
export function observe(trials: readonly Trial[], metric: Metric): Observations {
  const sign = metric.goal === 'maximize' ? -1 : 1
  let worst = Number.NEGATIVE_INFINITY
  for (const { state, metric: values } of trials)
    if (values && isOver(state)) worst = Math.max(worst, sign === 1 ? values.maximum : -values.minimum)
  if (!Number.isFinite(worst)) worst = 0

  const imputed = (trial: Trial, rule: Impute): number => {
    if (rule === 'worst') return worst
    if (rule === 'latest') return trial.metric ? sign * trial.metric.last : worst
    return loss(trial, metric) ?? worst
  }
  const observed: { trial: Trial; loss: number }[] = []
  const underWay: Trial[] = []
  let measured = 0
  for (const trial of trials) {
    const own = loss(trial, metric)
    if (trial.state === 'finished') observed.push({ trial, loss: own ?? imputed(trial, metric.impute) })
    else if (isOver(trial.state)) observed.push({ trial, loss: imputed(trial, metric.impute) })
    else if (trial.state === 'running' && metric.imputeWhileRunning && own !== undefined)
      observed.push({ trial, loss: imputed(trial, metric.imputeWhileRunning) })
    else {
      underWay.push(trial)
      continue
    }
    if (own !== undefined) measured++
  }
  return { observed, underWay, measured }
}

/** Whether some trial has reached the metric's target, so that no further one has to start. */
export function targetReached(trials: readonly Trial[], metric: Metric | undefined): boolean {
  if (metric?.target === undefined) return false
  const goal = metric.goal === 'maximize' ? -metric.target : metric.target
  return trials.some((trial) => (loss(trial, metric) ?? Number.POSITIVE_INFINITY) <= goal)
}
