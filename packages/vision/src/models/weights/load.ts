import { concat, type nn, type Tensor } from '@trainyard/core'
import type { EfficientNetEncoder } from '../efficientnet/encoder.ts'
import { keepCounters, refuseMisfits } from './misfits.ts'
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
 * @throws `TrainyardError` when the weights are of another architecture, with the first ten keys that do not fit.
 * @example
 * ```ts
 * const trained = new EfficientNetEncoder('efficientnet-b0', 3) // in place of a file's tensors
 * const grey = new EfficientNetEncoder('efficientnet-b0', 1)
 * console.log(loadEncoderWeights(grey, trained.stateDict()).adapted !== undefined) // true
 * ```
 */
export function loadEncoderWeights(encoder: EfficientNetEncoder, state: nn.StateDict): EncoderWeightsResult {
  const given = Object.fromEntries(toEncoderNames(new Map(Object.entries(state)), encoder.architecture))
  const own = encoder.stateDict()
  const adapted = adaptStem(given, own, '_conv_stem.weight')
  keepCounters(own, given)
  refuseMisfits(encoder.architecture.name, own, given)
  encoder.loadStateDict(given)
  return { loaded: Object.keys(given).length, adapted }
}

/** Brings a first convolution to the encoder's number of channels, keeping what it answers to a picture grey in all of them. */
export function adaptStem(given: nn.StateDict, own: nn.StateDict, key: string): string | undefined {
  const stem = given[key]
  const wanted = own[key].shape[1]
  if (stem?.ndim !== 4 || stem.shape[1] === wanted) return undefined
  const from = stem.shape[1]
  if (wanted === 1) {
    given[key] = stem.sum(1, { keepDims: true })
    return `first convolution: ${from} channels summed to 1`
  }
  const channels: Tensor[] = Array.from({ length: wanted }, (_, channel) =>
    stem.slice(null, [channel % from, (channel % from) + 1]),
  )
  given[key] = concat(channels, 1).mul(from / wanted)
  return `first convolution: ${from} channels spread over ${wanted}`
}
