import type { ModuleBuilder } from '../../assembler/index.ts'
import { inputGradientByWinograd } from '../winograd/applies.ts'
import { emitWinograd } from '../winograd/index.ts'
import { type ConvKernel, type ConvOptions, emitCorrelation } from './correlation.ts'
import { emitDepthwise } from './depthwise.ts'
import { inputGradientPacking } from './packWeights.ts'
import { type Conv2dSpec, checkConv2d, describeConv2d, groupInChannels, groupOutChannels, isDepthwise } from './spec.ts'
import { columnClasses, rowClasses } from './taps.ts'

/**
 * Emits the gradient of a convolution for its input: pointers `input` (the output's gradient, with the border that
 * `outputGradientBorder` says), `weights` (packed by `emitPackInputGradientWeights`), `output` (the input's gradient).
 *
 * With stride s there are s × s kernels, one for each class of pixels, in any order: each is a plain convolution of the
 * flipped weights' taps that reach its class. Every pixel is written.
 */
export function emitConv2dInputGradient(
  m: ModuleBuilder,
  spec: Conv2dSpec,
  options: ConvOptions,
): readonly ConvKernel[] {
  checkConv2d(spec)
  const { input, output } = spec
  const { matrices } = inputGradientPacking(spec)
  const emit = (...args: Parameters<typeof emitWinograd>): readonly ConvKernel[] => {
    if (isDepthwise(spec)) return [emitDepthwise(...args)]
    return inputGradientByWinograd(spec) ? emitWinograd(...args) : [emitCorrelation(...args)]
  }
  const name = options.name ?? `conv2d input gradient ${describeConv2d(spec)}`
  const kernels: ConvKernel[] = []
  let matrix = 0
  for (const rows of rowClasses(spec))
    for (const columns of columnClasses(spec)) {
      const { taps, offset } = matrices[matrix++]!
      const correlation = {
        name: spec.strideY * spec.strideX > 1 ? `${name} (${rows.first}, ${columns.first})` : name,
        images: spec.images,
        groups: spec.groups,
        inChannels: groupOutChannels(spec),
        outChannels: groupInChannels(spec),
        height: rows.count,
        width: columns.count,
        taps: taps.length === 0 ? { y: 0, x: 0 } : { y: rows.taps.length, x: columns.taps.length },
        read: {
          offset: (output.offset ?? 0) + rows.origin * output.row + columns.origin * output.pixel,
          image: output.image,
          y: output.row,
          x: output.pixel,
          tapY: rows.step * output.row,
          tapX: columns.step * output.pixel,
        },
        write: {
          offset: (input.offset ?? 0) + rows.first * input.row + columns.first * input.pixel,
          image: input.image,
          y: spec.strideY * input.row,
          x: spec.strideX * input.pixel,
        },
        weightsOffset: offset,
        site: {
          height: spec.inHeight,
          width: spec.inWidth,
          firstY: rows.first,
          firstX: columns.first,
          strideY: spec.strideY,
          strideX: spec.strideX,
        },
      }
      const named = { ...options, name: correlation.name }
      kernels.push(...emit(m, correlation, named))
    }
  return kernels
}
