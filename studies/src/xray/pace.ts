import type { Callback } from '@trainyard/train'

/** How long steps took: the waiting for their batch included, evaluation and saving not. */
export class Pace {
  readonly #seconds: number[] = []
  #since = 0

  /** Takes the time of every step. */
  readonly callback: Callback = {
    onEpochStart: () => {
      this.#since = performance.now()
    },
    onStep: () => {
      const now = performance.now()
      this.#seconds.push((now - this.#since) / 1000)
      this.#since = now
    },
  }

  /** The median, which the making of programs at the first step does not move; null where no step was taken. */
  get secondsPerStep(): number | null {
    const sorted = [...this.#seconds].sort((a, b) => a - b)
    const middle = sorted.length >> 1
    if (sorted.length === 0) return null
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
