import { Stream } from '../sweep/random/stream.ts'
import type { History } from '../sweep/stopping/history.ts'

/**
 * Losses like those of trainings that differ in their learning rates: they fall at different speeds to different floors, with
 * noise, some with a late rise, a few with values that are not numbers. The same seed gives the same curves.
 */
export function learningCurves(count: number, longest: number, seed: number): History[] {
  return Array.from({ length: count }, (_, number) => {
    const stream = new Stream(seed, number, 'learning curve')
    const floor = 0.2 + stream.uniform()
    const speed = 0.02 + 0.3 * stream.uniform()
    const rise = stream.uniform() < 0.2 ? 0.02 : 0
    const length = 1 + stream.integer(longest)
    const values = Array.from({ length }, (_, iteration) =>
      stream.uniform() < 0.01
        ? Number.NaN
        : Math.round(1e4 * (floor + 2 * Math.exp(-speed * iteration) + rise * iteration + 0.05 * stream.normal())) /
          1e4,
    )
    return { id: `${number}`, running: stream.uniform() < 0.6, values }
  })
}
