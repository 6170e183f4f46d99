import type { Metric, Sweep } from '../configuration/sweep.ts'
import { bayesSearch } from './bayes.ts'
import { gridSearch } from './grid.ts'
import { targetReached } from './objective.ts'
import { populationSearch } from './population.ts'
import { promotionSearch } from './promotion.ts'
import { randomSearch } from './random.ts'
import { repeated } from './repeated.ts'
import { tpeSearch } from './tpe.ts'
import type { Searcher } from './trial.ts'

function configurationsOf({ method, space, metric, population }: Sweep, seed: number): Searcher {
  switch (method) {
    case 'grid':
      return gridSearch(space)
    case 'random':
      return randomSearch(space, seed)
    case 'bayes':
      return bayesSearch(space, metric as Metric, seed)
    case 'tpe':
      return tpeSearch(space, metric as Metric, seed)
    case 'population':
      return populationSearch(space, metric as Metric, population!, seed)
  }
}

/** How many trials a sweep comes to: its `run_cap`, or what its grid has, whichever is less; `undefined` without limit. */
export function trialLimit({ method, space, stopping, repeat, runCap }: Sweep): number | undefined {
  // Promotion continues configurations as further trials.
  const walksOnce = method === 'grid' && stopping?.type !== 'asha_promotion'
  const limit = Math.min(
    runCap ?? Number.POSITIVE_INFINITY,
    walksOnce ? gridSearch(space).size * (repeat?.count ?? 1) : Number.POSITIVE_INFINITY,
  )
  return Number.isFinite(limit) ? limit : undefined
}

/**
 * Makes the searcher of a sweep: its method, with promotion and repetition where the sweep asks for them, ended by its
 * `run_cap` and by its metric's target.
 *
 * @param seed Fixes all it draws: with the same seed and the same trials it asks for the same.
 */
export function createSearcher(sweep: Sweep, seed: number): Searcher {
  const { metric, stopping, repeat, runCap } = sweep
  let searcher = configurationsOf(sweep, seed)
  if (stopping?.type === 'asha_promotion')
    searcher = promotionSearch(searcher, metric as Metric, stopping.rungs, stopping.eta)
  if (repeat) searcher = repeated(searcher, repeat.count, repeat.parameter)
  return {
    ask(trials) {
      if (runCap !== undefined && trials.length >= runCap) return 'done'
      if (targetReached(trials, metric)) return 'done'
      return searcher.ask(trials)
    },
  }
}
