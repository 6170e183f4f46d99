import { i32, type Local, type ModuleBuilder } from '../../assembler/index.ts'
import type { TileShape } from '../../features/tileShape.ts'
import { defineKernel, lesserOf, unravel } from '../kernel.ts'
import { storeColumns } from '../storeColumns.ts'
import { clearAccumulators, emitTileProducts, tileAccumulators } from '../tile.ts'
import { cutImages } from './cutImages.ts'
import { narrowFloats, narrowRun } from './narrowWeights.ts'
import { type Conv2dSpec, describeConv2d } from './spec.ts'
import type { WeightGradientKernel } from './weightLayout.ts'

/**
 * Emits the weight gradient of a convolution with one to three output channels, with the pointers and partial sums of
 * `emitConv2dWeightGradient`: the register tile with exchanged roles, output channels by the taps and input channels of
 * a kernel row.
 */
export function emitNarrowWeightGradient(
  m: ModuleBuilder,
  spec: Conv2dSpec,
  options: { readonly tile: TileShape; readonly name?: string },
): WeightGradientKernel {
  const { images, inChannels, outChannels, outHeight, outWidth, kernelHeight, kernelWidth, input, output } = spec
  const { tile } = options
  const run = narrowRun(kernelWidth * inChannels)
  const chunkFloats = narrowFloats(spec)
  const flops = 2 * images * outHeight * outWidth * outChannels * kernelHeight * kernelWidth * inChannels
  const rowBytes = 4 * (spec.strideY * input.row + output.row)
  const cut = cutImages({ flops, images, height: outHeight, panels: 1, rowBytes, weightBytes: 8 * chunkFloats })
  // An even number of vectors, so that they are joined.
  const mostVectors = Math.floor((tile.rows * tile.vectors) / outChannels / 2) * 2
  const shape = {
    name: options.name ?? `conv2d weight gradient ${describeConv2d(spec)}`,
    pointers: ['input', 'output', 'partials'] as const,
    units: images * cut.rowBlocks,
    flops,
    bytes: 4 * images * (spec.inHeight * spec.inWidth * inChannels + outHeight * outWidth * outChannels),
  }
  const kernel = defineKernel(m, shape, (f, unit, pointers) => {
    const [image, rowBlock] = unravel(f, unit, [images, cut.rowBlocks]) as [Local<'i32'>, Local<'i32'>]
    const firstRow = f.let(i32.mul(rowBlock, cut.rowsPerBlock))
    const rows = f.let(i32.sub(lesserOf(f, i32.add(firstRow, cut.rowsPerBlock), outHeight), firstRow))
    const place = (pointer: Local<'i32'>, offset: number, perImage: number, perRow: number): Local<'i32'> => {
      const inside = i32.add(i32.mul(image, 4 * perImage), i32.mul(firstRow, 4 * perRow))
      return f.let(i32.add(i32.add(pointer, inside), 4 * offset))
    }
    const firstTap = (input.offset ?? 0) - spec.padTop * input.row - spec.padLeft * input.pixel
    const inputRow = place(pointers.input, firstTap, input.image, spec.strideY * input.row)
    const gradient = place(pointers.output, output.offset ?? 0, output.image, output.row)
    const partial = f.let(i32.add(pointers.partials, i32.mul(unit, 4 * chunkFloats)))
    f.for(f.local('i32'), 0, kernelHeight, 1, () => {
      for (let first = 0; first < run / 4; first += mostVectors) {
        const vectors = Math.min(mostVectors, run / 4 - first)
        const accumulators = tileAccumulators(f, outChannels, vectors)
        clearAccumulators(f, accumulators)
        const operands = {
          a: f.let(gradient),
          b: f.let(i32.add(inputRow, 16 * first)),
          aRowBytes: (row: number) => 4 * row,
          aStepBytes: 4 * output.pixel,
          bStepBytes: 4 * spec.strideX * input.pixel,
          runLength: outWidth,
          loops: [{ count: rows, aBytes: 4 * output.row, bBytes: 4 * spec.strideY * input.row }],
        }
        emitTileProducts(f, accumulators, operands, tile.unroll)
        accumulators.forEach((values, o) => {
          storeColumns(f, partial, values, 4 * vectors, 4 * o * kernelHeight * run + 16 * first)
        })
      }
      f.increment(inputRow, 4 * spec.dilationY * input.row)
      f.increment(partial, 4 * run)
    })
  })
  return { ...kernel, chunks: images * cut.rowBlocks, chunkFloats, scratchBytes: 0 }
}
