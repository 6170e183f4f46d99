import { received, TrainyardError } from '../../errors.ts'
import { checkRange } from '../check.ts'
import { type AnyOptimizer, checkCount, type ScheduleState } from './schedule.ts'

/** What counts as progress, and what happens without. */
export interface PlateauOptions {
  /** Whether smaller ('min', the default) or larger is better. */
  readonly mode?: 'min' | 'max'
  /** What the rate is multiplied by. Default 0.1. */
  readonly factor?: number
  /** How many epochs without progress are borne. Default 10. */
  readonly patience?: number
  /** How much better counts as progress. Default 1e-4. */
  readonly threshold?: number
  /** Whether the threshold is a share of the best value ('rel', the default) or a difference ('abs'). */
  readonly thresholdMode?: 'rel' | 'abs'
  /** How many epochs to wait after a reduction. Default 0. */
  readonly cooldown?: number
  /** The rate is not reduced below. Default 0. */
  readonly minLr?: number
  /** Smaller reductions than this are left out. Default 1e-8. */
  readonly eps?: number
}

/**
 * Reduces the learning rate when a measured value has stopped getting better.
 *
 * @example
 * ```ts
 * const optimizer = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 })
 * const schedule = new optim.ReduceLROnPlateau(optimizer, { patience: 3 })
 * schedule.step(0.73) // the validation loss of the epoch
 * ```
 */
export class ReduceLROnPlateau {
  readonly optimizer: AnyOptimizer
  readonly #options: Required<PlateauOptions>
  #best: number
  #badEpochs = 0
  #coolingDown = 0
  /** How often `step` was called. */
  lastEpoch = 0

  constructor(optimizer: AnyOptimizer, options: PlateauOptions = {}) {
    this.optimizer = optimizer
    this.#options = {
      mode: 'min',
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: 'rel',
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
      ...options,
    }
    const { mode, thresholdMode, factor, patience, cooldown } = this.#options
    if (thresholdMode !== 'rel' && thresholdMode !== 'abs') {
      throw new TrainyardError(`ReduceLROnPlateau: thresholdMode must be rel or abs, got ${received(thresholdMode)}`)
    }
    checkRange(factor, 'ReduceLROnPlateau: factor', 0, 1, true)
    checkCount(patience, 'ReduceLROnPlateau: patience', 0)
    checkCount(cooldown, 'ReduceLROnPlateau: cooldown', 0)
    if (mode !== 'min' && mode !== 'max') {
      throw new TrainyardError(`ReduceLROnPlateau: mode must be min or max, got ${JSON.stringify(mode)}`)
    }
    this.#best = mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  }

  /** Takes the value of this epoch. NaN counts as no progress. */
  step(value: number): void {
    if (typeof value !== 'number') {
      throw new TrainyardError(
        `ReduceLROnPlateau: step wants the value as a number, got ${received(value)}; read it first`,
      )
    }
    this.lastEpoch++
    if (this.#isBetter(value)) {
      this.#best = value
      this.#badEpochs = 0
    } else this.#badEpochs++
    if (this.#coolingDown > 0) {
      this.#coolingDown--
      this.#badEpochs = 0
    }
    if (this.#badEpochs > this.#options.patience) {
      this.#reduce()
      this.#coolingDown = this.#options.cooldown
      this.#badEpochs = 0
    }
  }

  #isBetter(value: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options
    const best = this.#best
    if (!Number.isFinite(best)) return mode === 'min' ? value < best : value > best
    const margin = thresholdMode === 'rel' ? Math.abs(best) * threshold : threshold
    return mode === 'min' ? value < best - margin : value > best + margin
  }

  #reduce(): void {
    const { factor, minLr, eps } = this.#options
    for (const group of this.optimizer.paramGroups) {
      const lr = Math.max(group.lr * factor, minLr)
      if (group.lr - lr > eps) group.lr = lr
    }
  }

  /** The learning rate of each group now. */
  get lastLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr)
  }

  /** What it takes to continue, as JSON. */
  stateDict(): ScheduleState {
    const best = Number.isFinite(this.#best) ? this.#best : null
    return {
      lastEpoch: this.lastEpoch,
      best,
      badEpochs: this.#badEpochs,
      coolingDown: this.#coolingDown,
      lr: this.lastLr,
    }
  }

  /** Continues where another one stood. */
  loadStateDict(state: ScheduleState): void {
    const { lastEpoch, best, badEpochs, coolingDown, lr } = state
    const groups = this.optimizer.paramGroups
    const whole = [lastEpoch, badEpochs, coolingDown].every(Number.isInteger)
    if (!whole || !Array.isArray(lr) || lr.length !== groups.length || (best !== null && typeof best !== 'number')) {
      throw new TrainyardError(
        `loadStateDict: the state does not fit this ReduceLROnPlateau of ${groups.length} groups: ${JSON.stringify(state)}`,
      )
    }
    this.lastEpoch = lastEpoch as number
    this.#badEpochs = badEpochs as number
    this.#coolingDown = coolingDown as number
    this.#best = best ?? (this.#options.mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY)
    groups.forEach((group, i) => {
      group.lr = lr[i]
    })
  }
}
