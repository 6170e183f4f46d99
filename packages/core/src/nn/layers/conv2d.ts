import { TrainyardError } from '../../errors.ts'
import type { Generator } from '../../random/generator.ts'
import { stateZeros } from '../../tensor/create.ts'
import { formatShape } from '../../tensor/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import {
  type Conv2dOptions as Conv2dFunctionOptions,
  type ConvTranspose2dOptions as ConvTranspose2dFunctionOptions,
  conv2d,
  convTranspose2d,
  resolvePadding,
} from '../functional/convolution.ts'
import { type Pair, pairOf, sidesOf } from '../functional/pair.ts'
import { Module } from '../module.ts'
import { Parameter } from '../parameter.ts'
import { checkSize, resetWeights } from './linear.ts'

interface LayerOptions {
  /** Whether a number is added to each output channel. Default true. */
  readonly bias?: boolean
  /** Where the first weights come from. Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator
}

/** Stride, padding, dilation and groups as for `functional.conv2d`; `bias`; `generator`. */
export type Conv2dOptions = Conv2dFunctionOptions & LayerOptions
/** As for `functional.convTranspose2d`; `bias`; `generator`. */
export type ConvTranspose2dOptions = ConvTranspose2dFunctionOptions & LayerOptions

abstract class Convolution extends Module {
  readonly inChannels: number
  readonly outChannels: number
  readonly kernelSize: readonly [number, number]
  readonly groups: number
  abstract weight: Parameter
  abstract bias: Parameter | null
  abstract readonly options: Conv2dFunctionOptions | ConvTranspose2dFunctionOptions

  constructor(inChannels: number, outChannels: number, kernelSize: Pair, groups = 1) {
    super()
    const { name } = this.constructor
    this.inChannels = checkSize(inChannels, `${name}: inChannels`)
    this.outChannels = checkSize(outChannels, `${name}: outChannels`)
    this.kernelSize = pairOf(kernelSize, 1, `${name}: kernelSize`)
    this.groups = checkSize(groups, `${name}: groups`)
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new TrainyardError(
        `${name}: ${inChannels} input and ${outChannels} output channels cannot be split into ${groups} groups`,
      )
    }
  }

  /** Draws weights and bias anew. */
  resetParameters(generator?: Generator): void {
    resetWeights(this.weight, this.bias, generator)
  }

  override extraRepr(): string {
    const { stride = 1, padding = 0, dilation = 1 } = this.options
    const text = (value: unknown) => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value))
    return [
      `${this.inChannels}, ${this.outChannels}, kernelSize=${formatShape(this.kernelSize)}`,
      `stride=${formatShape(pairOf(stride, 1, 'stride'))}`,
      ...(padding !== 0 ? [`padding=${text(padding)}`] : []),
      ...(dilation !== 1 ? [`dilation=${text(dilation)}`] : []),
      ...(this.groups !== 1 ? [`groups=${this.groups}`] : []),
      ...(this.bias ? [] : ['bias=false']),
    ].join(', ')
  }
}

/**
 * Slides windows of trained weights over images: [N, inChannels, H, W] → [N, outChannels, H', W']. Weights and bias start
 * uniform within ±1 / √(inChannels / groups · window).
 *
 * @example
 * ```ts
 * const layer = new nn.Conv2d(1, 16, 3, { padding: 1 })
 * console.log(layer.forward(zeros([64, 1, 28, 28])).shape) // [64, 16, 28, 28]
 * ```
 */
export class Conv2d extends Convolution {
  weight: Parameter
  bias: Parameter | null
  readonly options: Conv2dFunctionOptions

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Pair,
    { bias = true, generator, ...options }: Conv2dOptions = {},
  ) {
    super(inChannels, outChannels, kernelSize, options.groups)
    const stride = pairOf(options.stride ?? 1, 1, 'Conv2d: stride')
    const dilation = pairOf(options.dilation ?? 1, 1, 'Conv2d: dilation')
    resolvePadding(options.padding ?? 0, this.kernelSize, stride, dilation)
    this.options = options
    this.weight = new Parameter(stateZeros([outChannels, inChannels / this.groups, ...this.kernelSize]))
    this.bias = bias ? new Parameter(stateZeros([outChannels])) : null
    this.resetParameters(generator)
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, this.options)
  }
}

/**
 * Spreads every element over a window of trained weights: [N, inChannels, H, W] → [N, outChannels, H', W'], larger by the
 * stride.
 *
 * @example
 * ```ts
 * const layer = new nn.ConvTranspose2d(64, 32, 2, { stride: 2 })
 * console.log(layer.forward(zeros([4, 64, 16, 16])).shape) // [4, 32, 32, 32]
 * ```
 */
export class ConvTranspose2d extends Convolution {
  weight: Parameter
  bias: Parameter | null
  readonly options: ConvTranspose2dFunctionOptions

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Pair,
    { bias = true, generator, ...options }: ConvTranspose2dOptions = {},
  ) {
    super(inChannels, outChannels, kernelSize, options.groups)
    pairOf(options.stride ?? 1, 1, 'ConvTranspose2d: stride')
    pairOf(options.dilation ?? 1, 1, 'ConvTranspose2d: dilation')
    sidesOf(options.padding ?? 0, 'ConvTranspose2d: padding')
    this.options = options
    this.weight = new Parameter(stateZeros([inChannels, outChannels / this.groups, ...this.kernelSize]))
    this.bias = bias ? new Parameter(stateZeros([outChannels])) : null
    this.resetParameters(generator)
  }

  forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, this.bias, this.options)
  }
}
