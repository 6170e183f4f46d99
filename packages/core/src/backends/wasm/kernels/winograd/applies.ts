import type { Conv2dSpec } from '../conv/spec.ts'
import { tileOutputs } from './transforms.ts'

/** Below so many channels, or so much work, the transforms and the loss of digits buy too little. */
const leastChannels = 8
const leastFlops = 20e6
/** Share of the tiles' results that are wanted, from which the saving outweighs the others. */
const leastUse = 0.55

function applies(spec: Conv2dSpec, height: number, width: number): boolean {
  const { winograd, kernelHeight, kernelWidth, inChannels, outChannels } = spec
  const isPlain3x3 =
    kernelHeight === 3 &&
    kernelWidth === 3 &&
    spec.groups === 1 &&
    spec.strideY * spec.strideX * spec.dilationY * spec.dilationX === 1
  if (winograd !== undefined || !isPlain3x3) return isPlain3x3 && winograd === true
  const covered = (size: number): number => Math.ceil(size / tileOutputs) * tileOutputs
  const use = (height * width) / (covered(height) * covered(width))
  const flops = 2 * spec.images * height * width * 9 * inChannels * outChannels
  return Math.min(inChannels, outChannels) >= leastChannels && flops >= leastFlops && use >= leastUse
}

/** Whether the forward convolution goes by Winograd's algorithm. */
export const forwardByWinograd = (spec: Conv2dSpec): boolean => applies(spec, spec.outHeight, spec.outWidth)

/** Whether the weight gradient does. */
export const weightGradientByWinograd = (spec: Conv2dSpec): boolean => applies(spec, spec.outHeight, spec.outWidth)

/** Whether the input gradient does. */
export const inputGradientByWinograd = (spec: Conv2dSpec): boolean => applies(spec, spec.inHeight, spec.inWidth)
