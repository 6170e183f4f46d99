import { gradients } from '../autograd/backward.ts'
import { build as g } from '../ops/build.ts'
import type { SampleInput } from '../ops/spec.ts'
import { statistics } from '../ops/standardize.ts'
import { sizeOf } from '../tensor/shape.ts'
import type { Case } from './cases.ts'
import { attrs, perChannel } from './fusedCases.ts'

const axes = [0, 2, 3]
const plain = attrs(1, 1, 1)

/**
 * Convolutions of every kind between batch norms, of images so large that the convolutions' kernels gather the
 * statistics: mean and variance of their results forward, and the two sums of their input gradients backward. An offset puts
 * the mean far from 0, where a variance made of sums of squares would be lost.
 */
export function gatheredCases(): Case[] {
  const kinds: readonly [name: string, channels: number, kernel: number, stride: number, groups: number][] = [
    ['1 × 1', 19, 1, 1, 1],
    ['3 × 3', 21, 3, 1, 1],
    ['3 × 3 of stride 2', 20, 3, 2, 1],
    ['depthwise', 18, 3, 1, 18],
    ['depthwise 5 × 5 of stride 2', 21, 5, 2, 21],
    ['grouped', 18, 3, 1, 2],
    ['narrow', 3, 3, 1, 1],
  ]
  const layers = kinds.map(([name, channels, kernel, stride, groups]): Case => {
    const from = groups === channels ? channels : 6
    const size = Math.ceil(Math.sqrt((1 << 16) / Math.min(channels, from) / 2)) * stride + 1
    const out = Math.ceil(size / stride)
    return {
      op: 'joined',
      name: `statistics gathered by a convolution ${name}`,
      inputs: [
        { shape: [2, from, size, size] },
        { shape: [from, from, 1, 1] },
        { shape: [channels, from / groups, kernel, kernel] },
        { shape: [channels] },
        { shape: [channels] },
        { shape: [2, channels, out, out], differentiable: false },
      ],
      outputs: ([x, before, weights, scale, shift, grad]) => {
        const first = g.standardize(g.conv2d(x, before, plain), axes, 1e-5)
        const results = g.conv2d(g.mul(first, g.sigmoid(first)), weights, attrs(kernel, stride, groups))
        const y = g.add(results, perChannel(g.mul(shift, g.scalar(10)), results))
        const { mean, variance } = statistics(g, y, { axes, eps: 1e-5 })
        const normal = g.standardize(y, axes, 1e-5)
        const output = g.add(g.mul(normal, perChannel(scale, y)), perChannel(shift, y))
        // Means in place of sums, so that values stay about 1 and an absolute tolerance means something.
        const share = g.scalar(1 / Math.sqrt(sizeOf([2, out, out])))
        const grads = gradients(g.relu(output), [before, weights, scale, shift], g.mul(grad, share))
        return [output, mean, variance, ...grads.filter((node) => node !== null).map((node) => g.mul(node, share))]
      },
    }
  })
  return [...layers, hugeNumbers, ...notGathered]
}

const hugeNumbers: Case = {
  op: 'joined',
  name: 'variance of numbers whose squares are infinite',
  inputs: [{ shape: [2, 3, 32, 32] }, { shape: [32, 3, 1, 1] }],
  outputs: ([x, w]) => {
    const y = g.add(g.mul(g.conv2d(x, w, plain), g.scalar(2 ** 55)), g.scalar(2 ** 65))
    return [g.mul(statistics(g, y, { axes, eps: 0 }).variance, g.scalar(2 ** -110))]
  },
}

const weights: SampleInput = { shape: [32, 3, 1, 1] }

/** What looks like a sum over all that a convolution stores, and is none. */
const notGathered: readonly Case[] = [
  {
    op: 'joined',
    name: 'sums over the first rows of a convolution, and over more rows than it has',
    inputs: [{ shape: [2, 3, 64, 32] }, weights],
    outputs: ([x, w]) => {
      const y = g.conv2d(x, w, plain)
      const sums = [g.slice(y, [0, 0, 0, 0], [2, 32, 32, 32]), g.pad(y, [0, 0, 0, 0], [0, 0, 1, 0], 3)]
      return [y, ...sums.map((part) => g.mul(g.sum(part, axes), g.scalar(1 / 64)))]
    },
  },
  {
    op: 'joined',
    name: 'distances of a convolution from the means of its channels laid along its columns',
    inputs: [{ shape: [2, 3, 32, 32] }, weights],
    outputs: ([x, w]) => {
      const y = g.conv2d(x, w, plain)
      const mean = g.mul(g.sum(y, axes), g.scalar(1 / 2048))
      const centered = g.sub(y, g.expand(g.reshape(mean, [1, 1, 1, 32]), [...y.shape]))
      return [y, g.mul(g.sum(g.mul(centered, centered), axes), g.scalar(1 / 2048))]
    },
  },
]
