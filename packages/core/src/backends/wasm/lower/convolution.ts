import type { Border, Layout } from '../../../compiler/layout.ts'
import type { Node } from '../../../graph/node.ts'
import type { ConvAttrs } from '../../../ops/conv2d.ts'
import {
  type Conv2dSpec,
  emitConv2d,
  emitConv2dInputGradient,
  emitConv2dWeightGradient,
  emitPackConv2dWeights,
  emitPackInputGradientWeights,
  emitReduceWeightGradient,
  type ImageLayout,
  inputBorder,
  inputGradientPacking,
  outputGradientBorder,
  packedConv2dFloats,
  weightGradientBorder,
} from '../kernels/index.ts'
import { imageSite, lowerEpilogue } from './epilogue.ts'
import { gatheringSteps } from './statistics.ts'
import { type LoweringContext, packingStep, type Step, sharedScratch } from './step.ts'

/** Where pixels lie, as the kernels want to know it. */
function imageLayout({ strides, offset }: Layout, [, channels]: readonly number[]): ImageLayout {
  return { image: strides[0], row: strides[2], pixel: Math.max(strides[3], channels === 1 ? 1 : 0), offset }
}

/** The sizes of a convolution and where its images lie. */
export function convolutionSpec(
  x: readonly number[],
  w: readonly number[],
  y: readonly number[],
  { stride, padding, dilation, groups }: ConvAttrs,
  input: Layout,
  output: Layout,
): Conv2dSpec {
  return {
    images: x[0],
    inChannels: x[1],
    inHeight: x[2],
    inWidth: x[3],
    outChannels: y[1],
    outHeight: y[2],
    outWidth: y[3],
    kernelHeight: w[2],
    kernelWidth: w[3],
    strideY: stride[0],
    strideX: stride[1],
    dilationY: dilation[0],
    dilationX: dilation[1],
    padTop: padding[0],
    padLeft: padding[2],
    groups,
    input: imageLayout(input, x),
    output: imageLayout(output, y),
  }
}

/** The zeros that a convolution kernel reads around its image operands. */
export function convolutionBorders(
  x: readonly number[],
  w: readonly number[],
  y: readonly number[],
  attrs: ConvAttrs,
): { readonly input: Border; readonly outputGradient: Border; readonly weightGradient: Border } {
  const anywhere: Layout = { strides: [0, 0, 0, 0], offset: 0, size: 0, border: null }
  const spec = convolutionSpec(x, w, y, attrs, anywhere, anywhere)
  const sides = ({ top, bottom, left, right }: ReturnType<typeof inputBorder>): Border => [top, bottom, left, right]
  return {
    input: sides(inputBorder(spec)),
    outputGradient: sides(outputGradientBorder(spec)),
    weightGradient: sides(weightGradientBorder(spec)),
  }
}

export function lowerConv2d(node: Node, context: LoweringContext): Step[] {
  const { module, tile, layoutOf, scratch } = context
  const [x, w] = node.inputs
  const { epilogue, target, operands, gathers } = lowerEpilogue(context, node, imageSite)
  const spec = convolutionSpec(x.shape, w.shape, node.shape, node.attrs, layoutOf(x), layoutOf(target))
  const packed = context.packed(w, 4 * packedConv2dFloats(spec))
  const kernels = emitConv2d(module, spec, { tile, ...epilogue })
  const shared = sharedScratch(kernels, scratch)
  return [
    packingStep(emitPackConv2dWeights(module, spec, { tile }), w, packed),
    ...gatheringSteps(context, kernels, { gathers, columns: spec.outChannels }, (kernel, statistics) => {
      const own = [...shared, ...statistics]
      return { kernel, operands: [{ node: x }, packed, { node: target }, ...own, ...operands] }
    }),
  ]
}

export function lowerConv2dInputGrad(node: Node, context: LoweringContext): Step[] {
  const { module, tile, layoutOf, scratch } = context
  const [dy, w] = node.inputs
  const { epilogue, target, operands, gathers } = lowerEpilogue(context, node, imageSite)
  const spec = convolutionSpec(node.shape, w.shape, dy.shape, node.attrs, layoutOf(target), layoutOf(dy))
  const packed = context.packed(w, 4 * inputGradientPacking(spec).floats)
  const kernels = emitConv2dInputGradient(module, spec, { tile, ...epilogue })
  const shared = sharedScratch(kernels, scratch)
  return [
    packingStep(emitPackInputGradientWeights(module, spec, { tile }), w, packed),
    ...gatheringSteps(context, kernels, { gathers, columns: spec.inChannels }, (kernel, statistics) => {
      const own = [...shared, ...statistics]
      return { kernel, operands: [{ node: dy }, packed, { node: target }, ...own, ...operands] }
    }),
  ]
}

export function lowerConv2dWeightGrad(node: Node, { module, tile, layoutOf, scratch }: LoweringContext): Step[] {
  const [x, dy] = node.inputs
  const spec = convolutionSpec(x.shape, node.shape, dy.shape, node.attrs, layoutOf(x), layoutOf(dy))
  const kernel = emitConv2dWeightGradient(module, spec, { tile })
  const partials = scratch(4 * kernel.chunks * kernel.chunkFloats)
  return [
    { kernel, operands: [{ node: x }, { node: dy }, partials, ...sharedScratch([kernel], scratch)] },
    { kernel: emitReduceWeightGradient(module, spec, kernel.chunks, { tile }), operands: [partials, { node }] },
  ]
}
