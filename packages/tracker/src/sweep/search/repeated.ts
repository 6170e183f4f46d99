import { setAt } from '../space/space.ts'
import { isOver, type MetricSummary, type Searcher, type Trial, type TrialState } from './trial.ts'

/**
 * Runs every configuration several times, one after the other: with several seeds, or on the folds of a k-fold. Each
 * repetition is a trial of its own, whose parameters say which it is; the searcher sees one trial per configuration, with
 * the mean of its repetitions' values.
 *
 * @param parameter The name of the parameter that counts the repetitions from 0.
 */
export function repeated(configurations: Searcher, count: number, parameter: string): Searcher {
  return {
    ask(trials) {
      const repetition = trials.length % count
      if (repetition > 0) {
        const parameters = { ...trials[trials.length - repetition].parameters }
        setAt(parameters, [parameter], repetition)
        return { parameters }
      }
      const next = configurations.ask(groups(trials, count))
      return typeof next === 'string' ? next : { ...next, parameters: { ...next.parameters, [parameter]: 0 } }
    },
  }
}

function groups(trials: readonly Trial[], count: number): Trial[] {
  return Array.from({ length: Math.ceil(trials.length / count) }, (_, number) => {
    const group = trials.slice(number * count, (number + 1) * count)
    return { number, parameters: group[0].parameters, state: stateOf(group, count), metric: meanOf(group) }
  })
}

/** Running until its last repetition is over; then finished if any of them is. */
function stateOf(group: readonly Trial[], count: number): TrialState {
  if (group.length < count || group.some(({ state }) => !isOver(state))) return 'running'
  return group.some(({ state }) => state === 'finished') ? 'finished' : group[group.length - 1].state
}

function meanOf(group: readonly Trial[]): MetricSummary | undefined {
  const summaries = group.flatMap(({ metric }) => (metric ? [metric] : []))
  if (summaries.length === 0) return undefined
  const mean = (key: keyof MetricSummary) => summaries.reduce((sum, item) => sum + item[key], 0) / summaries.length
  return { minimum: mean('minimum'), maximum: mean('maximum'), last: mean('last') }
}
