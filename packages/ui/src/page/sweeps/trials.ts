/** What trials of a sweep amount to. */
import type { Trial } from '@trainyard/tracker/api'

export interface BestPoint {
  trial: number
  value: number
}

/** The best value so far, at each trial that bettered it, in the order in which trials ended. */
export function bestSoFar(trials: readonly Trial[], goal: 'minimize' | 'maximize'): BestPoint[] {
  const ended = trials
    .filter(({ value, state }) => value !== null && Number.isFinite(value) && state !== 'running')
    .sort((a, b) => (a.ended ?? 0) - (b.ended ?? 0) || a.id - b.id)
  const out: BestPoint[] = []
  ended.forEach((trial, index) => {
    const last = out.at(-1)
    const value = trial.value!
    if (!last || (goal === 'minimize' ? value < last.value : value > last.value)) out.push({ trial: index, value })
  })
  return out
}

/** Seconds until all trials are done at the pace so far; null where nobody knows. */
export function remaining(trials: readonly Trial[], cap: number | null, now: number): number | null {
  if (cap === null) return null
  const ended = trials.filter((trial) => trial.ended !== null && trial.started !== null)
  if (ended.length < 2) return null
  const first = Math.min(...ended.map(({ started }) => started!))
  const pace = (now - first) / ended.length
  return Math.max(0, (cap - ended.length) * pace)
}

export const stateNames = [
  'finished',
  'running',
  'pruned',
  'failed',
  'crashed',
  'stopped',
  'paused',
  'pending',
] as const
