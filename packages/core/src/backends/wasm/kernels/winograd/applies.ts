import type { Conv2dSpec } from '../conv/spec.ts'
import { tileOutputs } from './transforms.ts'

/** Channels from which the transforms cost less than the products that they save. */
const leastChannels = 8

function isPlain3x3(spec: Conv2dSpec): boolean {
  return (
    spec.winograd !== false &&
    spec.groups === 1 &&
    spec.kernelHeight === 3 &&
    spec.kernelWidth === 3 &&
    spec.strideY * spec.strideX * spec.dilationY * spec.dilationX === 1 &&
    spec.inChannels >= leastChannels &&
    spec.outChannels >= leastChannels
  )
}

/** Whether the forward convolution goes by Winograd's algorithm: results must divide into whole tiles. */
export const forwardByWinograd = (spec: Conv2dSpec): boolean =>
  isPlain3x3(spec) && spec.outHeight % tileOutputs === 0 && spec.outWidth % tileOutputs === 0

/** Whether the weight gradient does: output gradients must divide into whole tiles. */
export const weightGradientByWinograd = (spec: Conv2dSpec): boolean => forwardByWinograd(spec)

/** Whether the input gradient does. */
export const inputGradientByWinograd = (spec: Conv2dSpec): boolean =>
  isPlain3x3(spec) && spec.inHeight % tileOutputs === 0 && spec.inWidth % tileOutputs === 0
