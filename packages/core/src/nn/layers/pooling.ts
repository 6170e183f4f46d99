import type { Tensor } from '../../tensor/tensor.ts'
import { type Pair, pairOf, sidesOf } from '../functional/pair.ts'
import {
  type AvgPoolOptions,
  adaptiveAvgPool2d,
  avgPool2d,
  maxPool2d,
  type PoolOptions,
} from '../functional/pooling.ts'
import { Module } from '../module.ts'

abstract class Pool<Options extends PoolOptions> extends Module {
  readonly kernelSize: Pair
  readonly options: Options

  constructor(kernelSize: Pair, options: Options) {
    super()
    const { name } = this.constructor
    pairOf(kernelSize, 1, `${name}: kernelSize`)
    if (options.stride !== undefined) pairOf(options.stride, 1, `${name}: stride`)
    sidesOf(options.padding ?? 0, `${name}: padding`)
    this.kernelSize = kernelSize
    this.options = options
  }

  override extraRepr(): string {
    const { stride = this.kernelSize, padding = 0 } = this.options
    return `kernelSize=${JSON.stringify(this.kernelSize)}, stride=${JSON.stringify(stride)}, padding=${JSON.stringify(padding)}`
  }
}

/**
 * The largest element of each window.
 *
 * @example
 * ```ts
 * console.log(new nn.MaxPool2d(2).forward(zeros([1, 16, 26, 26])).shape) // [1, 16, 13, 13]
 * ```
 */
export class MaxPool2d extends Pool<PoolOptions> {
  constructor(kernelSize: Pair, options: PoolOptions = {}) {
    super(kernelSize, options)
  }

  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernelSize, this.options)
  }
}

/** The mean of each window. */
export class AvgPool2d extends Pool<AvgPoolOptions> {
  constructor(kernelSize: Pair, options: AvgPoolOptions = {}) {
    super(kernelSize, options)
  }

  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this.options)
  }
}

/** Means over as many windows as the result shall have elements. */
export class AdaptiveAvgPool2d extends Module {
  readonly outputSize: Pair

  constructor(outputSize: Pair) {
    super()
    pairOf(outputSize, 1, 'AdaptiveAvgPool2d: outputSize')
    this.outputSize = outputSize
  }

  forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize)
  }

  override extraRepr(): string {
    return `outputSize=${JSON.stringify(this.outputSize)}`
  }
}
