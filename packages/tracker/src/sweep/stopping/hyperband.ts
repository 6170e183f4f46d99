import { type Goal, type History, logged, losses, type Verdict } from './history.ts'

export interface HyperbandOptions {
  readonly goal: Goal
  /** The iterations at which trials are compared, rising; `hyperbandBands` makes them as wandb does. */
  readonly bands: readonly number[]
  readonly eta: number
  /** Whether a trial is judged by its value at the band, or (if not) by the best it ever had. */
  readonly strict: boolean
}

/**
 * Wandb's hyperband rule, to the letter: which of the running trials stop now.
 *
 * Values that are not finite are left out first; an iteration is a logged value, not a step. The threshold of a band is the
 * value at place `int(n / eta)` of the n values that trials had at that band, best first, over all trials that got that far.
 * A running trial is judged at the last band it has reached, and stops if its value there (or, where not `strict`, its best
 * value so far) is above the threshold. wandb's documentation says that `strict` is off by default and its schema says that
 * it is on; the schema is what runs, so it is on here.
 *
 * @example hyperband(histories, { goal: 'minimize', bands: [3, 9, 27], eta: 3, strict: true }).map(({ id }) => id)
 */
export function hyperband(histories: readonly History[], { goal, bands, eta, strict }: HyperbandOptions): Verdict[] {
  const all = histories.map((history) => ({ history, values: losses(history.values, goal) }))
  const thresholds = bands.map((band) => {
    const atBand = all.filter(({ values }) => values.length >= band).map(({ values }) => values[band - 1])
    // Multiplying by the rounded share, as wandb does: dividing by eta would pick another place where the two round apart.
    return atBand.sort((a, b) => a - b)[Math.floor((1 / eta) * atBand.length)] ?? Number.POSITIVE_INFINITY
  })
  return all.flatMap(({ history: { id, running }, values }) => {
    const reached = bands.findLastIndex((band) => band <= values.length)
    if (!running || reached === -1) return []
    const iteration = bands[reached]
    const value = strict ? values[iteration - 1] : values.reduce((best, other) => Math.min(best, other))
    const threshold = thresholds[reached]
    return value > threshold ? [{ id, iteration, value: logged(value, goal), threshold: logged(threshold, goal) }] : []
  })
}
