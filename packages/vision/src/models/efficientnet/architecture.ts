import { TrainyardError } from '@trainyard/core'

/** The members of the family that can be built, by the names that segmentation_models_pytorch gives them. */
export type EfficientNetName = 'efficientnet-b0' | 'efficientnet-b1' | 'efficientnet-b2' | 'efficientnet-b3'

/** Zeros around a picture, in pixels. */
export type Padding = readonly [top: number, bottom: number, left: number, right: number]

/** One inverted residual block (M. Sandler et al., "MobileNetV2", 2018) with squeeze and excitation (J. Hu et al., 2018). */
export interface BlockArchitecture {
  /** Which stage of the family's table it is in, and which block of that stage; timm names blocks so. */
  stage: number
  position: number
  inChannels: number
  /** Channels of the depthwise convolution: `inChannels` times 1 or 6. */
  expandedChannels: number
  outChannels: number
  squeezedChannels: number
  kernelSize: number
  stride: number
  padding: Padding
  /** Whether its input is added to its output. */
  residual: boolean
}

/** A whole encoder. */
export interface EfficientNetArchitecture {
  name: EfficientNetName
  stemChannels: number
  stemPadding: Padding
  blocks: BlockArchitecture[]
  headChannels: number
  /** After which blocks features are taken, at 1/4, 1/8, 1/16 and 1/32 of the picture's size. */
  outIndexes: number[]
  /** Channels of the features at 1/2, 1/4, … 1/32. */
  outChannels: number[]
}

/**
 * Width and depth factors, the picture size that paddings are worked out for (M. Tan and Q. Le, "EfficientNet", 2019), and
 * after which blocks features are taken: at the end of each resolution, but for b0's third, which segmentation_models_pytorch
 * takes after the first of its stage's three blocks; weights trained there expect that.
 */
const MEMBERS: Record<EfficientNetName, { width: number; depth: number; imageSize: number; outIndexes: number[] }> = {
  'efficientnet-b0': { width: 1, depth: 1, imageSize: 224, outIndexes: [2, 4, 8, 15] },
  'efficientnet-b1': { width: 1, depth: 1.1, imageSize: 240, outIndexes: [4, 7, 15, 22] },
  'efficientnet-b2': { width: 1.1, depth: 1.2, imageSize: 260, outIndexes: [4, 7, 15, 22] },
  'efficientnet-b3': { width: 1.2, depth: 1.4, imageSize: 300, outIndexes: [4, 7, 17, 25] },
}

/** Table 1 of the paper: repeats, kernel, stride, expansion, output channels of each stage. */
const STAGES = [
  { repeats: 1, kernelSize: 3, stride: 1, expansion: 1, channels: 16 },
  { repeats: 2, kernelSize: 3, stride: 2, expansion: 6, channels: 24 },
  { repeats: 2, kernelSize: 5, stride: 2, expansion: 6, channels: 40 },
  { repeats: 3, kernelSize: 3, stride: 2, expansion: 6, channels: 80 },
  { repeats: 3, kernelSize: 5, stride: 1, expansion: 6, channels: 112 },
  { repeats: 4, kernelSize: 5, stride: 2, expansion: 6, channels: 192 },
  { repeats: 1, kernelSize: 3, stride: 1, expansion: 6, channels: 320 },
]

/** The members of the family that are known: `efficientnet-b0` to `efficientnet-b3`. */
export const EFFICIENTNET_NAMES = Object.keys(MEMBERS) as EfficientNetName[]

/**
 * Works out every block of a member of the family.
 *
 * Paddings are TensorFlow's "same" for the member's own picture size and stay so for any other size, as in
 * segmentation_models_pytorch: with stride 2 on an even side all of the odd zero goes to the right and the bottom.
 *
 * @throws `TrainyardError` for a name that is not known, with those that are.
 */
export function efficientNetArchitecture(name: EfficientNetName): EfficientNetArchitecture {
  const member = MEMBERS[name]
  if (!member)
    throw new TrainyardError(`efficientnet: no encoder "${name}"; there are ${EFFICIENTNET_NAMES.join(', ')}`)
  const stemChannels = scaledChannels(32, member.width)
  const stemPadding = samePadding(member.imageSize, 3, 2)
  let size = Math.ceil(member.imageSize / 2)
  let inChannels = stemChannels
  const blocks: BlockArchitecture[] = []
  STAGES.forEach((stage, index) => {
    const outChannels = scaledChannels(stage.channels, member.width)
    for (let position = 0; position < Math.ceil(stage.repeats * member.depth); position++) {
      const stride = position === 0 ? stage.stride : 1
      blocks.push({
        stage: index,
        position,
        inChannels,
        expandedChannels: inChannels * stage.expansion,
        outChannels,
        squeezedChannels: Math.max(1, Math.floor(inChannels / 4)),
        kernelSize: stage.kernelSize,
        stride,
        padding: samePadding(size, stage.kernelSize, stride),
        residual: stride === 1 && inChannels === outChannels,
      })
      size = Math.ceil(size / stride)
      inChannels = outChannels
    }
  })
  return {
    name,
    stemChannels,
    stemPadding,
    blocks,
    headChannels: scaledChannels(1280, member.width),
    outIndexes: member.outIndexes,
    outChannels: [stemChannels, ...member.outIndexes.map((index) => blocks[index].outChannels)],
  }
}

/** Rounded to multiples of 8, never down by more than a tenth. */
function scaledChannels(channels: number, width: number): number {
  const wanted = channels * width
  const rounded = Math.max(8, Math.floor((wanted + 4) / 8) * 8)
  return rounded < 0.9 * wanted ? rounded + 8 : rounded
}

/** So much that a side of `size` becomes ceil(size / stride). */
function samePadding(size: number, kernelSize: number, stride: number): Padding {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernelSize - size, 0)
  const before = Math.floor(total / 2)
  return [before, total - before, before, total - before]
}
