import { TrainyardError } from '../../errors.ts'
import { checkRange, wholePower } from '../check.ts'
import { type AnyOptimizer, checkCount, Schedule } from './schedule.ts'

/**
 * Multiplies the learning rate by γ (default 0.1) after every `stepSize` epochs.
 *
 * @example
 * ```ts
 * const optimizer = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 })
 * const schedule = new optim.StepLR(optimizer, 30)
 * schedule.step() // after each epoch
 * ```
 */
export class StepLR extends Schedule {
  readonly stepSize: number
  readonly gamma: number

  constructor(optimizer: AnyOptimizer, stepSize: number, gamma = 0.1) {
    super(optimizer)
    this.stepSize = checkCount(stepSize, 'StepLR: stepSize')
    checkRange(gamma, 'StepLR: gamma', 0)
    this.gamma = gamma
    this.apply()
  }

  lrAt(base: number, epoch: number): number {
    return base * wholePower(this.gamma, Math.floor(epoch / this.stepSize))
  }
}

/** Multiplies the learning rate by γ (default 0.1) at given epochs; one listed twice counts twice. */
export class MultiStepLR extends Schedule {
  readonly milestones: readonly number[]
  readonly gamma: number

  constructor(optimizer: AnyOptimizer, milestones: readonly number[], gamma = 0.1) {
    super(optimizer)
    if (milestones.some((epoch) => !Number.isInteger(epoch) || epoch < 0)) {
      throw new TrainyardError(`MultiStepLR: milestones must be numbers of epochs, got ${JSON.stringify(milestones)}`)
    }
    checkRange(gamma, 'MultiStepLR: gamma', 0)
    this.milestones = milestones
    this.gamma = gamma
    this.apply()
  }

  lrAt(base: number, epoch: number): number {
    return base * wholePower(this.gamma, this.milestones.filter((milestone) => milestone <= epoch).length)
  }
}
