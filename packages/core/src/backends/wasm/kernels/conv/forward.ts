import { i32, type ModuleBuilder } from '../../assembler/index.ts'
import type { Epilogue } from '../epilogue.ts'
import { emitGemm } from '../gemm/gemm.ts'
import { forwardByWinograd } from '../winograd/applies.ts'
import { emitWinograd } from '../winograd/index.ts'
import { type ConvKernel, type ConvOptions, type Correlation, emitCorrelation } from './correlation.ts'
import { emitDepthwise } from './depthwise.ts'
import { emitNarrow } from './narrow.ts'
import { isNarrow } from './narrowWeights.ts'
import { type Conv2dSpec, checkConv2d, describeConv2d, groupInChannels, groupOutChannels, isDepthwise } from './spec.ts'

/**
 * Emits a forward convolution: pointers `input`, `weights` (packed by `emitPackConv2dWeights`), `output`. The input must
 * have the border that `inputBorder` says.
 *
 * @returns Kernels to be run in turn.
 * @example
 * const kernels = emitConv2d(m, spec, { tile, epilogue: biasEpilogue })
 */
export function emitConv2d(m: ModuleBuilder, spec: Conv2dSpec, options: ConvOptions): readonly ConvKernel[] {
  checkConv2d(spec)
  const { input, output } = spec
  const name = options.name ?? `conv2d ${describeConv2d(spec)}`
  if (isMatrixProduct(spec) && !isNarrow(spec)) return [emitPointwise(m, spec, { ...options, name })]
  const correlation: Correlation = {
    name,
    images: spec.images,
    groups: spec.groups,
    inChannels: groupInChannels(spec),
    outChannels: groupOutChannels(spec),
    height: spec.outHeight,
    width: spec.outWidth,
    taps: { y: spec.kernelHeight, x: spec.kernelWidth },
    read: {
      offset: (input.offset ?? 0) - spec.padTop * input.row - spec.padLeft * input.pixel,
      image: input.image,
      y: spec.strideY * input.row,
      x: spec.strideX * input.pixel,
      tapY: spec.dilationY * input.row,
      tapX: spec.dilationX * input.pixel,
    },
    write: { offset: output.offset ?? 0, image: output.image, y: output.row, x: output.pixel },
    weightsOffset: 0,
    site: { height: spec.outHeight, width: spec.outWidth, firstY: 0, firstX: 0, strideY: 1, strideX: 1 },
  }
  if (isDepthwise(spec)) return [emitDepthwise(m, correlation, options)]
  if (isNarrow(spec)) return [emitNarrow(m, correlation, options)]
  return forwardByWinograd(spec) ? emitWinograd(m, correlation, options) : [emitCorrelation(m, correlation, options)]
}

/** A 1 × 1 convolution over dense pixels is one matrix product. */
export function isMatrixProduct(spec: Conv2dSpec): boolean {
  const dense = (layout: Conv2dSpec['input'], height: number, width: number): boolean =>
    layout.row === width * layout.pixel && (spec.images === 1 || layout.image === height * layout.row)
  return (
    spec.kernelHeight * spec.kernelWidth * spec.strideY * spec.strideX * spec.groups === 1 &&
    spec.padTop === 0 &&
    spec.padLeft === 0 &&
    dense(spec.input, spec.inHeight, spec.inWidth) &&
    dense(spec.output, spec.outHeight, spec.outWidth)
  )
}

function emitPointwise(
  m: ModuleBuilder,
  spec: Conv2dSpec,
  options: ConvOptions & { readonly name: string },
): ConvKernel {
  const { input, output, outHeight, outWidth } = spec
  const { epilogue, ...rest } = options
  const asMatrix = epilogue && {
    epilogue: {
      ...epilogue,
      emit: (f, values, site) => {
        const image = i32.divU(site.row, outHeight * outWidth)
        const y = i32.remU(i32.divU(site.row, outWidth), outHeight)
        return epilogue.emit(f, values, { ...site, image, y, x: i32.remU(site.row, outWidth) })
      },
    } satisfies Epilogue as Epilogue,
  }
  const gemm = emitGemm(
    m,
    {
      m: spec.images * outHeight * outWidth,
      n: spec.outChannels,
      k: spec.inChannels,
      a: { leading: input.pixel, offset: input.offset ?? 0 },
      b: 'packed',
      c: { leading: output.pixel, offset: output.offset ?? 0 },
    },
    { ...rest, ...asMatrix },
  )
  const rename: Readonly<Record<string, string>> = { a: 'input', b: 'weights', c: 'output' }
  return { ...gemm, pointers: gemm.pointers.map((pointer) => rename[pointer] ?? pointer) }
}
