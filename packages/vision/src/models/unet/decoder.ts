import { concat, type Generator, nn, type Tensor, TrainyardError } from '@trainyard/core'
import { ConvNormReLU } from '../convNormRelu.ts'

/** Enlarges coarse features to the size of finer ones, joins them, and convolves twice. */
class DecoderBlock extends nn.Module<[x: Tensor, size: readonly [number, number], skip?: Tensor]> {
  conv1: ConvNormReLU
  conv2: ConvNormReLU

  constructor(inChannels: number, skipChannels: number, outChannels: number, generator?: Generator) {
    super()
    this.conv1 = new ConvNormReLU(inChannels + skipChannels, outChannels, { generator })
    this.conv2 = new ConvNormReLU(outChannels, outChannels, { generator })
  }

  forward(x: Tensor, size: readonly [number, number], skip?: Tensor): Tensor {
    const enlarged = nn.functional.interpolate(x, { size })
    return this.conv2.forward(this.conv1.forward(skip ? concat([enlarged, skip], 1) : enlarged))
  }
}

/** The half of a U-Net that draws: from the coarsest features back to the picture's size, joined by the finer ones. */
export class UnetDecoder extends nn.Module<[features: readonly Tensor[], size: readonly [number, number]]> {
  blocks: DecoderBlock[]

  /**
   * @param encoderChannels Channels of the encoder's features, finest first.
   * @param decoderChannels Channels of each block, coarsest first; one for each of the encoder's.
   */
  constructor(encoderChannels: readonly number[], decoderChannels: readonly number[], generator?: Generator) {
    super()
    if (encoderChannels.length !== decoderChannels.length)
      throw new TrainyardError(
        `Unet: the encoder has ${encoderChannels.length} levels, but decoderChannels has ${decoderChannels.length} (${decoderChannels.join(', ')}); give one for each`,
      )
    const coarsestFirst = [...encoderChannels].reverse()
    this.blocks = decoderChannels.map(
      (out, index) =>
        new DecoderBlock(
          index === 0 ? coarsestFirst[0] : decoderChannels[index - 1],
          coarsestFirst[index + 1] ?? 0,
          out,
          generator,
        ),
    )
  }

  /**
   * @param features The encoder's, finest first.
   * @param size Rows and columns of the picture.
   */
  forward(features: readonly Tensor[], size: readonly [number, number]): Tensor {
    const [coarsest, ...skips] = [...features].reverse()
    return this.blocks.reduce((x, block, index) => {
      const skip = skips[index]
      return block.forward(x, skip ? [skip.shape[2], skip.shape[3]] : size, skip)
    }, coarsest)
  }
}
