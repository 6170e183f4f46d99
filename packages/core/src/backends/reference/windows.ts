import type { Node } from '../../graph/node.ts'
import type { WindowAttrs } from '../../ops/window.ts'
import type { TypedArray } from '../../tensor/dtype.ts'
import { sizeOf } from '../../tensor/shape.ts'
import { output, rounded } from './arrays.ts'

/** Calls `visit` with every element of every window that is inside the image: its place there, in the window, and the window's. */
function forEachElement(
  image: readonly number[],
  pooled: readonly number[],
  { kernel, stride, padding }: WindowAttrs,
  visit: (element: number, inside: number, window: number) => void,
): void {
  const [batch, channels, height, width] = image
  const [, , rows, columns] = pooled
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let i = 0; i < kernel[0]; i++) {
          const h = row * stride[0] + i - padding[0]
          if (h < 0 || h >= height) continue
          for (let j = 0; j < kernel[1]; j++) {
            const w = column * stride[1] + j - padding[2]
            if (w < 0 || w >= width) continue
            visit((plane * height + h) * width + w, i * kernel[1] + j, (plane * rows + row) * columns + column)
          }
        }
      }
    }
  }
}

/** Which element of each window is the largest; the first of equals, NaN before all. */
export function maxIndex(node: Node, x: TypedArray, attrs: WindowAttrs): TypedArray {
  const size = sizeOf(node.shape)
  const best = new Float64Array(size).fill(Number.NEGATIVE_INFINITY)
  const index = new Int32Array(size).fill(-1)
  forEachElement(node.inputs[0].shape, node.shape, attrs, (element, inside, window) => {
    const value = x[element]
    const champion = best[window]
    if (index[window] < 0 || (champion === champion && (value > champion || value !== value))) {
      best[window] = value
      index[window] = inside
    }
  })
  return index
}

/** The elements at given places of the windows. */
export function valuesAt(node: Node, x: TypedArray, index: TypedArray, attrs: WindowAttrs): TypedArray {
  const out = output('float32', sizeOf(node.shape))
  forEachElement(node.inputs[0].shape, node.shape, attrs, (element, inside, window) => {
    if (index[window] === inside) out[window] = x[element]
  })
  return out
}

export function selectWinners(node: Node, [x, index]: readonly TypedArray[], attrs: WindowAttrs): TypedArray {
  return valuesAt(node, x, index, attrs)
}

export function scatterWinners(node: Node, [dy, index]: readonly TypedArray[], attrs: WindowAttrs): TypedArray {
  const sums = new Float64Array(sizeOf(node.shape))
  forEachElement(node.shape, node.inputs[0].shape, attrs, (element, inside, window) => {
    if (index[window] === inside) sums[element] += dy[window]
  })
  return rounded(sums)
}

export function sumWindows(node: Node, [x]: readonly TypedArray[], attrs: WindowAttrs): TypedArray {
  const sums = new Float64Array(sizeOf(node.shape))
  forEachElement(node.inputs[0].shape, node.shape, attrs, (element, _, window) => {
    sums[window] += x[element]
  })
  return rounded(sums)
}

export function sumWindowsGrad(node: Node, [dy]: readonly TypedArray[], attrs: WindowAttrs): TypedArray {
  const sums = new Float64Array(sizeOf(node.shape))
  forEachElement(node.shape, node.inputs[0].shape, attrs, (element, _, window) => {
    sums[element] += dy[window]
  })
  return rounded(sums)
}
