import type { Kernel } from '../../../compiler/plan.ts'
import type { Node } from '../../../graph/node.ts'
import type { OpName } from '../../../ops/registry.ts'
import { formatShape } from '../../../tensor/shape.ts'
import { emitNest } from '../codegen/nestKernel.ts'
import { lowerConv2d, lowerConv2dInputGrad, lowerConv2dWeightGrad } from './convolution.ts'
import { lowerMatmul } from './matmul.ts'
import { lowerScatterAdd } from './scatterAdd.ts'
import type { LoweringContext, Step } from './step.ts'
import { lowerMaxPool2d, lowerMaxPool2dScatter, lowerMaxPool2dSelect, lowerSumPool2dGrad } from './window.ts'
import { zeroBorder } from './zeroBorder.ts'

type Lowering = (node: Node, context: LoweringContext) => Step[]

/** The ops with kernels of their own. All others become loops. */
const lowerings: { readonly [Name in OpName]?: Lowering } = {
  matmul: lowerMatmul,
  conv2d: lowerConv2d,
  conv2dInputGrad: lowerConv2dInputGrad,
  conv2dWeightGrad: lowerConv2dWeightGrad,
  maxPool2d: lowerMaxPool2d,
  maxPool2dIndex: lowerMaxPool2d,
  maxPool2dScatter: lowerMaxPool2dScatter,
  maxPool2dSelect: lowerMaxPool2dSelect,
  sumPool2dGrad: lowerSumPool2dGrad,
  scatterAdd: lowerScatterAdd,
}

/** The steps of one kernel of the plan. */
export function lowerKernel(kernel: Kernel, context: LoweringContext): Step[] {
  const borders = kernel.nodes.flatMap((node) => {
    const layout = context.layoutOf(node)
    return layout.border ? [zeroBorder(node, layout, context)] : []
  })
  if (kernel.kind === 'op') {
    const lower = lowerings[kernel.node.op.name as OpName]
    if (!lower) throw new Error(`wasm: ${kernel.node.op.name} has no kernel`)
    return [...borders, ...lower(kernel.node, { ...context, epilogue: kernel.epilogue, nodes: kernel.nodes })]
  }
  const name = nameOf(kernel.nodes)
  return [
    ...borders,
    ...kernel.nests.map((nest) => {
      const generated = emitNest(context.module, nest, name)
      return { kernel: generated, operands: generated.operands.map((node) => ({ node })) }
    }),
  ]
}

function nameOf(nodes: readonly Node[]): string {
  const names = nodes.map((node) => node.op.name)
  return `${[...new Set(names)].join('+')} ${formatShape(nodes[0].op.kind === 'reduce' ? nodes[0].inputs[0].shape : nodes[0].shape)}`
}
