import { type Generator, nn, ShapeError, type Tensor, TrainyardError } from '@trainyard/core'
import { EFFICIENTNET_NAMES, type EfficientNetName } from '../efficientnet/architecture.ts'
import { EfficientNetEncoder } from '../efficientnet/encoder.ts'
import { Encoder } from '../encoder.ts'
import { PlainEncoder } from '../plainEncoder.ts'
import { UnetDecoder } from './decoder.ts'

/** The encoders that have a name. */
export type EncoderName = EfficientNetName | 'plain'

/** The encoder, and how many channels go in, through and out. */
export interface UnetOptions {
  /** A name, or an encoder of one's own. Default 'efficientnet-b0'. */
  readonly encoder?: EncoderName | Encoder
  /** Channels of the pictures. Default 1. */
  readonly inChannels?: number
  /** Channels of the result, one a class. Default 1. */
  readonly classes?: number
  /** Channels of the decoder's blocks, coarsest first. Default: 256, 128, 64, 32, 16, as many as the encoder has levels. */
  readonly decoderChannels?: readonly number[]
  /** See `EfficientNetOptions`. Default 0.2. */
  readonly dropConnect?: number
  /** Where first weights and dropped blocks come from. Default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator
}

/**
 * U-Net (O. Ronneberger, P. Fischer, T. Brox, 2015): an encoder that looks ever wider, a decoder that draws ever finer, and
 * joints between them. [N, inChannels, H, W] → logits [N, classes, H, W].
 *
 * Structure, first weights and state-dict keys are those of `Unet` in segmentation_models_pytorch 0.5; with the default
 * options it has 6,250,893 parameters and 420 entries.
 *
 * @throws `ShapeError` in `forward` for sizes that cannot be halved often enough (32 for the encoders here); `padToMultiple`
 * makes them so.
 * @example
 * ```ts
 * const model = new Unet({ encoder: 'efficientnet-b0', inChannels: 1, classes: 1 })
 * const mask = model.forward(zeros([1, 1, 64, 64])).sigmoid()
 * console.log(mask.shape) // [1, 1, 64, 64]
 * ```
 */
export class Unet extends nn.Module {
  encoder: Encoder
  decoder: UnetDecoder
  segmentationHead: nn.Sequential

  constructor(options: UnetOptions = {}) {
    super()
    const { inChannels = 1, classes = 1, generator } = options
    this.encoder = encoderOf(options, inChannels)
    const { outChannels } = this.encoder
    const decoderChannels =
      options.decoderChannels ?? outChannels.map((_, level) => 2 ** (3 + outChannels.length - level))
    this.decoder = new UnetDecoder(outChannels, decoderChannels, generator)
    const head = new nn.Conv2d(decoderChannels[decoderChannels.length - 1], classes, 3, { padding: 1, generator })
    nn.init.xavierUniform(head.weight, 1, { generator })
    if (head.bias) nn.init.zeros(head.bias)
    this.segmentationHead = new nn.Sequential(head)
  }

  /** Both sides of a picture must be multiples of this. */
  get multiple(): number {
    return 2 ** this.encoder.outChannels.length
  }

  forward(x: Tensor): Tensor {
    const [, , height, width] = x.shape
    if (x.ndim !== 4 || height % this.multiple !== 0 || width % this.multiple !== 0)
      throw new ShapeError(
        `Unet: wants pictures [N, C, H, W] whose H and W are multiples of ${this.multiple}, got [${x.shape.join(', ')}]; padToMultiple(image, ${this.multiple}) pads, crop cuts back`,
      )
    return this.segmentationHead.forward(this.decoder.forward(this.encoder.forward(x), [height, width]))
  }
}

function encoderOf({ encoder = 'efficientnet-b0', dropConnect, generator }: UnetOptions, inChannels: number): Encoder {
  if (encoder instanceof Encoder) return encoder
  if (encoder === 'plain') return new PlainEncoder(inChannels, { generator })
  if (!EFFICIENTNET_NAMES.includes(encoder))
    throw new TrainyardError(`Unet: no encoder "${encoder}"; there are plain, ${EFFICIENTNET_NAMES.join(', ')}`)
  return new EfficientNetEncoder(encoder, inChannels, { dropConnect, generator })
}
