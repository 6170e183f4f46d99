import { TrainyardError } from '../../errors.ts'
import { checkRange } from '../check.ts'
import { type AnyOptimizer, checkCount, Schedule } from './schedule.ts'

/**
 * Brings the learning rate along a straight line from a share of its value to all of it: a warm-up.
 *
 * @example
 * ```ts
 * const optimizer = new optim.Adam(new nn.Linear(2, 1).parameters(), { lr: 1e-3 })
 * const warmup = new optim.LinearWarmup(optimizer, 5, { startFactor: 0.2 })
 * console.log(warmup.lastLr) // [0.0002]
 * ```
 */
export class LinearWarmup extends Schedule {
  readonly total: number
  readonly startFactor: number
  readonly endFactor: number

  /**
   * @param total After how many steps the end is reached.
   * @param options.startFactor Share at the beginning. Default 1/3.
   * @param options.endFactor Share at the end. Default 1.
   */
  constructor(
    optimizer: AnyOptimizer,
    total = 5,
    { startFactor = 1 / 3, endFactor = 1 }: { startFactor?: number; endFactor?: number } = {},
  ) {
    super(optimizer)
    this.total = checkCount(total, 'LinearWarmup: total')
    checkRange(startFactor, 'LinearWarmup: startFactor', 0)
    checkRange(endFactor, 'LinearWarmup: endFactor', 0)
    this.startFactor = startFactor
    this.endFactor = endFactor
    this.apply()
  }

  lrAt(base: number, epoch: number): number {
    const done = Math.min(1, epoch / this.total)
    return base * (this.startFactor + (this.endFactor - this.startFactor) * done)
  }
}

/**
 * One schedule after another: for instance a warm-up and then a cosine.
 *
 * @example
 * ```ts
 * const optimizer = new optim.Adam(new nn.Linear(2, 1).parameters(), { lr: 1e-3 })
 * const warmup = new optim.LinearWarmup(optimizer, 5)
 * const cosine = new optim.CosineAnnealingLR(optimizer, 95)
 * const schedule = new optim.SequentialLR(optimizer, [warmup, cosine], [5])
 * ```
 */
export class SequentialLR extends Schedule {
  readonly schedules: readonly Schedule[]
  readonly milestones: readonly number[]

  /** @param milestones At which step the second, the third, … schedule begins. */
  constructor(optimizer: AnyOptimizer, schedules: readonly Schedule[], milestones: readonly number[]) {
    super(optimizer)
    const rising = milestones.every((epoch, i) => Number.isInteger(epoch) && epoch > (milestones[i - 1] ?? 0))
    if (schedules.length === 0 || milestones.length !== schedules.length - 1 || !rising) {
      throw new TrainyardError(
        `SequentialLR: ${schedules.length} schedules want ${Math.max(0, schedules.length - 1)} rising milestones, got ${JSON.stringify(milestones)}`,
      )
    }
    this.schedules = schedules
    this.milestones = milestones
    this.apply()
  }

  lrAt(base: number, epoch: number): number {
    const current = this.milestones.filter((milestone) => milestone <= epoch).length
    return this.schedules[current].lrAt(base, epoch - (this.milestones[current - 1] ?? 0))
  }
}
