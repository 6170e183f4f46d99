import { concat, type nn, type Tensor } from '@trainyard/core'
import type { EfficientNetEncoder } from '../efficientnet/encoder.ts'
import { toEncoderNames } from './names.ts'

/** What was done with a file of encoder weights. */
export interface EncoderWeightsResult {
  /** Entries that were taken over. */
  loaded: number
  /** In words, where the first convolution had to be changed; undefined where it fitted. */
  adapted: string | undefined
}

/**
 * Takes over pretrained weights into an EfficientNet encoder. The keys may be those of segmentation_models_pytorch, timm or
 * efficientnet-pytorch; a classifier and a decoder are passed over. A first convolution for colour is summed to one for grey
 * pictures (the same grey in all three channels would give the same result), or spread over more channels.
 *
 * @param encoder The encoder; nothing is changed when anything does not fit.
 * @param state Tensors by key, such as a safetensors file holds.
 * @throws `RangeError` when the weights are of another architecture, with the first ten keys that do not fit.
 * @example
 * ```ts
 * loadEncoderWeights(model.encoder as EfficientNetEncoder, state)
 * ```
 */
export function loadEncoderWeights(encoder: EfficientNetEncoder, state: nn.StateDict): EncoderWeightsResult {
  const given = Object.fromEntries(toEncoderNames(new Map(Object.entries(state)), encoder.architecture))
  const own = encoder.stateDict()
  const adapted = adaptStem(given, own)
  // Counters say how often the running statistics were moved; files of weights for use often lack them.
  for (const key of Object.keys(own)) if (key.endsWith('.num_batches_tracked')) given[key] ??= own[key]
  const faults = [
    ...Object.keys(own)
      .filter((key) => !given[key])
      .map((key) => `${key} is missing`),
    ...Object.keys(given)
      .filter((key) => !own[key])
      .map((key) => `${key} is not expected`),
    ...Object.keys(own)
      .filter((key) => given[key] && given[key].shape.join() !== own[key].shape.join())
      .map((key) => `${key} is [${given[key].shape.join(', ')}] instead of [${own[key].shape.join(', ')}]`),
  ]
  if (faults.length > 0)
    throw new RangeError(
      `weights: these are not of ${encoder.architecture.name}, nothing was loaded; ${faults.length} of ${Object.keys(own).length} entries do not fit: ${faults.slice(0, 10).join('; ')}${faults.length > 10 ? '; …' : ''}`,
    )
  encoder.loadStateDict(given)
  return { loaded: Object.keys(given).length, adapted }
}

const STEM = '_conv_stem.weight'

/** Brings a first convolution to the encoder's number of channels, keeping what it answers to a picture grey in all of them. */
function adaptStem(given: nn.StateDict, own: nn.StateDict): string | undefined {
  const stem = given[STEM]
  const wanted = own[STEM].shape[1]
  if (stem?.ndim !== 4 || stem.shape[1] === wanted) return undefined
  const from = stem.shape[1]
  if (wanted === 1) {
    given[STEM] = stem.sum(1, { keepDims: true })
    return `first convolution: ${from} channels summed to 1`
  }
  const channels: Tensor[] = Array.from({ length: wanted }, (_, channel) =>
    stem.slice(null, [channel % from, (channel % from) + 1]),
  )
  given[STEM] = concat(channels, 1).mul(from / wanted)
  return `first convolution: ${from} channels spread over ${wanted}`
}
