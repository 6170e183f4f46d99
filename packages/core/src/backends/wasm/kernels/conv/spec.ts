/** How images lie in memory, channels innermost (NHWC). All distances count floats. */
export interface ImageLayout {
  /** From a pixel to its right neighbour; the number of channels where dense. */
  readonly pixel: number
  /** From a pixel to the one below. */
  readonly row: number
  /** From an image to the next. */
  readonly image: number
  /** From the pointer to pixel (0, 0) of image 0; 0 by default. */
  readonly offset?: number
}

/**
 * A two-dimensional convolution and its gradients, as PyTorch's `conv2d` defines them.
 *
 * Borders are not tested for: the image that a kernel reads around must have a border of zeros, as wide as
 * `inputBorder` (forward, weight gradient), `outputGradientBorder` (input gradient) or `weightGradientBorder` say.
 */
export interface Conv2dSpec {
  readonly images: number
  readonly inChannels: number
  readonly inHeight: number
  readonly inWidth: number
  readonly outChannels: number
  readonly outHeight: number
  readonly outWidth: number
  readonly kernelHeight: number
  readonly kernelWidth: number
  readonly strideY: number
  readonly strideX: number
  readonly dilationY: number
  readonly dilationX: number
  /** Zeros above and left of the input. */
  readonly padTop: number
  readonly padLeft: number
  readonly groups: number
  /** The input, or its gradient. */
  readonly input: ImageLayout
  /** The output, or its gradient. */
  readonly output: ImageLayout
  /**
   * Whether 3 × 3 convolutions of stride 1 go by Winograd's algorithm, which needs a quarter of the multiplications and
   * has about twice the rounding error; a NaN or an infinity reaches all 4 × 4 results of its tile. By default large
   * ones do.
   */
  readonly winograd?: boolean
}

/** Pixels around an image. */
export interface Border {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/** The layout of images with a border around each (the pointer points at the border's corner). */
export function paddedLayout(height: number, width: number, channels: number, border: Border): ImageLayout {
  const row = (width + border.left + border.right) * channels
  const offset = border.top * row + border.left * channels
  return { pixel: channels, row, image: (height + border.top + border.bottom) * row, offset }
}

export const noBorder: Border = { top: 0, bottom: 0, left: 0, right: 0 }

export const groupInChannels = (spec: Conv2dSpec): number => spec.inChannels / spec.groups
export const groupOutChannels = (spec: Conv2dSpec): number => spec.outChannels / spec.groups

/** Whether each channel is convolved by itself; such convolutions have kernels of their own. */
export const isDepthwise = (spec: Conv2dSpec): boolean =>
  spec.groups > 1 && spec.groups === spec.inChannels && spec.groups === spec.outChannels

export function describeConv2d(spec: Conv2dSpec): string {
  const size = (y: number, x: number): string => (y === x ? `${y}` : `${y}x${x}`)
  const stride = spec.strideY * spec.strideX > 1 ? ` stride ${size(spec.strideY, spec.strideX)}` : ''
  const dilation = spec.dilationY * spec.dilationX > 1 ? ` dilation ${size(spec.dilationY, spec.dilationX)}` : ''
  const groups = spec.groups > 1 ? ` groups ${spec.groups}` : ''
  const out = `${spec.outHeight}x${spec.outWidth}`
  return `${spec.kernelHeight}x${spec.kernelWidth}${stride}${dilation}${groups} ${spec.inChannels}->${spec.outChannels} @${spec.images}x${out}`
}

/** Throws where the sizes contradict each other. */
export function checkConv2d(spec: Conv2dSpec): void {
  if (spec.inChannels % spec.groups !== 0 || spec.outChannels % spec.groups !== 0)
    throw new RangeError(
      `conv2d ${describeConv2d(spec)}: ${spec.groups} groups do not divide ${spec.inChannels} and ${spec.outChannels} channels`,
    )
}
