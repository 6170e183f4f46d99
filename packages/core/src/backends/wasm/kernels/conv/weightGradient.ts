import { type FunctionBuilder, i32, type Local, type ModuleBuilder } from '../../assembler/index.ts'
import { type TileShape, widestPanels } from '../../features/tileShape.ts'
import { defineKernel, lesserOf, panelsOfBlock, unravel } from '../kernel.ts'
import { cutEvenly, cutPanels, type Panel } from '../partition.ts'
import { storeColumns } from '../storeColumns.ts'
import { clearAccumulators, emitTileProducts, loadAccumulators, tileAccumulators, tileRows } from '../tile.ts'
import { weightGradientByWinograd } from '../winograd/applies.ts'
import { emitWinogradWeightGradient } from '../winograd/weightGradient.ts'
import { type ChunkCut, cutChunks } from './cutChunks.ts'
import { emitDepthwiseWeightGradient } from './depthwiseWeightGradient.ts'
import { emitNarrowWeightGradient } from './narrowWeightGradient.ts'
import { isNarrow } from './narrowWeights.ts'
import { type Conv2dSpec, checkConv2d, describeConv2d, groupInChannels, groupOutChannels, isDepthwise } from './spec.ts'
import { type WeightGradientKernel, weightGradientFloats } from './weightLayout.ts'

/** Up to this many weights an output channel, every register tile has code of its own. */
const mostStaticDepth = 64

/**
 * Emits the gradient of a convolution for its weights, as partial sums over chunks of pixels: pointers `input` (with the
 * border that `inputBorder` says), `output` (the output's gradient), `partials`. Here k runs over pixels, rows are the
 * taps' input channels (contiguous within a kernel row), columns the output channels.
 */
