import { type FunctionBuilder, i32, type Local, type ModuleBuilder, type V128, v128 } from '../../assembler/index.ts'
import type { TileShape } from '../../features/tileShape.ts'
import { defineKernel, lesserOf, unravel } from '../kernel.ts'
import { cutEvenly, cutPanels, type Panel } from '../partition.ts'
import { emitPrefetch, emitPrefetchPixels, isWorthPrefetching } from '../prefetch.ts'
import { storeColumns } from '../storeColumns.ts'
import { cutImages } from './cutImages.ts'
import { depthwisePanelVectors, depthwisePixels } from './depthwise.ts'
import { type Conv2dSpec, describeConv2d } from './spec.ts'
import { type WeightGradientKernel, weightGradientFloats } from './weightLayout.ts'

const panelColumns = 4 * depthwisePanelVectors

/**
 * Emits the weight gradient of a depthwise convolution, with the pointers and partial sums of
 * `emitConv2dWeightGradient`. The channels of a few neighbouring pixels are gone through in order of memory; the sums of
 * a chunk lie in the first-level cache and are loaded and stored once for these pixels.
 */
export function emitDepthwiseWeightGradient(
  m: ModuleBuilder,
  spec: Conv2dSpec,
  options: { readonly tile: TileShape; readonly name?: string },
): WeightGradientKernel {
  const { images, inChannels: channels, outHeight, outWidth, kernelHeight, kernelWidth, input, output } = spec
  const taps = kernelHeight * kernelWidth
  const chunkFloats = weightGradientFloats(spec)
  const flops = 2 * images * outHeight * outWidth * channels * taps
  const rowBytes = 4 * (spec.strideY * input.row + output.row)
  const cut = cutImages({ flops, images, height: outHeight, panels: 1, rowBytes, weightBytes: 8 * chunkFloats })
  const [tapY, tapX, pixelX] = [spec.dilationY * input.row, spec.dilationX * input.pixel, spec.strideX * input.pixel]

  const emitTile = (f: FunctionBuilder, at: TilePosition, count: number, { vectors }: Panel): void => {
    const load = (address: Local<'i32'>, offset: number): Local<'v128'>[] =>
      Array.from({ length: vectors }, (_, v) => f.let(v128.load(address, { offset: offset + 16 * v, align: 4 })))
    const gradients = Array.from({ length: count }, (_, p) => load(at.output, 4 * p * output.pixel))
    for (let ky = 0; ky < kernelHeight; ky++) {
      const inputs = new Map<number, Local<'v128'>[]>()
      for (let kx = 0; kx < kernelWidth; kx++) {
        const place = 16 * vectors * (ky * kernelWidth + kx)
        let sums: V128[] = load(at.partial, place)
        gradients.forEach((gradient, p) => {
          const offset = ky * tapY + kx * tapX + p * pixelX
          const known = inputs.get(offset) ?? load(at.input, 4 * offset)
          inputs.set(offset, known)
          sums = sums.map((sum, v) => f.madd(known[v]!, gradient[v]!, sum))
        })
        storeColumns(f, at.partial, sums, 4 * vectors, place)
      }
    }
  }

  const shape = {
    name: options.name ?? `conv2d weight gradient ${describeConv2d(spec)}`,
    pointers: ['input', 'output', 'partials'] as const,
    units: images * cut.rowBlocks,
    flops,
    bytes: 4 * images * channels * (spec.inHeight * spec.inWidth + outHeight * outWidth),
  }
  const kernel = defineKernel(m, shape, (f, unit, pointers) => {
    const [image, rowBlock] = unravel(f, unit, [images, cut.rowBlocks]) as [Local<'i32'>, Local<'i32'>]
    const firstRow = f.let(i32.mul(rowBlock, cut.rowsPerBlock))
    const endRow = f.let(lesserOf(f, i32.add(firstRow, cut.rowsPerBlock), outHeight))
    const partialStart = f.let(i32.add(pointers.partials, i32.mul(unit, 4 * chunkFloats)))
    f.fillMemory(partialStart, 0, 4 * chunkFloats)
    const place = (pointer: Local<'i32'>, offset: number, perImage: number, perRow: number): Local<'i32'> => {
      const inside = i32.add(i32.mul(image, 4 * perImage), i32.mul(firstRow, 4 * perRow))
      return f.let(i32.add(i32.add(pointer, inside), 4 * offset))
    }
    const firstTap = (input.offset ?? 0) - spec.padTop * input.row - spec.padLeft * input.pixel
    const inputRow = place(pointers.input, firstTap, input.image, spec.strideY * input.row)
    const outputRow = place(pointers.output, output.offset ?? 0, output.image, output.row)
    const y = f.local('i32')
    f.for(y, firstRow, endRow, 1, () => {
      const row = { input: f.let(inputRow), output: f.let(outputRow) }
      if (isWorthPrefetching(images * outHeight * outWidth * channels)) {
        const readFloats = (outWidth - 1) * pixelX + (kernelWidth - 1) * tapX + channels
        // Only what no row before has read.
        for (let ky = Math.max(0, kernelHeight - spec.strideY); ky < kernelHeight; ky++)
          emitPrefetch(f, i32.add(row.input, 4 * ky * tapY), readFloats)
        emitPrefetchPixels(f, row.output, { pixels: outWidth, pitch: output.pixel, channels })
      }
      for (const { length, count } of cutEvenly(outWidth, depthwisePixels(options.tile)))
        f.for(f.local('i32'), 0, count, 1, () => {
          const at = { input: f.let(row.input), output: f.let(row.output), partial: f.let(partialStart) }
          for (const panel of cutPanels(channels, depthwisePanelVectors))
            f.for(f.local('i32'), 0, panel.count, 1, () => {
              emitTile(f, at, length, panel)
              f.increment(at.input, 4 * panelColumns)
              f.increment(at.output, 4 * panelColumns)
              f.increment(at.partial, 4 * panelColumns * taps)
            })
          f.increment(row.input, 4 * length * pixelX)
          f.increment(row.output, 4 * length * output.pixel)
        })
      f.increment(inputRow, 4 * spec.strideY * input.row)
      f.increment(outputRow, 4 * output.row)
    })
  })
  return { ...kernel, chunks: images * cut.rowBlocks, chunkFloats, scratchBytes: 0 }
}

interface TilePosition {
  readonly input: Local<'i32'>
  readonly output: Local<'i32'>
  readonly partial: Local<'i32'>
}
