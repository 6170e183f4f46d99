import { gradients } from '../autograd/backward.ts'
import type { Node } from '../graph/node.ts'
import { build as g } from '../ops/build.ts'
import type { OpName } from '../ops/registry.ts'
import type { SampleInput } from '../ops/spec.ts'
import type { Case } from './cases.ts'

const plain = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1], groups: 1 } as const
const quiet = (shape: number[]): SampleInput => ({ shape, differentiable: false })

/** An op with the gradients of all its inputs, weighted by the last input. */
function withGradients(make: (inputs: readonly Node[]) => Node): Case['outputs'] {
  return (inputs) => {
    const operands = inputs.slice(0, -1)
    const output = make(operands)
    const grads = gradients(output, operands, inputs[inputs.length - 1])
    return [output, ...grads.filter((node) => node !== null)]
  }
}

/** Cases of more work than one thread should do alone, of sizes that no tile divides. */
export function largeCases(): Case[] {
  const cases: [op: OpName, name: string, inputs: SampleInput[], outputs: Case['outputs']][] = [
    [
      'matmul',
      'large',
      [{ shape: [131, 97] }, { shape: [97, 83] }, quiet([131, 83])],
      withGradients(([a, b]) => g.matmul(a, b, false, false)),
    ],
    [
      'conv2d',
      'large',
      [{ shape: [3, 13, 23, 21] }, { shape: [18, 13, 3, 3] }, quiet([3, 18, 23, 21])],
      withGradients(([x, w]) => g.conv2d(x, w, plain)),
    ],
    [
      'conv2d',
      'large, depthwise',
      [{ shape: [2, 37, 31, 29] }, { shape: [37, 1, 3, 3] }, quiet([2, 37, 31, 29])],
      withGradients(([x, w]) => g.conv2d(x, w, { ...plain, groups: 37 })),
    ],
    [
      'sum',
      'large, of a chain of maps',
      [{ shape: [211, 157] }, { shape: [157] }, quiet([157])],
      withGradients(([x, y]) => g.sum(g.tanh(g.mul(x, g.exp(y))), [0])),
    ],
    ...[192, 120, 131].map((columns): (typeof cases)[number] => [
      'sum',
      `large, down ${columns} columns`,
      [{ shape: [517, columns] }, { shape: [517, 1] }],
      ([x, y]) => {
        const product = g.mul(x, g.expand(y, [517, columns]))
        return [g.sum(product, [0]), g.sum(x, [0]), g.max(product, [0])]
      },
    ]),
    ['exp', 'large', [{ shape: [65, 1031] }, quiet([65, 1031])], withGradients(([x]) => g.exp(x))],
    [
      'maxPool2d',
      'large',
      [{ shape: [5, 19, 31, 33] }, quiet([5, 19, 15, 16])],
      withGradients(([x]) => g.maxPool2d(x, { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] })),
    ],
    [
      'gather',
      'large',
      [{ shape: [97, 301] }, { shape: [203, 301], dtype: 'int32', range: [0, 96] }, quiet([203, 301])],
      (inputs) => {
        const output = g.gather(inputs[0], inputs[1], 0)
        const [grad] = gradients(output, [inputs[0]], inputs[2])
        return [output, grad!]
      },
    ],
  ]
  return cases.map(([op, name, inputs, outputs]) => ({ op, name, inputs, outputs }))
}
