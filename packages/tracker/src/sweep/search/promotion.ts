import type { Metric } from '../configuration/sweep.ts'
import { loss } from './objective.ts'
import { isOver, type Proposal, type Searcher, summarise, type Trial } from './trial.ts'

/**
 * Asynchronous successive halving by promotion (Li, Jamieson, Rostamizadeh, Gonina, Hardt, Recht and Talwalkar, "A System for
 * Massively Parallel Hyperparameter Tuning", MLSys 2020, algorithm 2). Every configuration first trains for the iterations of
 * the lowest rung and ends. Whoever asks then gets the best ended trial among the top 1/eta of its rung that has not been
 * continued yet, from the highest rung downwards, to be continued from its checkpoint up to the next rung; if there is none,
 * a new configuration starts at the bottom. Programs have to write checkpoints and to continue from them.
 *
 * Its counterpart that stops running trials instead is `asha_stopping`: that one needs no checkpoints, and lets trials go
 * on past a rung before their neighbours have reached it.
 *
 * @param configurations Chooses new configurations; it sees each one as a single trial, with the values of all its rungs.
 * @param rungs How many values of the metric each rung has logged, rising.
 */
export function promotionSearch(
  configurations: Searcher,
  metric: Metric,
  rungs: readonly number[],
  eta: number,
): Searcher {
  /** The best trial among the top 1/eta of its rung (among its best `least`, if that is more) that can go on. */
  const promote = (trials: readonly Trial[], least: number): Proposal | undefined => {
    const continued = new Set(trials.map((trial) => trial.continues))
    for (let rung = rungs.length - 2; rung >= 0; rung--) {
      const ended = trials
        .filter((trial) => trial.iterations === rungs[rung] && trial.state === 'finished')
        .map((trial) => ({ trial, loss: loss(trial, metric) ?? Number.POSITIVE_INFINITY }))
        .sort((a, b) => a.loss - b.loss)
      const promotable = ended
        .slice(0, Math.max(Math.floor(ended.length / eta), least))
        .find(({ trial, loss }) => loss < Number.POSITIVE_INFINITY && !continued.has(trial.number))
      if (promotable) {
        const { number, parameters } = promotable.trial
        return { parameters, continues: number, iterations: rungs[rung + 1] }
      }
    }
    return undefined
  }
  return {
    ask(trials) {
      const promoted = promote(trials, 0)
      if (promoted) return promoted
      const next = configurations.ask(asConfigurations(trials))
      if (typeof next === 'object') return { ...next, iterations: rungs[0] }
      if (next === 'wait' || trials.some(({ state }) => !isOver(state))) return 'wait'
      // No configuration is left to fill the rungs with, so the best of each goes on however few there are.
      return promote(trials, 1) ?? 'done'
    },
  }
}

/** Joins each trial with all that continue it, so that a configuration counts once. */
function asConfigurations(trials: readonly Trial[]): Trial[] {
  const chains = new Map<number, Trial[]>()
  for (const trial of trials) {
    const chain = (trial.continues !== undefined && chains.get(trial.continues)) || []
    chain.push(trial)
    chains.set(trial.number, chain)
  }
  return [...new Set(chains.values())].map((chain, number) => ({
    number,
    parameters: chain[0].parameters,
    state: chain[chain.length - 1].state,
    metric: summarise(chain.flatMap(({ metric }) => (metric ? [metric.minimum, metric.maximum, metric.last] : []))),
  }))
}