export function emitConv2dWeightGradient(
  m: ModuleBuilder,
  spec: Conv2dSpec,
  options: { readonly tile: TileShape; readonly name?: string },
): WeightGradientKernel {
  checkConv2d(spec)
  if (isDepthwise(spec)) return emitDepthwiseWeightGradient(m, spec, options)
  if (isNarrow(spec)) return emitNarrowWeightGradient(m, spec, options)
  if (weightGradientByWinograd(spec)) return emitWinogradWeightGradient(m, spec, options)
  const { tile } = options
  const { input, output, kernelHeight, kernelWidth, groups, outHeight, outWidth } = spec
  const [inChannels, outChannels] = [groupInChannels(spec), groupOutChannels(spec)]
  const depth = kernelHeight * kernelWidth * inChannels
  const panels = cutPanels(outChannels, tile.vectors)
  const panelCount = panels.reduce((sum, panel) => sum + panel.count, 0)
  const panelWidth = 4 * tile.vectors
  const flops = 2 * spec.images * outHeight * outWidth * groups * outChannels * depth
  const chunkFloats = weightGradientFloats(spec)
  const contiguous = kernelWidth === 1 || spec.dilationX * input.pixel === inChannels
  const tapY = 4 * spec.dilationY * input.row
  const tapX = 4 * spec.dilationX * input.pixel
  const cut: ChunkCut = cutChunks({
    flops,
    images: spec.images,
    groups,
    height: outHeight,
    width: outWidth,
    rowBytes: 4 * (spec.strideY * input.row + output.row),
    panels: m.flavour === 'strict' ? widestPanels(outChannels) : panelCount,
    partialBytes: 4 * chunkFloats,
  })

  const emitTile = (
    f: FunctionBuilder,
    at: TilePosition,
    panel: Panel,
    rows: number,
    aRowBytes: (row: number) => number,
  ): void => {
    const accumulators = tileAccumulators(f, rows, panel.vectors)
    const rowBytes = 16 * panel.vectors
    const load = (): void => loadAccumulators(f, accumulators, at.partial, rowBytes)
    if (cut.passes === 1) clearAccumulators(f, accumulators)
    else f.if(at.isFirstPass, () => clearAccumulators(f, accumulators), load)
    const operands = {
      a: f.let(at.a),
      b: f.let(at.b),
      aRowBytes,
      aStepBytes: 4 * spec.strideX * input.pixel,
      bStepBytes: 4 * output.pixel,
      runLength: outWidth,
      loops: [{ count: at.rows, aBytes: 4 * spec.strideY * input.row, bBytes: 4 * output.row }],
    }
    emitTileProducts(f, accumulators, operands, tile.unroll)
    accumulators.forEach((values, r) => {
      storeColumns(f, at.partial, values, 4 * panel.vectors, r * rowBytes)
    })
  }

  /** All weights of one panel of output channels, over the rows of one pass. */
  const emitPanel = (f: FunctionBuilder, at: PassPosition, panel: Panel, index: Local<'i32'>): void => {
    const channel = f.let(i32.mul(index, panelWidth))
    const b = f.let(i32.add(at.b, i32.mul(channel, 4)))
    const partial = f.let(i32.add(at.partial, i32.mul(channel, 4 * depth)))
    const a = f.let(at.a)
    const position = { ...at, a, b, partial }
    const limit = tileRows(tile, panel.vectors)
    if (depth <= mostStaticDepth) {
      const offsetOf = (k: number): number => {
        const tap = Math.floor(k / inChannels)
        return Math.floor(tap / kernelWidth) * tapY + (tap % kernelWidth) * tapX + 4 * (k % inChannels)
      }
      for (const { length, count, start } of cutEvenly(depth, limit))
        for (let i = 0; i < count; i++) {
          const first = start + i * length
          emitTile(f, position, panel, length, (row) => offsetOf(first + row))
          f.increment(partial, length * 16 * panel.vectors)
        }
      return
    }
    const emitRun = (length: number): void => {
      for (const { length: rows, count } of cutEvenly(length, limit))
        f.for(f.local('i32'), 0, count, 1, () => {
          emitTile(f, position, panel, rows, (row) => 4 * row)
          f.increment(a, 4 * rows)
          f.increment(partial, rows * 16 * panel.vectors)
        })
    }
    f.for(f.local('i32'), 0, kernelHeight, 1, () => {
      if (contiguous) {
        emitRun(kernelWidth * inChannels)
        f.increment(a, tapY - 4 * kernelWidth * inChannels)
      } else {
        f.for(f.local('i32'), 0, kernelWidth, 1, () => {
          emitRun(inChannels)
          f.increment(a, tapX - 4 * inChannels)
        })
        f.increment(a, tapY - kernelWidth * tapX)
      }
    })
  }

  const shape = {
    name: options.name ?? `conv2d weight gradient ${describeConv2d(spec)}`,
    pointers: ['input', 'output', 'partials'] as const,
    units: groups * cut.chunks * cut.panelBlocks,
    flops,
    bytes:
      4 * spec.images * (spec.inHeight * spec.inWidth * spec.inChannels + outHeight * outWidth * spec.outChannels) +
      4 * chunkFloats,
  }
  const kernel = defineKernel(m, shape, (f, unit, pointers) => {
    const [group, chunk, panelBlock] = unravel(f, unit, [groups, cut.chunks, cut.panelBlocks]) as [
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
    ]
    const { firstPanel, endPanel } = panelsOfBlock(f, panelBlock, cut.panelBlocks, panelCount)
    const partial = i32.add(i32.mul(chunk, 4 * chunkFloats), i32.mul(group, (4 * chunkFloats) / groups))
    const partialStart = f.let(i32.add(pointers.partials, partial))
    const firstTap = (input.offset ?? 0) - spec.padTop * input.row - spec.padLeft * input.pixel
    const aStart = f.let(i32.add(i32.add(pointers.input, i32.mul(group, 4 * inChannels)), 4 * firstTap))
    const bStart = f.let(i32.add(i32.add(pointers.output, i32.mul(group, 4 * outChannels)), 4 * (output.offset ?? 0)))

    // A chunk is some whole images, or some rows of one image; a pass is as many rows as stay cached.
    const firstImage = f.let(i32.mul(i32.divU(chunk, cut.rowBlocks), cut.imagesPerChunk))
    const endImage = f.let(lesserOf(f, i32.add(firstImage, cut.imagesPerChunk), spec.images))
    const firstRow = f.let(i32.mul(i32.remU(chunk, cut.rowBlocks), cut.rowsPerBlock))
    const endRow = f.let(lesserOf(f, i32.add(firstRow, cut.rowsPerBlock), outHeight))
    const isFirstPass = f.let(i32.const(1))
    const [image, row] = [f.local('i32'), f.local('i32')]
    f.for(image, firstImage, endImage, 1, () => {
      f.for(row, firstRow, endRow, cut.rowsPerPass, () => {
        const rows = f.let(lesserOf(f, i32.sub(endRow, row), cut.rowsPerPass))
        const inImage = i32.add(i32.mul(image, 4 * input.image), i32.mul(row, 4 * spec.strideY * input.row))
        const inGradient = i32.add(i32.mul(image, 4 * output.image), i32.mul(row, 4 * output.row))
        const at: PassPosition = {
          a: f.let(i32.add(aStart, inImage)),
          b: f.let(i32.add(bStart, inGradient)),
          partial: partialStart,
          rows,
          isFirstPass,
        }
        for (const panel of panels) {
          if (panel.columns === panelWidth) {
            const index = f.local('i32')
            const end = panel.count === panelCount ? endPanel : f.let(lesserOf(f, endPanel, panel.count))
            f.for(index, firstPanel, end, 1, () => emitPanel(f, at, panel, index))
          } else {
            const index = f.let(i32.const(panelCount - 1))
            f.if(cut.panelBlocks === 1 ? 1 : i32.eq(endPanel, panelCount), () => emitPanel(f, at, panel, index))
          }
        }
        f.set(isFirstPass, 0)
      })
    })
  })
  return { ...kernel, chunks: cut.chunks, chunkFloats, scratchBytes: 0 }
}

interface PassPosition {
  readonly a: Local<'i32'>
  readonly b: Local<'i32'>
  readonly partial: Local<'i32'>
  readonly rows: Local<'i32'>
  readonly isFirstPass: Local<'i32'>
}

type TilePosition = PassPosition
