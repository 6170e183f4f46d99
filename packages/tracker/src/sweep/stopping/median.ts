import { type Goal, type History, logged, losses, type Verdict } from './history.ts'

export interface MedianOptions {
  readonly goal: Goal
  /** No trial stops before it has logged this many values. */
  readonly minIterations: number
  /** Nor before this many ended trials got as far. */
  readonly minTrials: number
}

/**
 * The median stopping rule (Golovin, Solnik, Moitra, Kochanski, Karro and Sculley, "Google Vizier: A Service for Black-Box
 * Optimization", KDD 2017, section 3.2.2): a running trial stops at iteration s if the best value it has had is worse than
 * the median, over the trials that have ended, of their mean values up to iteration s.
 */
export function medianStopping(
  histories: readonly History[],
  { goal, minIterations, minTrials }: MedianOptions,
): Verdict[] {
  const ended = histories.filter(({ running }) => !running).map(({ values }) => losses(values, goal))
  return histories.flatMap(({ id, running, values }) => {
    const own = losses(values, goal)
    const iteration = own.length
    if (!running || iteration === 0 || iteration < minIterations) return []
    const means = ended
      .filter((other) => other.length >= iteration)
      .map((other) => other.slice(0, iteration).reduce((sum, value) => sum + value, 0) / iteration)
    if (means.length < minTrials) return []
    const value = own.reduce((best, other) => Math.min(best, other))
    const threshold = median(means)
    return value > threshold ? [{ id, iteration, value: logged(value, goal), threshold: logged(threshold, goal) }] : []
  })
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
