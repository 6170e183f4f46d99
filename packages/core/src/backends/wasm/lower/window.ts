import type { Layout } from '../../../compiler/layout.ts'
import type { Node } from '../../../graph/node.ts'
import { registry as ops } from '../../../ops/registry.ts'
import type { WindowAttrs } from '../../../ops/window.ts'
import type { ImageLayout } from '../kernels/index.ts'
import { emitPool2dGradient } from '../kernels/pool/gradient.ts'
import { emitMaxPool2d, emitMaxPool2dSelect } from '../kernels/pool/maxPool.ts'
import type { PoolSpec } from '../kernels/pool/spec.ts'
import type { LoweringContext, Step } from './step.ts'

function poolSpec(image: readonly number[], pooled: readonly number[], attrs: WindowAttrs): PoolSpec {
  const { kernel, stride, padding } = attrs
  return {
    images: image[0],
    channels: image[1],
    inHeight: image[2],
    inWidth: image[3],
    outHeight: pooled[2],
    outWidth: pooled[3],
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    padTop: padding[0],
    padLeft: padding[2],
  }
}

function imageLayout({ strides, offset }: Layout): ImageLayout {
  return { image: strides[0], row: strides[2], pixel: strides[3], offset }
}

/** Largest elements and their places, in one pass where both are wanted. */
export function lowerMaxPool2d(node: Node, { module, layoutOf, nodes }: LoweringContext): Step[] {
  const [x] = node.inputs
  const values = nodes.find(({ op }) => op === ops.maxPool2d)
  const index = nodes.find(({ op }) => op === ops.maxPool2dIndex)
  const kernel = emitMaxPool2d(module, poolSpec(x.shape, node.shape, node.attrs), {
    input: imageLayout(layoutOf(x)),
    ...(values && { values: imageLayout(layoutOf(values)) }),
    ...(index && { index: imageLayout(layoutOf(index)) }),
  })
  const results = [values, index].flatMap((result) => (result ? [{ node: result }] : []))
  return [{ kernel, operands: [{ node: x }, ...results] }]
}

export function lowerMaxPool2dSelect(node: Node, { module, layoutOf }: LoweringContext): Step[] {
  const [x, index] = node.inputs
  const kernel = emitMaxPool2dSelect(module, poolSpec(x.shape, node.shape, node.attrs), {
    input: imageLayout(layoutOf(x)),
    index: imageLayout(layoutOf(index)),
    values: imageLayout(layoutOf(node)),
  })
  return [{ kernel, operands: [{ node: x }, { node: index }, { node }] }]
}

export function lowerMaxPool2dScatter(node: Node, { module, layoutOf }: LoweringContext): Step[] {
  const [dy, index] = node.inputs
  const kernel = emitPool2dGradient(module, poolSpec(node.shape, dy.shape, node.attrs), {
    output: imageLayout(layoutOf(dy)),
    index: imageLayout(layoutOf(index)),
    input: imageLayout(layoutOf(node)),
  })
  return [{ kernel, operands: [{ node: dy }, { node: index }, { node }] }]
}

export function lowerSumPool2dGrad(node: Node, { module, layoutOf }: LoweringContext): Step[] {
  const [dy] = node.inputs
  const kernel = emitPool2dGradient(module, poolSpec(node.shape, dy.shape, node.attrs), {
    output: imageLayout(layoutOf(dy)),
    input: imageLayout(layoutOf(node)),
  })
  return [{ kernel, operands: [{ node: dy }, { node }] }]
}
