import type { Tensor } from '../../tensor/tensor.ts'
import { type InterpolateOptions, interpolate } from '../functional/interpolate.ts'
import { Module } from '../module.ts'

/**
 * Joins axes into one, by default all but the first: [N, 32, 5, 5] → [N, 800].
 *
 * @example
 * ```ts
 * console.log(new nn.Flatten().forward(zeros([64, 32, 5, 5])).shape) // [64, 800]
 * ```
 */
export class Flatten extends Module {
  readonly start: number
  readonly end: number

  constructor(start = 1, end = -1) {
    super()
    this.start = start
    this.end = end
  }

  forward(x: Tensor): Tensor {
    return x.flatten(this.start, this.end)
  }

  override extraRepr(): string {
    return `start=${this.start}, end=${this.end}`
  }
}

/**
 * Enlarges images, by repeating elements ('nearest') or along straight lines ('bilinear').
 *
 * @example
 * ```ts
 * console.log(new nn.Upsample({ scaleFactor: 2 }).forward(zeros([1, 3, 8, 8])).shape) // [1, 3, 16, 16]
 * ```
 */
export class Upsample extends Module {
  readonly options: InterpolateOptions

  constructor(options: InterpolateOptions) {
    super()
    this.options = options
  }

  forward(x: Tensor): Tensor {
    return interpolate(x, this.options)
  }

  override extraRepr(): string {
    return Object.entries(this.options)
      .map(([name, value]) => `${name}=${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)}`)
      .join(', ')
  }
}
