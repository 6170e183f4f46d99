import { TrainyardError } from '../../errors.ts'
import type { Generator } from '../../random/generator.ts'
import { stateZeros } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { linear } from '../functional/linear.ts'
import * as init from '../init.ts'
import { Module } from '../module.ts'
import { Parameter } from '../parameter.ts'

/** Whether there is a bias, and where the first weights come from. */
export interface LinearOptions {
  /** Whether a number is added to each output. Default true. */
  readonly bias?: boolean
  /** Where the first weights come from. Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator
}

/**
 * x · weightᵀ + bias: [.., inFeatures] → [.., outFeatures]. Weights and bias start uniform within ±1 / √inFeatures.
 *
 * @example
 * ```ts
 * const layer = new nn.Linear(784, 10)
 * console.log(layer.forward(zeros([64, 784])).shape) // [64, 10]
 * ```
 */
export class Linear extends Module {
  readonly inFeatures: number
  readonly outFeatures: number
  weight: Parameter
  bias: Parameter | null

  constructor(inFeatures: number, outFeatures: number, { bias = true, generator }: LinearOptions = {}) {
    super()
    this.inFeatures = checkSize(inFeatures, 'Linear: inFeatures')
    this.outFeatures = checkSize(outFeatures, 'Linear: outFeatures')
    this.weight = new Parameter(stateZeros([outFeatures, inFeatures]))
    this.bias = bias ? new Parameter(stateZeros([outFeatures])) : null
    this.resetParameters(generator)
  }

  /** Draws weights and bias anew. */
  resetParameters(generator?: Generator): void {
    resetWeights(this.weight, this.bias, generator)
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias)
  }

  override extraRepr(): string {
    return `${this.inFeatures}, ${this.outFeatures}${this.bias ? '' : ', bias=false'}`
  }
}

/** PyTorch's first weights of linear and convolution layers: uniform within ±1 / √fan-in, weight and bias. */
export function resetWeights(weight: Tensor, bias: Tensor | null, generator?: Generator): void {
  init.kaimingUniform(weight, { a: Math.sqrt(5), generator })
  if (bias) {
    const { fanIn } = init.fans(weight)
    const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0
    init.uniform(bias, -bound, bound, { generator })
  }
}

/** Checks a number of features, channels, rows. */
export function checkSize(size: number, name: string): number {
  if (!Number.isInteger(size) || size < 1) {
    throw new TrainyardError(`${name} must be an integer of at least 1, got ${size}`)
  }
  return size
}
