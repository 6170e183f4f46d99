import { type Generator, nn, type Tensor } from '@trainyard/core'
import { ConvNormReLU } from './convNormRelu.ts'
import { Encoder } from './encoder.ts'

/**
 * Two convolutions a level, the first with stride 2: the plainest encoder (after O. Ronneberger, P. Fischer, T. Brox, "U-Net",
 * 2015, with batch norm and without pooling).
 *
 * @example
 * ```ts
 * const encoder = new PlainEncoder(1, { channels: [8, 16, 32] })
 * const features = encoder.forward(zeros([1, 1, 64, 64]))
 * console.log(features.map(({ shape }) => shape[2])) // [32, 16, 8]
 * ```
 */
export class PlainEncoder extends Encoder {
  readonly outChannels: readonly number[]
  levels: nn.Sequential[]

  /**
   * @param inChannels Channels of the pictures.
   * @param options.channels Channels of each level. Default [16, 32, 64, 128, 256].
   */
  constructor(
    inChannels: number,
    { channels = [16, 32, 64, 128, 256], generator }: { channels?: readonly number[]; generator?: Generator } = {},
  ) {
    super()
    this.outChannels = channels
    this.levels = channels.map(
      (out, level) =>
        new nn.Sequential(
          new ConvNormReLU(level === 0 ? inChannels : channels[level - 1], out, { stride: 2, generator }),
          new ConvNormReLU(out, out, { generator }),
        ),
    )
  }

  forward(x: Tensor): Tensor[] {
    const features: Tensor[] = []
    for (const level of this.levels) features.push((x = level.forward(x)))
    return features
  }
}
