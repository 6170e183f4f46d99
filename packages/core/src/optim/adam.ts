import { TrainyardError } from '../errors.ts'
import { checkRange, wholePower } from './check.ts'
import { type BaseOptions, Optimizer, type Parameters, type UpdateContext, type Updated } from './optimizer.ts'

/** Options of `Adam` and `AdamW`, and what their parameter groups hold. */
export interface AdamOptions extends BaseOptions {
  /** Shares of the mean gradient and of the mean square that are kept. Default [0.9, 0.999]. */
  betas: readonly [number, number]
  /** Added to the divisor. Default 1e-8. */
  eps: number
  /** Adam: share of the weight added to its gradient, default 0. AdamW: share taken off the weight, default 0.01. */
  weightDecay: number
  /** Whether the largest mean square so far divides (Reddi, Kale, Kumar, 2018). Default false. */
  amsgrad: boolean
  /** Whether the loss is to grow. Default false. */
  maximize: boolean
}

/**
 * Steps by the mean gradient over the root of the mean square (Kingma and Ba, "Adam: A method for stochastic
 * optimization", 2015).
 *
 * @example
 * ```ts
 * const model = new nn.Linear(2, 1)
 * const optimizer = new optim.Adam(model.parameters(), { lr: 3e-4 })
 * ```
 */
export class Adam extends Optimizer<AdamOptions> {
  /** @param options `lr` is 0.001 by default, as in PyTorch. */
  constructor(parameters: Parameters<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(
      parameters,
      {
        lr: 1e-3,
        betas: [0.9, 0.999],
        eps: 1e-8,
        weightDecay: 0,
        amsgrad: false,
        maximize: false,
      },
      options,
    )
  }

  check({ lr, betas, eps, weightDecay }: AdamOptions): void {
    checkRange(lr, `${this.name}: lr`, 0)
    checkRange(eps, `${this.name}: eps`, 0)
    checkRange(weightDecay, `${this.name}: weightDecay`, 0)
    if (!Array.isArray(betas) || betas.length !== 2) {
      throw new TrainyardError(`${this.name}: betas must be a pair of numbers, got ${JSON.stringify(betas)}`)
    }
    for (const [i, beta] of betas.entries()) checkRange(beta, `${this.name}: betas[${i}]`, 0, 1, true)
  }

  slotNames({ amsgrad }: AdamOptions): readonly string[] {
    return amsgrad ? ['exp_avg', 'exp_avg_sq', 'max_exp_avg_sq'] : ['exp_avg', 'exp_avg_sq']
  }

  protected factors(
    { lr, betas: [beta1, beta2], eps, weightDecay }: AdamOptions,
    step: number,
  ): Record<string, number> {
    return {
      // Means start at 0; dividing by 1 − βⁿ makes up for it.
      stepSize: lr / (1 - wholePower(beta1, step)),
      rootCorrection: 1 / Math.sqrt(1 - wholePower(beta2, step)),
      newMean: 1 - beta1,
      keptSquare: beta2,
      newSquare: 1 - beta2,
      eps,
      weightDecay,
      keptWeight: 1 - lr * weightDecay,
    }
  }

  protected structure({ weightDecay, amsgrad, maximize }: AdamOptions): string {
    return [weightDecay !== 0, amsgrad, maximize].join()
  }

  /** Whether decay shrinks the weight itself instead of adding to the gradient. */
  protected get decoupled(): boolean {
    return false
  }

  protected update({ parameter, gradient, slots, factors, group }: UpdateContext<AdamOptions>): Updated {
    const decays = group.weightDecay !== 0
    const uphill = group.maximize ? gradient.neg() : gradient
    const slope = decays && !this.decoupled ? uphill.add(parameter.mul(factors.weightDecay)) : uphill
    const weight = decays && this.decoupled ? parameter.mul(factors.keptWeight) : parameter
    const mean = slots.exp_avg.add(slope.sub(slots.exp_avg).mul(factors.newMean))
    const square = slots.exp_avg_sq.mul(factors.keptSquare).add(slope.mul(slope).mul(factors.newSquare))
    const largest = group.amsgrad ? slots.max_exp_avg_sq.maximum(square) : square
    const divisor = largest.sqrt().mul(factors.rootCorrection).add(factors.eps)
    return {
      parameter: weight.sub(mean.div(divisor).mul(factors.stepSize)),
      slots: {
        exp_avg: mean,
        exp_avg_sq: square,
        ...(group.amsgrad ? { max_exp_avg_sq: largest } : {}),
      },
    }
  }
}

/**
 * Adam whose weight decay shrinks the weights themselves (Loshchilov and Hutter, "Decoupled weight decay
 * regularization", 2019). Default decay 0.01.
 *
 * @example
 * ```ts
 * const model = new nn.Linear(2, 1)
 * const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-4, weightDecay: 0.05 })
 * ```
 */
export class AdamW extends Adam {
  constructor(parameters: Parameters<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(parameters, { weightDecay: 0.01, ...options })
  }

  protected override get decoupled(): boolean {
    return true
  }
}
