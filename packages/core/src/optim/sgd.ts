import { TrainyardError } from '../errors.ts'
import { checkRange } from './check.ts'
import { type BaseOptions, Optimizer, type Parameters, type UpdateContext, type Updated } from './optimizer.ts'

/** Options of `SGD`, and what its parameter groups hold. */
export interface SGDOptions extends BaseOptions {
  /** Share of the last step that is kept. Default 0. */
  momentum: number
  /** Share of the gradient that momentum leaves out; not at the first step. Default 0. */
  dampening: number
  /** Share of the weight added to its gradient. Default 0. */
  weightDecay: number
  /** Whether the step looks ahead along the momentum (Nesterov, 1983). Default false. */
  nesterov: boolean
  /** Whether the loss is to grow. Default false. */
  maximize: boolean
}

/**
 * Stochastic gradient descent, with momentum as in PyTorch: v ← μ v + (1 − dampening) g, w ← w − lr v.
 *
 * @example
 * ```ts
 * const model = new nn.Linear(2, 1)
 * const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 })
 * const step = compile((x: Tensor, y: Tensor) => {
 *   optimizer.zeroGrad()
 *   const loss = nn.functional.mseLoss(model.forward(x), y)
 *   loss.backward()
 *   optimizer.step()
 *   return loss
 * })
 * await step(ones([8, 2]), zeros([8, 1]))
 * ```
 */
export class SGD extends Optimizer<SGDOptions> {
  /** @param options `lr` is 0.001 by default, as in PyTorch. */
  constructor(parameters: Parameters<SGDOptions>, options: Partial<SGDOptions> = {}) {
    super(
      parameters,
      {
        lr: 1e-3,
        momentum: 0,
        dampening: 0,
        weightDecay: 0,
        nesterov: false,
        maximize: false,
      },
      options,
    )
  }

  check({ lr, momentum, dampening, weightDecay, nesterov }: SGDOptions): void {
    checkRange(lr, 'SGD: lr', 0)
    checkRange(momentum, 'SGD: momentum', 0)
    checkRange(dampening, 'SGD: dampening', 0)
    checkRange(weightDecay, 'SGD: weightDecay', 0)
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new TrainyardError(
        `SGD: nesterov needs a momentum above 0 and dampening 0, got momentum ${momentum} and dampening ${dampening}`,
      )
    }
  }

  slotNames({ momentum }: SGDOptions): readonly string[] {
    return momentum !== 0 ? ['momentum_buffer'] : []
  }

  protected factors({ lr, momentum, dampening, weightDecay }: SGDOptions, step: number): Record<string, number> {
    // The first velocity is the gradient itself.
    return { lr, weightDecay, momentum, share: step === 1 ? 1 : 1 - dampening }
  }

  protected structure({ momentum, dampening, weightDecay, nesterov, maximize }: SGDOptions): string {
    return [momentum !== 0, dampening !== 0, weightDecay !== 0, nesterov, maximize].join()
  }

  protected update({ parameter, gradient, slots, factors, group }: UpdateContext<SGDOptions>): Updated {
    const { lr, weightDecay, momentum, share } = factors
    const uphill = group.maximize ? gradient.neg() : gradient
    const slope = group.weightDecay !== 0 ? uphill.add(parameter.mul(weightDecay)) : uphill
    if (group.momentum === 0) return { parameter: parameter.sub(slope.mul(lr)), slots: {} }
    const velocity = slots.momentum_buffer.mul(momentum).add(group.dampening !== 0 ? slope.mul(share) : slope)
    const direction = group.nesterov ? slope.add(velocity.mul(momentum)) : velocity
    return { parameter: parameter.sub(direction.mul(lr)), slots: { momentum_buffer: velocity } }
  }
}
