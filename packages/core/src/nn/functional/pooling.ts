import { build as g } from '../../ops/build.ts'
import type { WindowAttrs } from '../../ops/window.ts'
import { fromArray } from '../../tensor/create.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { checkImages } from './convolution.ts'
import { mixAxis } from './mix.ts'
import { type Padding, type Pair, pairOf, sidesOf } from './pair.ts'

/** How the window moves. A pair is [rows, columns]. */
export interface PoolOptions {
  /** How far the window moves at each step. Default: the size of the window. */
  readonly stride?: Pair
  /** Rows and columns around the image, at most half of the window. Default 0. */
  readonly padding?: Padding
}

/** As for `maxPool2d`, and what the mean is taken over at the rim. */
export interface AvgPoolOptions extends PoolOptions {
  /** Whether the padding counts in the mean, as zeros. Default true. */
  readonly countIncludePad?: boolean
}

/**
 * The largest element of each window. Of equal ones the first gets the gradient.
 *
 * @param x Images [N, C, H, W].
 * @returns [N, C, H', W'] with H' = floor((H + padding − window) / stride) + 1.
 */
export function maxPool2d(x: Tensor, kernelSize: Pair, options: PoolOptions = {}): Tensor {
  checkImages('maxPool2d', x)
  return new Tensor(g.maxPool2d(x.node, windowOf('maxPool2d', kernelSize, options)))
}

/** The mean of each window; shapes as for `maxPool2d`. */
export function avgPool2d(x: Tensor, kernelSize: Pair, options: AvgPoolOptions = {}): Tensor {
  checkImages('avgPool2d', x)
  const attrs = windowOf('avgPool2d', kernelSize, options)
  const sums = new Tensor(g.sumPool2d(x.node, attrs))
  const { countIncludePad = true } = options
  if (countIncludePad || attrs.padding.every((side) => side === 0)) {
    return sums.mul(1 / (attrs.kernel[0] * attrs.kernel[1]))
  }
  const [, , height, width] = x.shape
  const [, , rows, columns] = sums.shape
  const vertical = insideCounts(rows, attrs.kernel[0], attrs.stride[0], attrs.padding[0], height)
  const horizontal = insideCounts(columns, attrs.kernel[1], attrs.stride[1], attrs.padding[2], width)
  const shares = vertical.flatMap((v) => horizontal.map((h) => 1 / (v * h)))
  return sums.mul(fromArray(shares, [1, 1, rows, columns]))
}

/**
 * Means over as many windows as the result shall have elements; their sizes differ by one at most.
 *
 * @param outputSize Rows and columns of the result.
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: Pair): Tensor {
  checkImages('adaptiveAvgPool2d', x)
  const [rows, columns] = pairOf(outputSize, 1, 'adaptiveAvgPool2d: outputSize')
  const [, , height, width] = x.shape
  if (rows === 1 && columns === 1) return x.mean([2, 3], { keepDims: true })
  if (height % rows === 0 && width % columns === 0) return avgPool2d(x, [height / rows, width / columns])
  return mixAxis(mixAxis(x, 2, averages(height, rows)), 3, averages(width, columns))
}

function windowOf(name: string, kernelSize: Pair, { stride, padding = 0 }: PoolOptions): WindowAttrs {
  const kernel = pairOf(kernelSize, 1, `${name}: kernelSize`)
  return {
    kernel,
    stride: stride === undefined ? kernel : pairOf(stride, 1, `${name}: stride`),
    padding: sidesOf(padding, `${name}: padding`),
  }
}

/** How many elements of each window are inside the image, along one axis. */
function insideCounts(windows: number, kernel: number, stride: number, before: number, size: number): number[] {
  return Array.from({ length: windows }, (_, i) => {
    const start = i * stride - before
    return Math.min(start + kernel, size) - Math.max(start, 0)
  })
}

/** For each element of the result the weights of the elements it is the mean of. */
function averages(size: number, results: number): number[][] {
  return Array.from({ length: results }, (_, i) => {
    const start = Math.floor((i * size) / results)
    const end = Math.ceil(((i + 1) * size) / results)
    return Array.from({ length: size }, (_, k) => (k >= start && k < end ? 1 / (end - start) : 0))
  })
}
