import { cos32 } from '../../math/index.ts'
import { checkRange } from '../check.ts'
import { type AnyOptimizer, checkCount, Schedule } from './schedule.ts'

/** From `start` to `end` along half a cosine; `done` from 0 to 1. The cosine is the one that is the same on every engine. */
export function cosineBetween(start: number, end: number, done: number): number {
  return end + ((start - end) / 2) * (1 + cos32(Math.PI * done))
}

/**
 * Lowers the learning rate along half a cosine (Loshchilov and Hutter, "SGDR", 2017), and up again beyond `total`.
 *
 * @example
 * ```ts
 * const optimizer = new optim.SGD(new nn.Linear(2, 1).parameters(), { lr: 0.1 })
 * const schedule = new optim.CosineAnnealingLR(optimizer, 100, 1e-4)
 * ```
 */
export class CosineAnnealingLR extends Schedule {
  readonly total: number
  readonly minLr: number

  /**
   * @param total After how many steps the lowest rate is reached.
   * @param minLr The lowest rate. Default 0.
   */
  constructor(optimizer: AnyOptimizer, total: number, minLr = 0) {
    super(optimizer)
    this.total = checkCount(total, 'CosineAnnealingLR: total')
    checkRange(minLr, 'CosineAnnealingLR: minLr', 0)
    this.minLr = minLr
    this.apply()
  }

  lrAt(base: number, epoch: number): number {
    return cosineBetween(base, this.minLr, (epoch % (2 * this.total)) / this.total)
  }
}
