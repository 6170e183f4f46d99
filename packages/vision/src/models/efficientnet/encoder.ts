import { type Generator, nn, type Tensor } from '@trainyard/core'
import { Encoder } from '../encoder.ts'
import { type EfficientNetArchitecture, type EfficientNetName, efficientNetArchitecture } from './architecture.ts'
import { InvertedResidual, NORM } from './block.ts'

/** How much is left out in training, and where random numbers come from. */
export interface EfficientNetOptions {
  /** The probability with which the last block is left out in training; the first is never. Default 0.2. */
  readonly dropConnect?: number
  /** Where first weights and dropped blocks come from. Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator
}

/**
 * EfficientNet (M. Tan and Q. Le, 2019) as the encoder of a U-Net: features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the picture.
 *
 * Structure and state-dict keys are those of segmentation_models_pytorch 0.5. As there, the classifier's last convolution and
 * norm (`_conv_head`, `_bn1`) are part of the state but not used.
 *
 * @example
 * ```ts
 * const encoder = new EfficientNetEncoder('efficientnet-b0', 1)
 * console.log(encoder.forward(zeros([1, 1, 64, 64])).map(({ shape }) => shape[1])) // [32, 24, 40, 112, 320]
 * ```
 */
export class EfficientNetEncoder extends Encoder {
  readonly architecture: EfficientNetArchitecture
  readonly outChannels: readonly number[]
  _convStem: nn.Conv2d
  _bn0: nn.BatchNorm2d
  _blocks: InvertedResidual[]
  _convHead: nn.Conv2d
  _bn1: nn.BatchNorm2d

  /**
   * @param name Which member of the family.
   * @param inChannels Channels of the pictures.
   */
  constructor(name: EfficientNetName, inChannels: number, { dropConnect = 0.2, generator }: EfficientNetOptions = {}) {
    super()
    const architecture = efficientNetArchitecture(name)
    const { stemChannels, stemPadding, blocks, headChannels } = architecture
    this.architecture = architecture
    this.outChannels = architecture.outChannels
    const plain = { bias: false, generator }
    this._convStem = new nn.Conv2d(inChannels, stemChannels, 3, { ...plain, stride: 2, padding: stemPadding })
    this._bn0 = new nn.BatchNorm2d(stemChannels, NORM)
    this._blocks = blocks.map(
      (block, index) => new InvertedResidual(block, (dropConnect * index) / blocks.length, generator),
    )
    this._convHead = new nn.Conv2d(blocks[blocks.length - 1].outChannels, headChannels, 1, plain)
    this._bn1 = new nn.BatchNorm2d(headChannels, NORM)
  }

  forward(x: Tensor): Tensor[] {
    x = nn.functional.silu(this._bn0.forward(this._convStem.forward(x)))
    const features = [x]
    this._blocks.forEach((block, index) => {
      x = block.forward(x)
      if (this.architecture.outIndexes.includes(index)) features.push(x)
    })
    return features
  }
}
