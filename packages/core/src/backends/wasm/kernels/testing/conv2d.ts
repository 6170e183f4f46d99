import fc from 'fast-check'
import { inputBorder, joinBorders, outputGradientBorder, weightGradientBorder } from '../conv/borders.ts'
import { type Conv2dSpec, type ImageLayout, paddedLayout } from '../conv/spec.ts'

/** A convolution by PyTorch's arguments; images lie with just the borders that the kernels need. */
export function conv2dSpec(c: {
  images?: number
  inChannels: number
  outChannels: number
  height: number
  width: number
  kernel: number | [number, number]
  stride?: number | [number, number]
  padding?: number | [number, number]
  dilation?: number | [number, number]
  groups?: number
  winograd?: boolean
}): Conv2dSpec {
  const both = (value: number | [number, number]): [number, number] =>
    typeof value === 'number' ? [value, value] : value
  const [kernelHeight, kernelWidth] = both(c.kernel)
  const [strideY, strideX] = both(c.stride ?? 1)
  const [padTop, padLeft] = both(c.padding ?? 0)
  const [dilationY, dilationX] = both(c.dilation ?? 1)
  const out = (size: number, kernel: number, stride: number, pad: number, dilation: number): number =>
    Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1
  const outHeight = out(c.height, kernelHeight, strideY, padTop, dilationY)
  const outWidth = out(c.width, kernelWidth, strideX, padLeft, dilationX)
  const none: ImageLayout = { pixel: 0, row: 0, image: 0 }
  const spec: Conv2dSpec = {
    images: c.images ?? 1,
    inChannels: c.inChannels,
    inHeight: c.height,
    inWidth: c.width,
    outChannels: c.outChannels,
    outHeight,
    outWidth,
    kernelHeight,
    kernelWidth,
    strideY,
    strideX,
    padTop,
    padLeft,
    dilationY,
    dilationX,
    groups: c.groups ?? 1,
    ...(c.winograd !== undefined && { winograd: c.winograd }),
    input: none,
    output: none,
  }
  return {
    ...spec,
    input: paddedLayout(c.height, c.width, c.inChannels, inputBorder(spec)),
    output: paddedLayout(
      outHeight,
      outWidth,
      c.outChannels,
      joinBorders(outputGradientBorder(spec), weightGradientBorder(spec)),
    ),
  }
}

/** Small convolutions of every kind. */
export const smallConvolutions: fc.Arbitrary<Conv2dSpec> = fc
  .record({
    images: fc.integer({ min: 1, max: 3 }),
    inPerGroup: fc.integer({ min: 1, max: 9 }),
    outPerGroup: fc.integer({ min: 1, max: 21 }),
    groups: fc.constantFrom(1, 1, 1, 2, 3),
    height: fc.integer({ min: 1, max: 14 }),
    width: fc.integer({ min: 1, max: 14 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    padding: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  })
  .map(({ inPerGroup, outPerGroup, ...rest }) =>
    conv2dSpec({ ...rest, inChannels: inPerGroup * rest.groups, outChannels: outPerGroup * rest.groups }),
  )
  .filter((spec) => spec.outHeight > 0 && spec.outWidth > 0)

/** Small depthwise convolutions. */
export const depthwiseConvolutions: fc.Arbitrary<Conv2dSpec> = fc
  .record({
    images: fc.integer({ min: 1, max: 3 }),
    inChannels: fc.integer({ min: 2, max: 27 }),
    height: fc.integer({ min: 1, max: 12 }),
    width: fc.integer({ min: 1, max: 12 }),
    kernel: fc.constantFrom<[number, number][]>([3, 3], [5, 5], [1, 3], [2, 2], [1, 1]),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    padding: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
    dilation: fc.constantFrom(1, 1, 2),
  })
  .map((c) => conv2dSpec({ ...c, outChannels: c.inChannels, groups: c.inChannels }))
  .filter((spec) => spec.outHeight > 0 && spec.outWidth > 0)

/** Convolutions that Winograd's algorithm does. */
export const winogradConvolutions: fc.Arbitrary<Conv2dSpec> = fc
  .record({
    images: fc.integer({ min: 1, max: 3 }),
    inChannels: fc.integer({ min: 1, max: 35 }),
    outChannels: fc.integer({ min: 1, max: 35 }),
    outHeight: fc.integer({ min: 1, max: 16 }),
    outWidth: fc.integer({ min: 1, max: 16 }),
    padding: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
  })
  .map(({ outHeight, outWidth, ...rest }) =>
    conv2dSpec({
      ...rest,
      kernel: 3,
      winograd: true,
      height: outHeight + 2 - 2 * rest.padding[0],
      width: outWidth + 2 - 2 * rest.padding[1],
    }),
  )
  .filter((spec) => spec.inHeight > 0 && spec.inWidth > 0)

/** Convolutions with few output channels. */
export const narrowConvolutions: fc.Arbitrary<Conv2dSpec> = fc
  .record({
    images: fc.integer({ min: 1, max: 3 }),
    inChannels: fc.integer({ min: 3, max: 40 }),
    outChannels: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 12 }),
    width: fc.integer({ min: 1, max: 14 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    padding: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.constant(1)),
  })
  .map((c) => conv2dSpec(c))
  .filter((spec) => spec.outHeight > 0 && spec.outWidth > 0)

export const layoutFloats = (layout: ImageLayout, images: number): number => layout.image * images

/** Copies dense images into a layout. */
export function spread(
  dense: ArrayLike<number>,
  target: Float32Array,
  size: { images: number; height: number; width: number; channels: number },
  layout: ImageLayout,
): void {
  forEachPixel(size, layout, (from, to) => {
    for (let c = 0; c < size.channels; c++) target[to + c] = dense[from + c]!
  })
}

/** Copies images out of a layout. */
export function gather(
  source: ArrayLike<number>,
  size: { images: number; height: number; width: number; channels: number },
  layout: ImageLayout,
): Float32Array {
  const dense = new Float32Array(size.images * size.height * size.width * size.channels)
  forEachPixel(size, layout, (to, from) => {
    for (let c = 0; c < size.channels; c++) dense[to + c] = source[from + c]!
  })
  return dense
}

function forEachPixel(
  size: { images: number; height: number; width: number; channels: number },
  layout: ImageLayout,
  body: (dense: number, placed: number) => void,
): void {
  for (let n = 0; n < size.images; n++)
    for (let y = 0; y < size.height; y++)
      for (let x = 0; x < size.width; x++)
        body(
          ((n * size.height + y) * size.width + x) * size.channels,
          (layout.offset ?? 0) + n * layout.image + y * layout.row + x * layout.pixel,
        )
}

export const inputSize = (s: Conv2dSpec) => ({
  images: s.images,
  height: s.inHeight,
  width: s.inWidth,
  channels: s.inChannels,
})

export const outputSize = (s: Conv2dSpec) => ({
  images: s.images,
  height: s.outHeight,
  width: s.outWidth,
  channels: s.outChannels,
})
