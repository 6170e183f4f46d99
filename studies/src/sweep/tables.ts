import { labelOf, type Value } from '@trainyard/tracker/analysis'
import { duration, type Table } from '../report/index.ts'
import { ranked, type SweepOutcome, type TrialResult } from './trials.ts'

const short = (value: unknown) => labelOf((value ?? null) as Value)
const digits = (value: number | undefined) => (value === undefined ? '–' : String(Number(value.toPrecision(4))))

/** Every trial, the best first; those without a value last, with the reason. */
export function trialsTable(outcome: SweepOutcome, further: readonly string[] = []): Table {
  const { searched, metric, trials } = outcome
  const withValue = ranked(outcome)
  const others = trials.filter(({ value }) => value === null)
  // Where all have finished, as the text above says, a column of the same word tells nothing.
  const withState = trials.some(({ state }) => state !== 'finished')
  const row = (trial: TrialResult) => [
    trial.trial,
    ...searched.map((name) => short(trial.parameters[name])),
    trial.value === null ? '–' : digits(trial.value),
    ...further.map((name) => digits(trial.metrics[name])),
    trial.seconds === null ? '–' : duration(trial.seconds),
    ...(withState ? [stateOf(trial)] : []),
  ]
  return {
    head: ['trial', ...searched, metric, ...further, 'time', ...(withState ? ['state'] : [])],
    rows: [...withValue, ...others].map(row),
    caption: `All ${trials.length} trials, the best first. ${metric}: the best value that the trial reached${further.length > 0 ? `; ${further.join(', ')}: what its run ended with` : ''}.`,
    textColumns: withState ? [3 + searched.length + further.length] : [],
  }
}

const stateOf = ({ state, reason }: TrialResult) =>
  state === 'finished' || reason === null ? state : `${state}: ${firstLine(reason)}`

const firstLine = (text: string) => {
  const [line] = text.split('\n')
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}

/** Where trials may be drawn from. */
export function spaceTable({ space }: SweepOutcome): Table {
  return {
    head: ['parameter', 'values', 'how they are drawn'],
    rows: space.map(({ name, kind, values, min, max, distribution }) => [
      `\`${name}\``,
      values ? values.map(short).join(', ') : min === null || max === null ? '' : `${short(min)} to ${short(max)}`,
      kind === 'constant' ? 'always' : kind === 'categorical' ? 'one of them' : distribution.replaceAll('_', ' '),
    ]),
    caption: 'The space that is searched.',
    textColumns: [0, 1, 2],
  }
}

/** How each parameter and the metric go up and down together. */
export function correlationTable({ analysis }: SweepOutcome): Table {
  return {
    head: ['parameter', 'Spearman', '95 % interval', 'chance'],
    rows: analysis.correlations.map(({ name, value, correlation, low, high, chance }) => [
      value === undefined ? name : `${name} = ${value}`,
      correlation.toFixed(2),
      `${low.toFixed(2)} to ${high.toFixed(2)}`,
      chance < 0.001 ? 'below 0.001' : chance.toFixed(3),
    ]),
    caption: `Rank correlation with ${analysis.metric} over n = ${analysis.trials} trials; chance: how likely one at least as strong is where there is none. It sees rises and falls only, no optimum in the middle.`,
  }
}
