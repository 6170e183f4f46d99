import { DTypeError, ShapeError } from '../errors.ts'
import type { Node } from '../graph/node.ts'
import { formatShape } from '../tensor/shape.ts'
import type { OpSpec } from './spec.ts'

/** How the window moves over the image. */
export interface ConvAttrs {
  readonly stride: readonly [vertical: number, horizontal: number]
  /** Rows and columns of zeros around the image; the four sides may differ, as "same" padding at stride 2 needs. */
  readonly padding: readonly [top: number, bottom: number, left: number, right: number]
  readonly dilation: readonly [vertical: number, horizontal: number]
  /** Channels are split into this many groups that do not see each other; as many as channels: a depthwise convolution. */
  readonly groups: number
}

/** Size of the result along one axis, as in PyTorch. */
export function convolvedSize(size: number, kernel: number, stride: number, padding: number, dilation: number): number {
  return Math.floor((size + padding - dilation * (kernel - 1) - 1) / stride) + 1
}

function checkFloat(name: string, inputs: readonly Node[]): void {
  for (const { dtype, shape } of inputs) {
    if (dtype !== 'float32') throw new DTypeError(`${name}: is defined for float32, got ${dtype}; convert with cast()`)
    if (shape.length !== 4) {
      throw new ShapeError(
        `${name}: wants images [N, C, H, W] and weights [O, C / groups, h, w], got ${formatShape(shape)}`,
      )
    }
  }
}

/**
 * Slides a window of weights [O, C / groups, h, w] over images [N, C, H, W] → [N, O, H', W'].
 * Cross-correlation, as PyTorch's conv2d.
 */
export const conv2d: OpSpec<ConvAttrs> = {
  name: 'conv2d',
  kind: 'contraction',
  infer([x, w], { stride, padding, dilation, groups }) {
    checkFloat('conv2d', [x, w])
    const [n, channels, height, width] = x.shape
    const [outputs, perGroup, kh, kw] = w.shape
    if (channels !== perGroup * groups) {
      throw new ShapeError(
        `conv2d: images ${formatShape(x.shape)} have ${channels} channels, weights ${formatShape(w.shape)} with groups ${groups} want ${perGroup * groups}`,
      )
    }
    if (outputs % groups !== 0)
      throw new ShapeError(`conv2d: ${outputs} output channels cannot be split into ${groups} groups`)
    const h = convolvedSize(height, kh, stride[0], padding[0] + padding[1], dilation[0])
    const wide = convolvedSize(width, kw, stride[1], padding[2] + padding[3], dilation[1])
    if (h < 1 || wide < 1) {
      throw new ShapeError(
        `conv2d: a window of ${kh}×${kw} (dilation ${dilation[0]}×${dilation[1]}) does not fit images ${formatShape(x.shape)} with padding ${formatShape(padding)}`,
      )
    }
    return { shape: [n, outputs, h, wide], dtype: 'float32' }
  },
  gradient: ({ g, inputs: [x, w], grad, attrs }) => [
    g.conv2dInputGrad(grad, w, { ...attrs, inputShape: x.shape }),
    g.conv2dWeightGrad(x, grad, { ...attrs, weightShape: w.shape }),
  ],
  samples: () => convSamples.map(({ name, x, w, ...attrs }) => ({ name, inputs: [{ shape: x }, { shape: w }], attrs })),
}

/** The gradient of a convolution with respect to its images: a transposed convolution. */
export const conv2dInputGrad: OpSpec<ConvAttrs & { inputShape: readonly number[] }> = {
  name: 'conv2dInputGrad',
  kind: 'contraction',
  infer(inputs, { inputShape }) {
    checkFloat('conv2dInputGrad', inputs)
    return { shape: inputShape, dtype: 'float32' }
  },
  gradient: ({ g, inputs: [dy, w], grad, attrs: { inputShape: _, ...attrs } }) => [
    g.conv2d(grad, w, attrs),
    g.conv2dWeightGrad(grad, dy, { ...attrs, weightShape: w.shape }),
  ],
  samples: () =>
    convSamples.map(({ name, x, w, ...attrs }) => ({
      name,
      inputs: [{ shape: outputShape(x, w, attrs) }, { shape: w }],
      attrs: { ...attrs, inputShape: x },
    })),
}

/** The gradient of a convolution with respect to its weights. */
export const conv2dWeightGrad: OpSpec<ConvAttrs & { weightShape: readonly number[] }> = {
  name: 'conv2dWeightGrad',
  kind: 'contraction',
  infer(inputs, { weightShape }) {
    checkFloat('conv2dWeightGrad', inputs)
    return { shape: weightShape, dtype: 'float32' }
  },
  gradient: ({ g, inputs: [x, dy], grad, attrs: { weightShape: _, ...attrs } }) => [
    g.conv2dInputGrad(dy, grad, { ...attrs, inputShape: x.shape }),
    g.conv2d(x, grad, attrs),
  ],
  samples: () =>
    convSamples.map(({ name, x, w, ...attrs }) => ({
      name,
      inputs: [{ shape: x }, { shape: outputShape(x, w, attrs) }],
      attrs: { ...attrs, weightShape: w },
    })),
}

function outputShape(x: readonly number[], w: readonly number[], { stride, padding, dilation }: ConvAttrs): number[] {
  return [
    x[0],
    w[0],
    convolvedSize(x[2], w[2], stride[0], padding[0] + padding[1], dilation[0]),
    convolvedSize(x[3], w[3], stride[1], padding[2] + padding[3], dilation[1]),
  ]
}

interface ConvSample extends ConvAttrs {
  readonly name: string
  readonly x: readonly number[]
  readonly w: readonly number[]
}

const plain: ConvAttrs = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 }

const convSamples: readonly ConvSample[] = [
  { name: '3×3', x: [2, 3, 7, 8], w: [4, 3, 3, 3], ...plain },
  { name: 'one channel', x: [2, 1, 6, 6], w: [5, 1, 3, 3], ...plain },
  { name: 'padded', x: [1, 4, 5, 6], w: [8, 4, 3, 3], ...plain, padding: [1, 1, 1, 1] },
  { name: '16 to 20 channels', x: [1, 16, 6, 7], w: [20, 16, 3, 3], ...plain, padding: [1, 1, 1, 1] },
  { name: '1×1', x: [2, 5, 4, 3], w: [7, 5, 1, 1], ...plain },
  {
    name: 'stride 2, uneven padding',
    x: [1, 3, 8, 8],
    w: [4, 3, 3, 3],
    ...plain,
    stride: [2, 2],
    padding: [0, 1, 0, 1],
  },
  { name: 'stride 2 that leaves a row over', x: [1, 2, 8, 7], w: [3, 2, 3, 3], ...plain, stride: [2, 2] },
  { name: 'dilated', x: [1, 2, 9, 9], w: [3, 2, 3, 3], ...plain, dilation: [2, 3], padding: [2, 2, 3, 3] },
  { name: 'two groups', x: [2, 4, 5, 5], w: [6, 2, 3, 3], ...plain, groups: 2, padding: [1, 1, 1, 1] },
  { name: 'depthwise 3×3', x: [1, 6, 7, 6], w: [6, 1, 3, 3], ...plain, groups: 6, padding: [1, 1, 1, 1] },
  {
    name: 'depthwise 5×5, stride 2',
    x: [1, 9, 8, 8],
    w: [9, 1, 5, 5],
    ...plain,
    stride: [2, 2],
    groups: 9,
    padding: [1, 2, 1, 2],
  },
]
