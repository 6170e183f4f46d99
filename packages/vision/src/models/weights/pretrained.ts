import { io, type nn, TrainyardError } from '@trainyard/core'
import { DataError, reason } from '../../errors.ts'
import { readBytes } from '../../platform/files.ts'
import { EfficientNetEncoder } from '../efficientnet/encoder.ts'
import type { Unet } from '../unet/unet.ts'
import { fetchFromHub, IMAGENET_WEIGHTS } from './hub.ts'
import { adaptStem, loadEncoderWeights } from './load.ts'
import { keepCounters, refuseMisfits } from './misfits.ts'
import { withoutWrapper } from './names.ts'

/** What was loaded, in words for a log. */
export interface PretrainedResult {
  file: string
  part: 'model' | 'encoder'
  /** Where the first convolution was changed to the number of channels. */
  adapted: string | undefined
}

/**
 * Gives a U-Net pretrained weights.
 *
 * @param model A U-Net; nothing is changed when anything does not fit.
 * @param source A safetensors file: a whole U-Net as segmentation_models_pytorch saves it, or an EfficientNet as it, timm or
 * efficientnet-pytorch name its entries. Or `imagenet`: the encoder's from the Hugging Face hub. Or `hub:OWNER/NAME`.
 * @throws `DataError` naming the file: missing, damaged, or of another architecture (the first ten keys that do not fit);
 * offline, what to do.
 * @example
 * ```ts no-run
 * const model = new Unet()
 * await loadPretrained(model, 'efficientnet-b0.safetensors')
 * ```
 */
export async function loadPretrained(
  model: Unet,
  source: string,
  options: { cache?: string; hubUrl?: string } = {},
): Promise<PretrainedResult> {
  const { encoder } = model
  const file = await locate(source, encoder, options)
  const bytes = await readBytes(file)
  try {
    const { tensors } = io.readSafetensors(bytes, file)
    const whole = Object.fromEntries(withoutWrapper(new Map(Object.entries(tensors))))
    if (Object.keys(whole).some((key) => key.startsWith('decoder.')))
      return { file, part: 'model', ...loadWhole(model, whole) }
    if (!(encoder instanceof EfficientNetEncoder))
      throw new TrainyardError(
        `weights: this U-Net's encoder is a ${encoder.constructor.name}; only EfficientNets have pretrained encoder weights`,
      )
    return { file, part: 'encoder', adapted: loadEncoderWeights(encoder, tensors).adapted }
  } catch (thrown) {
    if (thrown instanceof DataError) throw thrown
    const message = reason(thrown)
    throw new DataError(message.startsWith(file) ? message : `${file}: ${message}`, { file, cause: thrown })
  }
}

function loadWhole(model: Unet, given: nn.StateDict): { adapted: string | undefined } {
  const own = model.stateDict()
  const stem = 'encoder._conv_stem.weight'
  const adapted = own[stem] ? adaptStem(given, own, stem) : undefined
  keepCounters(own, given)
  const { encoder } = model
  refuseMisfits(
    `this U-Net (${encoder instanceof EfficientNetEncoder ? encoder.architecture.name : encoder.constructor.name})`,
    own,
    given,
  )
  model.loadStateDict(given)
  return { adapted }
}

async function locate(
  source: string,
  encoder: nn.AnyModule,
  options: { cache?: string; hubUrl?: string },
): Promise<string> {
  if (source.startsWith('hub:')) return fetchFromHub({ repo: source.slice(4) }, options)
  if (source !== 'imagenet') return source
  if (!(encoder instanceof EfficientNetEncoder))
    throw new DataError(
      `weights "imagenet": there are none for a ${encoder.constructor.name}; use an efficientnet encoder`,
    )
  return fetchFromHub(IMAGENET_WEIGHTS[encoder.architecture.name], options)
}
