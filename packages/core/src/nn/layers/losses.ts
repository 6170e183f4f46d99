import type { Tensor } from '../../tensor/tensor.ts'
import { type BCEWithLogitsOptions, binaryCrossEntropyWithLogits } from '../functional/loss/binaryCrossEntropy.ts'
import {
  type CrossEntropyOptions,
  crossEntropy,
  type NLLLossOptions,
  nllLoss,
} from '../functional/loss/crossEntropy.ts'
import { type KLDivOptions, klDiv } from '../functional/loss/klDiv.ts'
import { huberLoss, type LossOptions, l1Loss, mseLoss, smoothL1Loss } from '../functional/loss/regression.ts'
import { Module } from '../module.ts'
import { Buffer } from '../parameter.ts'

/** A module that compares predictions with targets. */
abstract class Loss<Options> extends Module<[input: Tensor, target: Tensor]> {
  readonly options: Options

  constructor(options: Options) {
    super()
    this.options = options
  }
}

/** (x − y)². */
export class MSELoss extends Loss<LossOptions> {
  constructor(options: LossOptions = {}) {
    super(options)
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this.options)
  }
}

/** |x − y|. */
export class L1Loss extends Loss<LossOptions> {
  constructor(options: LossOptions = {}) {
    super(options)
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, this.options)
  }
}

/** Squares near 0, straight lines beyond β. */
export class SmoothL1Loss extends Loss<LossOptions & { beta?: number }> {
  constructor(options: LossOptions & { beta?: number } = {}) {
    super(options)
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, this.options)
  }
}

/** Squares near 0, straight lines of slope δ beyond δ. */
export class HuberLoss extends Loss<LossOptions & { delta?: number }> {
  constructor(options: LossOptions & { delta?: number } = {}) {
    super(options)
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, this.options)
  }
}

/** Kullback-Leibler divergence of log-probabilities from target probabilities. */
export class KLDivLoss extends Loss<KLDivOptions> {
  constructor(options: KLDivOptions = {}) {
    super(options)
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this.options)
  }
}

/**
 * Binary cross entropy of sigmoid(logits), for logits of any size.
 *
 * @example
 * ```ts
 * const loss = new nn.BCEWithLogitsLoss()
 * console.log((await loss.forward(tensor([0, 0]), tensor([0, 1])).item()).toFixed(4)) // 0.6931
 * ```
 */
export class BCEWithLogitsLoss extends Loss<BCEWithLogitsOptions> {
  weight: Buffer | null
  posWeight: Buffer | null

  constructor({ weight, posWeight, ...options }: BCEWithLogitsOptions = {}) {
    super(options)
    this.weight = weight ? new Buffer(weight) : null
    this.posWeight = posWeight ? new Buffer(posWeight) : null
  }

  forward(logits: Tensor, target: Tensor): Tensor {
    const { weight, posWeight } = this
    return binaryCrossEntropyWithLogits(logits, target, { ...this.options, weight, posWeight })
  }
}

/** The negative log-probability of the right class, from log-probabilities. */
export class NLLLoss extends Loss<NLLLossOptions> {
  weight: Buffer | null

  constructor({ weight, ...options }: NLLLossOptions = {}) {
    super(options)
    this.weight = weight ? new Buffer(weight) : null
  }

  forward(logProbabilities: Tensor, target: Tensor): Tensor {
    return nllLoss(logProbabilities, target, { ...this.options, weight: this.weight })
  }
}

/** Cross entropy of logits with class numbers or probabilities. */
export class CrossEntropyLoss extends Loss<CrossEntropyOptions> {
  weight: Buffer | null

  constructor({ weight, ...options }: CrossEntropyOptions = {}) {
    super(options)
    this.weight = weight ? new Buffer(weight) : null
  }

  forward(logits: Tensor, target: Tensor): Tensor {
    return crossEntropy(logits, target, { ...this.options, weight: this.weight })
  }
}
