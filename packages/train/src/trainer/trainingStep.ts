import { compile, hostScalar, type nn, optim, type Tensor } from '@trainyard/core'
import type { Parts } from '../batches.ts'
import { type Loss, lossOf, outputOf } from './objective.ts'

export interface StepOptions {
  readonly model: nn.AnyModule
  readonly optimizer: optim.Optimizer
  readonly loss: Loss
  readonly clipGradNorm: number | undefined
  readonly clipGradValue: number | undefined
}

/** What one batch gave. */
export interface StepOutcome {
  readonly loss: number
  /** Before clipping; NaN where the norm is not clipped. */
  readonly gradientNorm: number
}

/** Forward, backward and update as one program. */
export class TrainingStep {
  /** How much each batch counts: one over the number of batches that share an update. */
  #share = 1
  readonly #run

  constructor({ model, optimizer, loss, clipGradNorm, clipGradValue }: StepOptions) {
    const parameters = () => model.parameters().filter((parameter) => parameter.requiresGrad)
    this.#run = compile((inputs: readonly Tensor[], targets: readonly Tensor[], alone: boolean, update: boolean) => {
      const value = lossOf(loss, outputOf(model, { inputs }), targets)
      const share = alone ? value : value.mul(hostScalar(() => this.#share))
      share.backward()
      if (!update) return { value, norm: null }
      if (clipGradValue !== undefined) optim.clipGradValue(parameters(), clipGradValue)
      const norm = clipGradNorm === undefined ? null : optim.clipGradNorm(parameters(), clipGradNorm)
      // A loss that is not finite leaves the weights as they were: what went wrong can still be looked at.
      optimizer.step({ when: value.sub(value).eq(0) })
      optimizer.zeroGrad()
      return { value, norm }
    })
  }

  /** The programs made so far. */
  explain() {
    return this.#run.explain()
  }

  /**
   * Runs a batch.
   * @param share One over the number of batches whose gradients are added up.
   * @param update Whether the sum is complete and the weights move.
   */
  async run({ inputs, targets }: Parts, share: number, update: boolean): Promise<StepOutcome> {
    this.#share = share
    const { value, norm } = await this.#run(inputs, targets, share === 1, update)
    return { loss: await value.item(), gradientNorm: norm ? await norm.item() : Number.NaN }
  }
}
