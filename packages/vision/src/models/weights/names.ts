import { TrainyardError } from '@trainyard/core'
import type { EfficientNetArchitecture } from '../efficientnet/architecture.ts'

/** Who named the entries of a file of weights. */
export type WeightNaming = 'smp' | 'efficientnet-pytorch' | 'timm'

/**
 * Tells from its keys who named a file of EfficientNet weights.
 *
 * @returns undefined where none of the known names is there.
 */
export function detectNaming(keys: Iterable<string>): WeightNaming | undefined {
  const all = new Set(keys)
  if (all.has('encoder._conv_stem.weight')) return 'smp'
  if (all.has('_conv_stem.weight')) return 'efficientnet-pytorch'
  if (all.has('conv_stem.weight') && all.has('blocks.0.0.conv_dw.weight')) return 'timm'
  return undefined
}

/** The prefixes that training wrappers put before every key (DataParallel, Lightning, compiled modules). */
const WRAPPERS = /^(?:module\.|model\.|_orig_mod\.)+/

/** The keys of a state without the prefix of a wrapper that all of them have. */
export function withoutWrapper<Value>(state: ReadonlyMap<string, Value>): Map<string, Value> {
  const prefix = WRAPPERS.exec(state.keys().next().value ?? '')?.[0]
  if (!prefix || ![...state.keys()].every((key) => key.startsWith(prefix))) return new Map(state)
  return new Map([...state].map(([key, value]) => [key.slice(prefix.length), value]))
}

/**
 * Renames an encoder's weights to the keys that the encoder has here (those of efficientnet-pytorch, which
 * segmentation_models_pytorch keeps below `encoder.`). A classifier's weights and a U-Net's decoder are left out.
 *
 * @param state Any entries by key, named by one of the known namings.
 * @throws `TrainyardError` when the naming is not known, with the first keys.
 * @example
 * const encoder = toEncoderNames(safetensors, efficientNetArchitecture('efficientnet-b0'))
 */
export function toEncoderNames<Value>(
  state: ReadonlyMap<string, Value>,
  architecture: EfficientNetArchitecture,
): Map<string, Value> {
  const entries = withoutWrapper(state)
  const naming = detectNaming(entries.keys())
  if (!naming)
    throw new TrainyardError(
      `weights: these are not an EfficientNet's as smp, timm or efficientnet-pytorch name them; the first keys are ${[...entries.keys()].slice(0, 10).join(', ')}`,
    )
  const renamed = new Map<string, Value>()
  for (const [key, value] of entries) {
    const name = naming === 'timm' ? fromTimm(key, architecture) : naming === 'smp' ? fromSmp(key) : key
    if (name !== undefined && !/^_fc\./.test(name)) renamed.set(name, value)
  }
  return renamed
}

function fromSmp(key: string): string | undefined {
  return key.startsWith('encoder.') ? key.slice('encoder.'.length) : undefined
}

/** Of a block that expands its channels first, and of one that does not. */
const EXPANDING: Record<string, string> = {
  conv_pw: '_expand_conv',
  bn1: '_bn0',
  conv_dw: '_depthwise_conv',
  bn2: '_bn1',
  'se.conv_reduce': '_se_reduce',
  'se.conv_expand': '_se_expand',
  conv_pwl: '_project_conv',
  bn3: '_bn2',
}
const SEPARABLE: Record<string, string> = {
  conv_dw: '_depthwise_conv',
  bn1: '_bn1',
  'se.conv_reduce': '_se_reduce',
  'se.conv_expand': '_se_expand',
  conv_pw: '_project_conv',
  bn2: '_bn2',
}
const AROUND: Record<string, string> = { conv_stem: '_conv_stem', bn1: '_bn0', conv_head: '_conv_head', bn2: '_bn1' }

function fromTimm(key: string, { blocks }: EfficientNetArchitecture): string | undefined {
  if (key.startsWith('classifier.')) return undefined
  const block = /^blocks\.(\d+)\.(\d+)\.(.+)\.(\w+)$/.exec(key)
  if (!block) {
    const [, part, leaf] = /^(\w+)\.(\w+)$/.exec(key) ?? []
    return AROUND[part] ? `${AROUND[part]}.${leaf}` : key
  }
  const [, stage, position, part, leaf] = block
  const index = blocks.findIndex((one) => one.stage === Number(stage) && one.position === Number(position))
  // A block that this member of the family has not keeps its name, to be reported as unexpected.
  if (index < 0) return key
  const names = blocks[index].expandedChannels === blocks[index].inChannels ? SEPARABLE : EXPANDING
  return names[part] ? `_blocks.${index}.${names[part]}.${leaf}` : key
}
