import type { Node } from '../../graph/node.ts'
import type { ConvAttrs } from '../../ops/conv2d.ts'
import type { TypedArray } from '../../tensor/dtype.ts'
import { sizeOf } from '../../tensor/shape.ts'
import { rounded } from './arrays.ts'

/**
 * Calls `visit` with every product a convolution is the sum of: where its image element, its weight and its result
 * stand. Forward and both gradients are the same walk.
 */
function forEachProduct(
  x: readonly number[],
  w: readonly number[],
  y: readonly number[],
  { stride, padding, dilation, groups }: ConvAttrs,
  visit: (image: number, weight: number, result: number) => void,
): void {
  const [batch, channels, height, width] = x
  const [outputs, perGroup, kh, kw] = w
  const [, , rows, columns] = y
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      const firstChannel = Math.floor(o / (outputs / groups)) * perGroup
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const result = ((n * outputs + o) * rows + row) * columns + column
          for (let c = 0; c < perGroup; c++) {
            for (let i = 0; i < kh; i++) {
              const h = row * stride[0] + i * dilation[0] - padding[0]
              if (h < 0 || h >= height) continue
              for (let j = 0; j < kw; j++) {
                const v = column * stride[1] + j * dilation[1] - padding[2]
                if (v < 0 || v >= width) continue
                const image = ((n * channels + firstChannel + c) * height + h) * width + v
                visit(image, ((o * perGroup + c) * kh + i) * kw + j, result)
              }
            }
          }
        }
      }
    }
  }
}

export function convolution(node: Node, [x, w]: readonly TypedArray[], attrs: ConvAttrs): TypedArray {
  const sums = new Float64Array(sizeOf(node.shape))
  const [images, weights] = node.inputs
  forEachProduct(images.shape, weights.shape, node.shape, attrs, (image, weight, result) => {
    sums[result] += x[image] * w[weight]
  })
  return rounded(sums)
}

export function convolutionInputGrad(node: Node, [dy, w]: readonly TypedArray[], attrs: ConvAttrs): TypedArray {
  const sums = new Float64Array(sizeOf(node.shape))
  const [results, weights] = node.inputs
  forEachProduct(node.shape, weights.shape, results.shape, attrs, (image, weight, result) => {
    sums[image] += dy[result] * w[weight]
  })
  return rounded(sums)
}

export function convolutionWeightGrad(node: Node, [x, dy]: readonly TypedArray[], attrs: ConvAttrs): TypedArray {
  const sums = new Float64Array(sizeOf(node.shape))
  const [images, results] = node.inputs
  forEachProduct(images.shape, node.shape, results.shape, attrs, (image, weight, result) => {
    sums[weight] += x[image] * dy[result]
  })
  return rounded(sums)
}
