import { checkRange } from './check.ts'
import { type BaseOptions, Optimizer, type Parameters, type UpdateContext, type Updated } from './optimizer.ts'

/** Options of `RMSprop`, and what its parameter groups hold. */
export interface RMSpropOptions extends BaseOptions {
  /** Share of the mean square that is kept. Default 0.99. */
  alpha: number
  /** Added to the divisor. Default 1e-8. */
  eps: number
  /** Share of the weight added to its gradient. Default 0. */
  weightDecay: number
  /** Share of the last step that is kept. Default 0. */
  momentum: number
  /** Whether the mean gradient is taken off, so that the variance divides. Default false. */
  centered: boolean
  /** Whether the loss is to grow. Default false. */
  maximize: boolean
}

/**
 * Steps by the gradient over the root of its mean square (Tieleman and Hinton, 2012).
 *
 * @example
 * ```ts
 * const model = new nn.Linear(2, 1)
 * const optimizer = new optim.RMSprop(model.parameters(), { lr: 1e-3, alpha: 0.9 })
 * ```
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  /** @param options `lr` is 0.01 by default, as in PyTorch. */
  constructor(parameters: Parameters<RMSpropOptions>, options: Partial<RMSpropOptions> = {}) {
    super(
      parameters,
      {
        lr: 1e-2,
        alpha: 0.99,
        eps: 1e-8,
        weightDecay: 0,
        momentum: 0,
        centered: false,
        maximize: false,
      },
      options,
    )
  }

  check({ lr, alpha, eps, weightDecay, momentum }: RMSpropOptions): void {
    checkRange(lr, 'RMSprop: lr', 0)
    checkRange(alpha, 'RMSprop: alpha', 0, 1)
    checkRange(eps, 'RMSprop: eps', 0)
    checkRange(weightDecay, 'RMSprop: weightDecay', 0)
    checkRange(momentum, 'RMSprop: momentum', 0)
  }

  slotNames({ momentum, centered }: RMSpropOptions): readonly string[] {
    return ['square_avg', ...(momentum > 0 ? ['momentum_buffer'] : []), ...(centered ? ['grad_avg'] : [])]
  }

  protected factors({ lr, alpha, eps, weightDecay, momentum }: RMSpropOptions): Record<string, number> {
    return { lr, kept: alpha, fresh: 1 - alpha, eps, weightDecay, momentum }
  }

  protected structure({ weightDecay, momentum, centered, maximize }: RMSpropOptions): string {
    return [weightDecay !== 0, momentum !== 0, centered, maximize].join()
  }

  protected update({ parameter, gradient, slots, factors, group }: UpdateContext<RMSpropOptions>): Updated {
    const { lr, kept, fresh, eps, weightDecay, momentum } = factors
    const uphill = group.maximize ? gradient.neg() : gradient
    const slope = group.weightDecay !== 0 ? uphill.add(parameter.mul(weightDecay)) : uphill
    const square = slots.square_avg.mul(kept).add(slope.mul(slope).mul(fresh))
    const mean = group.centered ? slots.grad_avg.add(slope.sub(slots.grad_avg).mul(fresh)) : null
    const spread = mean ? square.sub(mean.mul(mean)) : square
    const direction = slope.div(spread.sqrt().add(eps))
    const velocity = group.momentum !== 0 ? slots.momentum_buffer.mul(momentum).add(direction) : null
    return {
      parameter: parameter.sub((velocity ?? direction).mul(lr)),
      slots: {
        square_avg: square,
        ...(velocity ? { momentum_buffer: velocity } : {}),
        ...(mean ? { grad_avg: mean } : {}),
      },
    }
  }
}
