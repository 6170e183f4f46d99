import { received, TrainyardError } from '../../errors.ts'
import { type BaseOptions, Optimizer } from '../optimizer.ts'

/** Any optimizer, whatever its options. */
// biome-ignore lint/suspicious/noExplicitAny: schedules only touch the learning rate, and momentum where there is one
export type AnyOptimizer = Optimizer<any>

/** What it takes to continue a schedule. */
export type ScheduleState = Record<string, number | boolean | readonly number[] | null>

/**
 * The base of schedules that set the learning rate by a formula of the number of steps. Call `step` once an epoch (or
 * once a batch, where the schedule is so meant), after the optimizer's.
 */
export abstract class Schedule {
  readonly optimizer: AnyOptimizer
  /** The learning rate of each group that the schedule starts from. */
  readonly baseLrs: readonly number[]
  /** How often `step` was called. */
  lastEpoch = 0

  constructor(optimizer: AnyOptimizer) {
    if (!(optimizer instanceof Optimizer)) {
      throw new TrainyardError(
        `${this.constructor.name}: the first argument is the optimizer, got ${received(optimizer)}`,
      )
    }
    this.optimizer = optimizer
    this.baseLrs = optimizer.paramGroups.map((group: BaseOptions) => (group.initialLr ??= group.lr))
  }

  /** The learning rate after so many steps, for a group that starts from `base`. */
  abstract lrAt(base: number, epoch: number): number

  /** Moves on by one and sets the learning rates. */
  step(): void {
    this.lastEpoch++
    this.apply()
  }

  /** The learning rate of each group now. */
  get lastLr(): number[] {
    return this.optimizer.paramGroups.map((group: BaseOptions) => group.lr)
  }

  /** Sets the learning rates of the present step; constructors of subclasses call it when their fields are set. */
  protected apply(): void {
    this.optimizer.paramGroups.forEach((group: BaseOptions, i: number) => {
      group.lr = this.lrAt(this.baseLrs[i] ?? group.lr, this.lastEpoch)
    })
  }

  /** What it takes to continue, as JSON. */
  stateDict(): ScheduleState {
    return { lastEpoch: this.lastEpoch, baseLrs: this.baseLrs }
  }

  /** Continues where another schedule of the same kind stood. */
  loadStateDict(state: ScheduleState): void {
    const { lastEpoch, baseLrs } = state
    if (!Number.isInteger(lastEpoch) || !Array.isArray(baseLrs) || baseLrs.length !== this.baseLrs.length) {
      throw new TrainyardError(
        `loadStateDict: the state does not fit this ${this.constructor.name} of ${this.baseLrs.length} groups: ${JSON.stringify(state)}`,
      )
    }
    ;(this as { baseLrs: readonly number[] }).baseLrs = baseLrs
    this.lastEpoch = lastEpoch as number
    this.apply()
  }
}

/** Checks a count that a schedule is made of. */
export function checkCount(value: number, name: string, least = 1): number {
  if (!Number.isInteger(value) || value < least) {
    throw new TrainyardError(`${name} must be an integer of at least ${least}, got ${value}`)
  }
  return value
}
