import { type Analysis, analyse, type TrialRow } from '@trainyard/tracker/analysis'
import type { RanSweep, RanTrial } from '@trainyard/tracker/commands'

/** A trial in numbers. */
export interface TrialResult {
  readonly trial: number
  readonly run: string | null
  /** `finished`, `pruned` (stopped early by the sweep), `failed`, `crashed`, `stopped`, … */
  readonly state: string
  readonly parameters: { readonly [name: string]: unknown }
  /** The best value of the sweep's metric; null where it never had a finite one. */
  readonly value: number | null
  /** What else its run came to. */
  readonly metrics: { readonly [name: string]: number }
  readonly seconds: number | null
  /** Why it ended, where that was not by itself. */
  readonly reason: string | null
}

/** A sweep that has run, and what it teaches. */
export interface SweepOutcome {
  readonly id: string
  readonly name: string
  readonly method: string
  readonly metric: string
  readonly goal: 'minimize' | 'maximize'
  readonly trials: readonly TrialResult[]
  readonly best: TrialResult | null
  readonly analysis: Analysis
  /** The names of the parameters that are searched, in the file's order. */
  readonly searched: readonly string[]
  readonly space: RanSweep['detail']['parameters']
  readonly configuration: RanSweep['detail']['config']
}

/** Puts together what trials came to. */
export function outcomeOf(
  { id, detail, trials }: RanSweep,
  metric: NonNullable<RanSweep['detail']['metric']>,
): SweepOutcome {
  const results = trials.map(resultOf)
  const searched = detail.parameters.filter(({ kind }) => kind !== 'constant')
  const rows = results.map(({ trial, parameters, value }): TrialRow => ({ id: `trial ${trial}`, parameters, value }))
  const analysis = analyse(rows, {
    metric: metric.name,
    goal: metric.goal,
    parameters: searched.map(({ name }) => name),
    known: Object.fromEntries(searched.map((parameter) => [parameter.name, knownOf(parameter)])),
  })
  return {
    id,
    name: detail.name,
    method: detail.method,
    metric: metric.name,
    goal: metric.goal,
    trials: results,
    best: results.find(({ trial }) => trial === detail.best?.trial) ?? null,
    analysis,
    searched: searched.map(({ name }) => name),
    space: detail.parameters,
    configuration: detail.config,
  }
}

function resultOf({ id, run, state, params, value, reason, started, ended, outcome }: RanTrial): TrialResult {
  const numbers = Object.entries(outcome?.summary ?? {}).filter(([, number]) => typeof number === 'number')
  return {
    trial: id,
    run,
    state,
    parameters: params,
    value: value !== null && Number.isFinite(value) ? value : null,
    metrics: Object.fromEntries(numbers) as { [name: string]: number },
    seconds: started === null || ended === null ? null : ended - started,
    reason,
  }
}

function knownOf({ kind, min, max, log, values }: SweepOutcome['space'][number]) {
  const numeric = values?.every((value) => typeof value === 'number') ?? true
  return {
    list: kind === 'categorical',
    ...(numeric ? {} : { scale: 'category' as const }),
    ...(log ? { scale: 'log' as const } : {}),
    ...(min === null ? {} : { min }),
    ...(max === null ? {} : { max }),
  }
}

/** Trials with a value, the best first. */
export function ranked({ trials, goal }: Pick<SweepOutcome, 'trials' | 'goal'>): (TrialResult & { value: number })[] {
  const sign = goal === 'maximize' ? -1 : 1
  return trials
    .filter((trial): trial is TrialResult & { value: number } => trial.value !== null)
    .sort((a, b) => sign * (a.value - b.value))
}
