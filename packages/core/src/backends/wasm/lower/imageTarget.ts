import type { Border } from '../../../compiler/layout.ts'
import type { Target } from '../../../compiler/target.ts'
import type { Node } from '../../../graph/node.ts'
import { registry as ops } from '../../../ops/registry.ts'
import { convolutionBorders } from './convolution.ts'

/** How the wasm kernels want their operands. */
export const target: Target = {
  imageOperands(node): (readonly [Node, Border | null])[] {
    const [a, b] = node.inputs
    switch (node.op) {
      case ops.conv2d:
        return [[a, convolutionBorders(a.shape, b.shape, node.shape, node.attrs).input]]
      case ops.conv2dInputGrad:
        return [[a, convolutionBorders(node.shape, b.shape, a.shape, node.attrs).outputGradient]]
      case ops.conv2dWeightGrad: {
        const borders = convolutionBorders(a.shape, node.shape, b.shape, node.attrs)
        return [
          [a, borders.input],
          [b, borders.weightGradient],
        ]
      }
      case ops.maxPool2d:
      case ops.maxPool2dIndex:
      case ops.sumPool2dGrad:
        return [[a, null]]
      case ops.maxPool2dScatter:
      case ops.maxPool2dSelect:
        return [
          [a, null],
          [b, null],
        ]
    }
    return []
  },
  rowMajorOperands(node) {
    const [a, b] = node.inputs
    switch (node.op) {
      case ops.conv2d:
      case ops.conv2dInputGrad:
        return [b]
      case ops.matmul:
        // A single matrix may lie either way.
        return node.shape.length > 2 ? [a, b] : []
      case ops.scatterAdd:
        return [a, b]
    }
    return []
  },
  givesRowMajor: ({ op, shape }) => op === ops.scatterAdd || (op === ops.matmul && shape.length > 2),
  givesImage: ({ op }) =>
    op === ops.conv2d || op === ops.conv2dInputGrad || (op.kind === 'window' && op !== ops.sumPool2d),
}
