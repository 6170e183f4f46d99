import { type Goal, type History, logged, losses, type Verdict } from './history.ts'

export interface AshaOptions {
  readonly goal: Goal
  /** The iterations at which trials are judged, rising. */
  readonly rungs: readonly number[]
  readonly eta: number
}

/** Which trials stop, and which have passed the rungs they reached. */
export interface AshaVerdicts {
  readonly stop: readonly Verdict[]
  /** The highest rung (its iterations) that each trial which goes on has now passed: to be given again as `passedRung`. */
  readonly passed: readonly { readonly id: string; readonly rung: number }[]
}

/**
 * Asynchronous successive halving by stopping: a trial that reaches a rung goes on if its value there is among the best 1/eta
 * of all values that trials had at that rung by then (at least one goes on), and stops otherwise. A trial is judged at a rung
 * once, when it reaches it: what comes later does not stop it there.
 *
 * This is the variant of Li et al. (MLSys 2020) that needs no checkpoints; `promotionSearch` is the one that pauses trials at
 * their rungs and continues the best of them.
 */
export function ashaStopping(histories: readonly History[], { goal, rungs, eta }: AshaOptions): AshaVerdicts {
  const all = histories.map((history) => ({ history, values: losses(history.values, goal) }))
  const stop: Verdict[] = []
  const passed: { id: string; rung: number }[] = []
  for (const { history, values } of all) {
    if (!history.running) continue
    for (const rung of rungs) {
      if (rung <= (history.passedRung ?? 0)) continue
      if (rung > values.length) break
      const atRung = all
        .filter((other) => other.values.length >= rung)
        .map((other) => other.values[rung - 1])
        .sort((a, b) => a - b)
      const value = values[rung - 1]
      const threshold = atRung[Math.max(Math.floor(atRung.length / eta), 1) - 1]
      if (value > threshold) {
        const { id } = history
        stop.push({ id, iteration: rung, value: logged(value, goal), threshold: logged(threshold, goal) })
        break
      }
      passed.push({ id: history.id, rung })
    }
  }
  const highest = new Map(passed.map(({ id, rung }) => [id, rung]))
  return { stop, passed: [...highest].map(([id, rung]) => ({ id, rung })) }
}
