import { ShapeError, TrainyardError } from '../../errors.ts'
import { stateZeros } from '../../tensor/create.ts'
import { formatShape } from '../../tensor/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { batchNorm } from '../functional/normalization.ts'
import * as init from '../init.ts'
import { Module } from '../module.ts'
import { Buffer, Parameter } from '../parameter.ts'
import { checkSize } from './linear.ts'

/** What is trained, what is kept, and how fast the running statistics follow. */
export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number
  /** How far the running statistics move at each step; null for the mean over all steps. Default 0.1. */
  readonly momentum?: number | null
  /** Whether each channel gets a trained factor and summand. Default true. */
  readonly affine?: boolean
  /** Whether running statistics are kept; without them those of the batch are used in evaluation as well. Default true. */
  readonly trackRunningStats?: boolean
}

abstract class BatchNorm extends Module {
  readonly numFeatures: number
  readonly eps: number
  readonly momentum: number | null
  weight: Parameter | null
  bias: Parameter | null
  runningMean: Buffer | null
  runningVar: Buffer | null
  numBatchesTracked: Buffer | null

  constructor(
    numFeatures: number,
    { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true }: BatchNormOptions = {},
  ) {
    super()
    const { name } = this.constructor
    this.numFeatures = checkSize(numFeatures, `${name}: numFeatures`)
    if (!(eps >= 0)) throw new TrainyardError(`${name}: eps must be at least 0, got ${eps}`)
    if (momentum !== null && !(momentum >= 0 && momentum <= 1)) {
      throw new TrainyardError(`${name}: momentum must be from 0 to 1, or null for the mean over all, got ${momentum}`)
    }
    this.eps = eps
    this.momentum = momentum
    this.weight = affine ? new Parameter(stateZeros([numFeatures])) : null
    this.bias = affine ? new Parameter(stateZeros([numFeatures])) : null
    this.runningMean = trackRunningStats ? new Buffer(stateZeros([numFeatures])) : null
    this.runningVar = trackRunningStats ? new Buffer(stateZeros([numFeatures])) : null
    this.numBatchesTracked = trackRunningStats ? new Buffer(stateZeros([], 'int32')) : null
    this.resetParameters()
  }

  /** Sets factors and running variances to 1, the rest to 0. */
  resetParameters(): void {
    if (this.weight) init.ones(this.weight)
    if (this.bias) init.zeros(this.bias)
    if (this.runningMean) init.zeros(this.runningMean)
    if (this.runningVar) init.ones(this.runningVar)
    this.numBatchesTracked?.assign(stateZeros([], 'int32'))
  }

  /** Refuses inputs of another rank. */
  protected abstract checkInput(x: Tensor): void

  forward(x: Tensor): Tensor {
    this.checkInput(x)
    if (x.shape[1] !== this.numFeatures) {
      throw new ShapeError(
        `${this.constructor.name}: wants ${this.numFeatures} channels on axis 1, got ${formatShape(x.shape)}`,
      )
    }
    const { training, weight, bias, eps, runningMean, runningVar, numBatchesTracked, momentum } = this
    let factor: number | Tensor = momentum ?? 0
    if (training && numBatchesTracked) {
      const count = numBatchesTracked.add(1)
      if (momentum === null) factor = count.cast('float32').reciprocal()
      numBatchesTracked.assign(count)
    }
    return batchNorm(x, runningMean, runningVar, { training, weight, bias, eps, momentum: factor })
  }

  override extraRepr(): string {
    const options = [
      `${this.numFeatures}, eps=${this.eps}, momentum=${this.momentum}`,
      ...(this.weight ? [] : ['affine=false']),
      ...(this.runningMean ? [] : ['trackRunningStats=false']),
    ]
    return options.join(', ')
  }
}

/**
 * Normalises every channel of images [N, C, H, W] over the batch (Ioffe and Szegedy, 2015). In training mode it uses the
 * batch's statistics and moves the running ones; in evaluation mode it uses those and changes nothing.
 *
 * @example
 * ```ts
 * const norm = new nn.BatchNorm2d(16)
 * console.log(Object.keys(norm.stateDict())) // ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']
 * ```
 */
export class BatchNorm2d extends BatchNorm {
  protected checkInput({ ndim, shape }: Tensor): void {
    if (ndim !== 4) throw new ShapeError(`BatchNorm2d: wants images [N, C, H, W], got ${formatShape(shape)}`)
  }
}

/** As `BatchNorm2d`, for [N, C] or [N, C, L]. */
export class BatchNorm1d extends BatchNorm {
  protected checkInput({ ndim, shape }: Tensor): void {
    if (ndim !== 2 && ndim !== 3) {
      throw new ShapeError(`BatchNorm1d: wants [N, C] or [N, C, L], got ${formatShape(shape)}`)
    }
  }
}
