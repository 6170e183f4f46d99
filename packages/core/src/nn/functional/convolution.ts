import { received, ShapeError, TrainyardError } from '../../errors.ts'
import { build as g } from '../../ops/build.ts'
import { formatShape, sameShape } from '../../tensor/shape.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { type Padding, type Pair, pairOf, sidesOf } from './pair.ts'

/** How the window moves. A pair is [rows, columns]. */
export interface Conv2dOptions {
  /** How far the window moves at each step. Default 1. */
  readonly stride?: Pair
  /**
   * Zeros around the image: one number, one for each direction, or the four sides (top, bottom, left, right). 'same'
   * keeps the size (stride 1 only). Default 0.
   */
  readonly padding?: Padding | 'same' | 'valid'
  /** Distance between the elements of the window. Default 1. */
  readonly dilation?: Pair
  /** Number of groups of channels that do not see each other. Default 1. */
  readonly groups?: number
}

/** As for `conv2d`, whose transpose it is; padding makes the result smaller here. */
export interface ConvTranspose2dOptions extends Omit<Conv2dOptions, 'padding'> {
  /** How much of the result's rim is cut off: the padding of the convolution this one undoes. Default 0. */
  readonly padding?: Padding
  /** Added to the size at the bottom and right, where several sizes lead to the same input. Default 0. */
  readonly outputPadding?: Pair
}

/**
 * Slides a window over images.
 *
 * @param x Images [N, C, H, W].
 * @param weight Windows [O, C / groups, h, w].
 * @param bias One number for each of the O output channels.
 * @returns [N, O, H', W'] with H' = floor((H + padding − dilation · (h − 1) − 1) / stride) + 1.
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: Conv2dOptions = {}): Tensor {
  checkImages('conv2d', x)
  checkTensor('conv2d', 'weights', weight)
  const stride = pairOf(options.stride ?? 1, 1, 'conv2d: stride')
  const dilation = pairOf(options.dilation ?? 1, 1, 'conv2d: dilation')
  const groups = checkGroups('conv2d', options.groups)
  const padding = resolvePadding(options.padding ?? 0, weight.shape.slice(2), stride, dilation)
  const y = new Tensor(g.conv2d(x.node, weight.node, { stride, padding, dilation, groups }))
  return withBias('conv2d', y, bias)
}

/**
 * Spreads every element of an image over a window: the transpose of `conv2d`, used to enlarge.
 *
 * @param x Images [N, C, H, W].
 * @param weight Windows [C, O / groups, h, w].
 * @returns [N, O, H', W'] with H' = (H − 1) · stride − padding + dilation · (h − 1) + outputPadding + 1.
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTranspose2dOptions = {},
): Tensor {
  checkImages('convTranspose2d', x)
  checkTensor('convTranspose2d', 'weights', weight)
  const stride = pairOf(options.stride ?? 1, 1, 'convTranspose2d: stride')
  const dilation = pairOf(options.dilation ?? 1, 1, 'convTranspose2d: dilation')
  const groups = checkGroups('convTranspose2d', options.groups)
  const padding = sidesOf(options.padding ?? 0, 'convTranspose2d: padding')
  const extra = pairOf(options.outputPadding ?? 0, 0, 'convTranspose2d: outputPadding')
  const [batch, channels, height, width] = x.shape
  const [into, perGroup, kh, kw] = weight.shape
  if (weight.ndim !== 4 || channels !== into || channels % groups !== 0) {
    throw new ShapeError(
      `convTranspose2d: images ${formatShape(x.shape)} do not go with weights ${formatShape(weight.shape)}, which want ${into} channels in ${groups} groups`,
    )
  }
  for (const axis of [0, 1] as const) {
    if (extra[axis] >= Math.max(stride[axis], dilation[axis])) {
      throw new ShapeError(
        `convTranspose2d: outputPadding ${extra[axis]} must be smaller than stride ${stride[axis]} or dilation ${dilation[axis]}`,
      )
    }
  }
  const rows = (height - 1) * stride[0] - padding[0] - padding[1] + dilation[0] * (kh - 1) + extra[0] + 1
  const columns = (width - 1) * stride[1] - padding[2] - padding[3] + dilation[1] * (kw - 1) + extra[1] + 1
  if (rows < 1 || columns < 1) {
    throw new ShapeError(`convTranspose2d: padding ${formatShape(padding)} leaves nothing of ${formatShape(x.shape)}`)
  }
  // Output padding beyond the stride's remainder adds rows that no window reaches; the op takes the shape as given.
  const inputShape = [batch, perGroup * groups, rows, columns]
  const y = new Tensor(g.conv2dInputGrad(x.node, weight.node, { stride, padding, dilation, groups, inputShape }))
  return withBias('convTranspose2d', y, bias)
}

function withBias(name: string, y: Tensor, bias: Tensor | null | undefined): Tensor {
  if (!bias) return y
  const channels = y.shape[1]
  checkTensor(name, 'bias', bias)
  if (!sameShape(bias.shape, [channels])) {
    throw new ShapeError(
      `${name}: ${channels} output channels want a bias [${channels}], got ${formatShape(bias.shape)}`,
    )
  }
  return y.add(bias.reshape([1, -1, 1, 1]))
}

function checkTensor(name: string, what: string, value: Tensor): void {
  if (!(value instanceof Tensor))
    throw new TrainyardError(`${name}: the ${what} must be a tensor, got ${received(value)}`)
}

/** The four sides of a padding; 'same' puts the odd row below and the odd column to the right, as PyTorch. */
export function resolvePadding(
  padding: NonNullable<Conv2dOptions['padding']>,
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
): [number, number, number, number] {
  if (padding === 'valid') return [0, 0, 0, 0]
  if (padding !== 'same') return sidesOf(padding, 'conv2d: padding')
  if (stride.some((s) => s !== 1)) {
    throw new ShapeError(`conv2d: padding 'same' is defined for stride 1, got ${formatShape(stride)}; give the numbers`)
  }
  const [vertical, horizontal] = [0, 1].map((axis) => dilation[axis] * (kernel[axis] - 1))
  const [top, left] = [Math.floor(vertical / 2), Math.floor(horizontal / 2)]
  return [top, vertical - top, left, horizontal - left]
}

function checkGroups(name: string, groups = 1): number {
  if (!Number.isInteger(groups) || groups < 1) {
    throw new ShapeError(`${name}: groups must be an integer of at least 1, got ${groups}`)
  }
  return groups
}

/** Checks that x is a batch of images. */
export function checkImages(name: string, x: Tensor): void {
  checkTensor(name, 'images', x)
  if (x.ndim === 4) return
  const hint = x.ndim === 3 ? '; a single image needs an axis in front: x.unsqueeze(0)' : ''
  throw new ShapeError(`${name}: wants images [N, C, H, W], got ${formatShape(x.shape)}${hint}`)
}
