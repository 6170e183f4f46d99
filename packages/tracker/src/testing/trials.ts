import type { Proposal, Searcher, Trial, TrialState } from '../sweep/search/trial.ts'
import type { Parameters } from '../sweep/space/space.ts'

/** A trial with one value of the metric (none, if it is left out). */
export function trialOf(
  number: number,
  parameters: Parameters,
  value?: number,
  state: TrialState = 'finished',
  rest: Partial<Trial> = {},
): Trial {
  const metric = value === undefined ? undefined : { minimum: value, maximum: value, last: value }
  return { number, parameters, state, metric, ...rest }
}

/** Asks for `count` trials one after the other, each finished with the value of its parameters before the next. */
export function runTrials(
  searcher: Searcher,
  count: number,
  evaluate: (parameters: Parameters) => number | undefined,
): Trial[] {
  const trials: Trial[] = []
  while (trials.length < count) {
    const proposal = searcher.ask(trials)
    if (typeof proposal === 'string') break
    trials.push(trialFrom(proposal, trials.length, evaluate(proposal.parameters)))
  }
  return trials
}

/** The trial that a proposal becomes: finished with a value, or failed without one. */
export function trialFrom({ parameters, ...rest }: Proposal, number: number, value?: number): Trial {
  return trialOf(number, parameters, value, value === undefined ? 'failed' : 'finished', rest)
}
