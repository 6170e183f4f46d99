import { stateZeros } from '../../tensor/create.ts'
import { formatShape } from '../../tensor/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { layerNorm } from '../functional/normalization.ts'
import * as init from '../init.ts'
import { Module } from '../module.ts'
import { Parameter } from '../parameter.ts'
import { checkSize } from './linear.ts'

/** What is trained, and what keeps the division safe. */
export interface LayerNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number
  /** Whether each element gets a trained factor and summand. Default true. */
  readonly elementwiseAffine?: boolean
}

/**
 * Normalises over the last axes, each sample for itself (Ba, Kiros, Hinton, 2016).
 *
 * @example
 * ```ts
 * const norm = new nn.LayerNorm(64)
 * console.log(norm.forward(zeros([8, 10, 64])).shape) // [8, 10, 64]
 * ```
 */
export class LayerNorm extends Module {
  readonly normalizedShape: readonly number[]
  readonly eps: number
  weight: Parameter | null
  bias: Parameter | null

  /** @param normalizedShape The sizes of the last axes. */
  constructor(
    normalizedShape: number | readonly number[],
    { eps = 1e-5, elementwiseAffine = true }: LayerNormOptions = {},
  ) {
    super()
    const shape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape]
    for (const size of shape) checkSize(size, 'LayerNorm: normalizedShape')
    this.normalizedShape = shape
    this.eps = eps
    this.weight = elementwiseAffine ? new Parameter(stateZeros(shape)) : null
    this.bias = elementwiseAffine ? new Parameter(stateZeros(shape)) : null
    if (this.weight) init.ones(this.weight)
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, this.weight, this.bias, this.eps)
  }

  override extraRepr(): string {
    return `${formatShape(this.normalizedShape)}, eps=${this.eps}${this.weight ? '' : ', elementwiseAffine=false'}`
  }
}
