import { gradients } from '../autograd/backward.ts'
import type { Node } from '../graph/node.ts'
import { build as g } from '../ops/build.ts'
import type { SampleInput } from '../ops/spec.ts'
import type { Case } from './cases.ts'

const plain = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1], groups: 1 } as const
const pair = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] } as const
const weights: SampleInput = { shape: [5, 3, 3, 3] }
const places: SampleInput = { shape: [2, 3, 6, 8], dtype: 'int32', range: [0, 2] }

/** Cases about what one kernel hands to another: layouts that differ, and maps that are joined to what they follow. */
export function joinedCases(): Case[] {
  const cases: [name: string, inputs: SampleInput[], outputs: (inputs: readonly Node[]) => Node[]][] = [
    [
      'products of many matrices are convolved',
      [{ shape: [2, 3, 6, 4] }, { shape: [2, 3, 4, 8] }, weights],
      ([a, b, w]) => [g.conv2d(g.matmul(a, b, false, false), w, plain)],
    ],
    [
      'products of many matrices are pooled',
      [{ shape: [2, 3, 6, 4] }, { shape: [2, 3, 4, 8] }],
      ([a, b]) => [g.maxPool2d(g.matmul(a, b, false, false), pair)],
    ],
    [
      'scattered elements are convolved',
      [{ shape: [2, 3, 6, 8] }, places, weights],
      ([x, index, w]) => [g.conv2d(g.scatterAdd(x, index, 1, 3), w, plain)],
    ],
    [
      'the gradient of a convolution comes from many matrices, or is scattered',
      [{ shape: [2, 3, 6, 8] }, weights, { shape: [4, 6] }, { shape: [2, 5, 4, 8], differentiable: false }],
      ([x, w, m, grad]) => {
        const rows = g.expand(g.reshape(m, [1, 1, 4, 6]), [2, 5, 4, 6])
        const mixed = g.matmul(rows, g.conv2d(x, w, plain), false, false)
        const picked = g.gather(g.conv2d(x, w, plain), g.expand(g.iota([1, 1, 4, 1], 2), [2, 5, 4, 8]), 2)
        return [mixed, picked].flatMap((y) => gradients(y, [x, w], grad).map((node) => node!))
      },
    ],
    [
      'a product and what is padded along its columns, or its rows',
      [{ shape: [7, 6] }, { shape: [6, 9] }, { shape: [7, 2] }, { shape: [2, 9] }],
      ([a, b, column, row]) => {
        const product = (): Node => g.matmul(a, b, false, false)
        return [
          g.add(product(), g.pad(column, [0, 5], [0, 2], 0)),
          g.relu(g.sub(product(), g.pad(row, [3, 0], [2, 0], 1))),
        ]
      },
    ],
    [
      'a tall product of few columns and what is padded along its rows',
      [{ shape: [40, 6] }, { shape: [6, 3] }, { shape: [17, 3] }, { shape: [3, 2] }],
      ([a, b, row, c]) => {
        const sum = g.add(g.matmul(a, b, false, false), g.pad(row, [9, 0], [14, 0], 0))
        return [g.matmul(g.tanh(sum), c, false, false)]
      },
    ],
    [
      'a convolution and a shortcut with fewer channels',
      [{ shape: [2, 3, 6, 8] }, weights, { shape: [4, 5, 1, 1] }],
      ([x, w, next]) => {
        const sum = g.add(g.conv2d(x, w, plain), g.pad(x, [0, 0, 0, 0], [0, 2, 0, 0], 0))
        return [g.conv2d(g.relu(sum), next, { ...plain, padding: [0, 0, 0, 0] })]
      },
    ],
    [
      'rows are picked from a product',
      [{ shape: [4, 8] }, { shape: [8, 9] }, { shape: [4, 9], dtype: 'int32', range: [-1, 4] }],
      ([a, b, index]) => [g.mul(g.gather(g.matmul(a, b, false, false), index, 0), g.scalar(2))],
    ],
    [
      'a product that is read under another shape and back',
      [{ shape: [5, 2] }, { shape: [2, 4] }, { shape: [1, 5, 1, 4] }],
      ([a, b, c]) => {
        const image = g.reshape(g.matmul(a, b, false, false), [1, 5, 1, 4])
        return [g.add(g.reshape(g.mul(c, g.tanh(image)), [5, 4]), g.scalar(1))]
      },
    ],
    [
      'fills that JSON does not know',
      [{ shape: [3] }],
      ([x]) => [
        ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].map((value) => g.pad(x, [1], [0], value)),
        g.reciprocal(g.pad(x, [1], [0], 0)),
        g.reciprocal(g.pad(x, [1], [0], -0)),
      ],
    ],
    [
      'no elements, and sums over none',
      [{ shape: [0, 4] }, { shape: [4, 0] }, { shape: [0, 3, 6, 6] }, weights, { shape: [0, 5, 6, 6] }],
      ([a, b, x, w, grad]) => [
        g.matmul(a, b, false, false),
        g.matmul(b, a, false, false),
        g.sum(g.mul(a, a), [0]),
        g.concat([a, g.expand(g.reshape(g.scalar(3), [1, 1]), [2, 4])], 0),
        g.conv2d(x, w, plain),
        g.conv2dWeightGrad(x, grad, { ...plain, weightShape: weights.shape }),
        g.maxPool2d(x, pair),
        g.pad(g.exp(a), [1, 0], [2, 0], 5),
      ],
    ],
  ]
  return cases.map(([name, inputs, outputs]) => ({ op: 'joined', name, inputs, outputs }))
}
