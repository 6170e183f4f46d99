import { type Generator, nn, type Tensor } from '@trainyard/core'
import type { BlockArchitecture } from './architecture.ts'
import { dropConnect } from './dropConnect.ts'

/** Batch norms here move slowly and divide carefully, as in the TensorFlow original. */
export const NORM = { eps: 1e-3, momentum: 0.01 }

/**
 * An inverted residual block with squeeze and excitation: widen, look at each channel by itself, weigh the channels, narrow.
 * Fields are named so that their keys are those of efficientnet-pytorch (`_expand_conv`, `_bn0`, …).
 */
export class InvertedResidual extends nn.Module {
  readonly architecture: BlockArchitecture
  /** The probability with which the block is left out in training. */
  readonly dropRate: number
  readonly #generator: Generator | undefined
  _expandConv: nn.Conv2d | null
  _bn0: nn.BatchNorm2d | null
  _depthwiseConv: nn.Conv2d
  _bn1: nn.BatchNorm2d
  _seReduce: nn.Conv2d
  _seExpand: nn.Conv2d
  _projectConv: nn.Conv2d
  _bn2: nn.BatchNorm2d

  constructor(architecture: BlockArchitecture, dropRate: number, generator?: Generator) {
    super()
    const { inChannels, expandedChannels, outChannels, squeezedChannels, kernelSize, stride, padding } = architecture
    const plain = { bias: false, generator }
    this.architecture = architecture
    this.dropRate = dropRate
    this.#generator = generator
    const expands = expandedChannels !== inChannels
    this._expandConv = expands ? new nn.Conv2d(inChannels, expandedChannels, 1, plain) : null
    this._bn0 = expands ? new nn.BatchNorm2d(expandedChannels, NORM) : null
    this._depthwiseConv = new nn.Conv2d(expandedChannels, expandedChannels, kernelSize, {
      ...plain,
      stride,
      padding,
      groups: expandedChannels,
    })
    this._bn1 = new nn.BatchNorm2d(expandedChannels, NORM)
    this._seReduce = new nn.Conv2d(expandedChannels, squeezedChannels, 1, { generator })
    this._seExpand = new nn.Conv2d(squeezedChannels, expandedChannels, 1, { generator })
    this._projectConv = new nn.Conv2d(expandedChannels, outChannels, 1, plain)
    this._bn2 = new nn.BatchNorm2d(outChannels, NORM)
  }

  forward(input: Tensor): Tensor {
    const { silu } = nn.functional
    let x = input
    if (this._expandConv && this._bn0) x = silu(this._bn0.forward(this._expandConv.forward(x)))
    x = silu(this._bn1.forward(this._depthwiseConv.forward(x)))
    const squeezed = silu(this._seReduce.forward(x.mean([2, 3], { keepDims: true })))
    x = x.mul(this._seExpand.forward(squeezed).sigmoid())
    x = this._bn2.forward(this._projectConv.forward(x))
    if (!this.architecture.residual) return x
    if (this.training && this.dropRate > 0) x = dropConnect(x, this.dropRate, this.#generator)
    return x.add(input)
  }
}
