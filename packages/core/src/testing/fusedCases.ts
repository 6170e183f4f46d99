import { gradients } from '../autograd/backward.ts'
import type { Node } from '../graph/node.ts'
import { build as g } from '../ops/build.ts'
import type { ConvAttrs } from '../ops/conv2d.ts'
import type { Case } from './cases.ts'

/** A factor or summand for each channel, as large as the images. */
export const perChannel = (value: Node, { shape }: Node): Node =>
  g.expand(g.reshape(value, [1, shape[1], 1, 1]), [...shape])

/** What a network does after a convolution, with running statistics: scale, shift, SiLU. */
function activated(y: Node, scale: Node, shift: Node): Node {
  const normalized = g.add(g.mul(y, perChannel(scale, y)), perChannel(shift, y))
  return g.mul(normalized, g.sigmoid(normalized))
}

/** A convolution whose padding keeps the size, divided by the stride. */
export const attrs = (kernel: number, stride: number, groups: number): ConvAttrs => {
  const padding = kernel >> 1
  return { stride: [stride, stride], padding: [padding, padding, padding, padding], dilation: [1, 1], groups }
}

/**
 * Convolutions of every kind (kernel, stride, groups, channels) with what becomes part of their kernels: an activation that
 * a pooling and a second convolution read, which wants a border of zeros around it.
 */
export function fusedCases(): Case[] {
  const kinds: readonly [name: string, channels: number, kernel: number, stride: number, groups: number][] = [
    ['1 × 1', 19, 1, 1, 1],
    ['3 × 3', 21, 3, 1, 1],
    ['3 × 3 of stride 2', 12, 3, 2, 1],
    ['depthwise', 18, 3, 1, 18],
    ['depthwise 5 × 5 of stride 2', 18, 5, 2, 18],
    ['grouped', 12, 3, 1, 2],
    ['narrow', 2, 3, 1, 1],
  ]
  return kinds.map(([name, channels, kernel, stride, groups]) => {
    const from = groups === channels ? channels : 12
    return {
      op: 'conv2d',
      name: `${name}, activated, read by a pooling and within a border`,
      inputs: [
        { shape: [2, from, 20, 16] },
        { shape: [channels, from / groups, kernel, kernel] },
        { shape: [channels] },
        { shape: [channels] },
        { shape: [4, channels, 3, 3] },
        { shape: [2, 4, 20 / stride, 16 / stride], differentiable: false },
      ],
      outputs: ([x, weights, scale, shift, next, grad]) => {
        // Sums are made means, so that values stay about 1 and an absolute tolerance means something.
        const [, , height, width] = x.shape
        const mean = (sum: Node, terms: number): Node => g.mul(sum, g.scalar(1 / terms))
        const convolution = g.conv2d(x, weights, attrs(kernel, stride, groups))
        const y = activated(mean(convolution, weights.shape[1] * kernel ** 2), scale, shift)
        const pooled = g.reshape(mean(g.sum(y, [2, 3]), (height * width) / stride ** 2), [2, channels, 1, 1])
        const output = mean(g.conv2d(g.mul(y, g.expand(pooled, [...y.shape])), next, attrs(3, 1, 1)), 9 * channels)
        const again = mean(g.conv2d(y, next, attrs(3, 1, 1)), 9 * channels)
        return [output, again, ...gradients(output, [x, weights, scale], grad).filter((node) => node !== null)]
      },
    }
  })
}
