import { packedFloats } from '../gemm/pack.ts'
import type { Kernel } from '../kernel.ts'
import { forwardByWinograd, weightGradientByWinograd } from '../winograd/applies.ts'
import { isNarrow, narrowFloats } from './narrowWeights.ts'
import { type Conv2dSpec, groupInChannels, groupOutChannels, isDepthwise } from './spec.ts'

/** Partial weight gradients, to be summed by `emitReduceWeightGradient`. */
export interface WeightGradientKernel extends Kernel {
  /** Chunks of pixels that were summed apart; each holds `chunkFloats` floats at `partials`. */
  readonly chunks: number
  readonly chunkFloats: number
  /** Where not 0, the kernel has a fourth pointer `scratch`, to as many bytes of its own while it runs. */
  readonly scratchBytes: number
}

/**
 * Floats from one point's matrix to the next among weights transformed for Winograd's algorithm: a packed matrix and a
 * line more, so that the 36 of them do not fall into the same set of the cache.
 */
export const winogradPointFloats = (depth: number, columns: number): number => packedFloats(depth, columns) + 16

/** Floats of weights transformed for Winograd's algorithm. */
export const winogradFloats = (depth: number, columns: number): number => 36 * winogradPointFloats(depth, columns)

/** Floats of the packed weights of the forward convolution. */
export const packedConv2dFloats = (spec: Conv2dSpec): number =>
  forwardByWinograd(spec) ? winogradFloats(spec.inChannels, spec.outChannels) : plainFloats(spec)

/** Floats of one set of partial weight gradients. */
export const weightGradientFloats = (spec: Conv2dSpec): number =>
  weightGradientByWinograd(spec) ? winogradFloats(spec.inChannels, spec.outChannels) : plainFloats(spec)

/**
 * Floats of weights, packed or as partial gradients, in the order [group][panel][y][x][in][out in panel]; of a depthwise
 * convolution [panel][y][x][channel in panel].
 */
function plainFloats(spec: Conv2dSpec): number {
  if (isNarrow(spec)) return narrowFloats(spec)
  const packed = asPacked(spec)
  const taps = packed.kernelHeight * packed.kernelWidth
  return packed.groups * packedFloats(taps * groupInChannels(packed), groupOutChannels(packed))
}

/**
 * The convolution whose weights lie as this one's: the weights of a depthwise convolution [channel][1][y][x] are those
 * of one input channel and as many output channels.
 */
export const asPacked = (spec: Conv2dSpec): Conv2dSpec =>
  isDepthwise(spec) ? { ...spec, groups: 1, inChannels: 1 } : spec
