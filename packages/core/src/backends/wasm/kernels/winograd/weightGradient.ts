import { type Expr, type FunctionBuilder, i32, type Local, type ModuleBuilder } from '../../assembler/index.ts'
import { type TileShape, widestPanels } from '../../features/tileShape.ts'
import type { Conv2dSpec } from '../conv/spec.ts'
import { describeConv2d } from '../conv/spec.ts'
import { type WeightGradientKernel, winogradFloats, winogradPointFloats } from '../conv/weightLayout.ts'
import { defineKernel, lesserOf, panelsOfBlock, unravel } from '../kernel.ts'
import { cutEvenly } from '../partition.ts'
import { isWorthPrefetching } from '../prefetch.ts'
import { storeColumns } from '../storeColumns.ts'
import { clearAccumulators, emitTileProducts, loadAccumulators, tileAccumulators, tileRows } from '../tile.ts'
import { cutWeightGradient } from './cutWeightGradient.ts'
import { forEachPanel, panelsOf } from './stages.ts'
import { blockChannels, emitPrefetchTiles, emitToPoints, forEachTile, points, tileBytes } from './tiles.ts'
import { tileOutputs, tilePoints, transformGradient, transformInput } from './transforms.ts'

/**
 * Emits the weight gradient of a 3 × 3 convolution by Winograd's algorithm F(3 × 3, 4 × 4): inputs and output gradients
 * of tiles are transformed to 36 points, at each of which the product of matrices sums over tiles. Partial sums lie as
 * [chunk][point][panel][in][out in panel]; `emitReduceWeightGradient` adds the chunks and transforms them back.
 * Pointers `input`, `output` (its gradient), `partials`, `scratch`.
 */
export function emitWinogradWeightGradient(
  m: ModuleBuilder,
  spec: Conv2dSpec,
  options: { readonly tile: TileShape; readonly name?: string },
): WeightGradientKernel {
  const { tile } = options
  const { images, inChannels, outChannels, input, output } = spec
  const grid = { images, down: Math.ceil(spec.outHeight / tileOutputs), across: Math.ceil(spec.outWidth / tileOutputs) }
  const tiles = images * grid.down * grid.across
  const all = panelsOf(outChannels, tile)
  const { panels, count: panelCount, width: panelWidth } = all
  const cut = cutWeightGradient({
    tiles,
    inChannels,
    outChannels,
    panels: m.flavour === 'strict' ? widestPanels(outChannels) : panelCount,
    blockChannels,
  })
  const read = { image: input.image, y: input.row, x: input.pixel }
  const readGradient = { image: output.image, y: output.row, x: output.pixel }
  const pointFloats = winogradPointFloats(inChannels, outChannels)
  const chunkFloats = winogradFloats(inChannels, outChannels)

  // Scratch: [point][tile][channel] of inputs, then of gradients; a line more between points, against cache conflicts.
  const inputPitch = cut.inPerBlock
  const gradientPitch = Math.ceil(panelCount / cut.panelBlocks) * panelWidth
  const inputPoint = cut.tilesPerPass * inputPitch + 16
  const gradientPoint = cut.tilesPerPass * gradientPitch + 16
  const scratchFloats = points * (inputPoint + gradientPoint)

  /** Which images to fetch beforehand, and so many channels of them as even the last block of channels has. */
  const prefetched = (at: UnitPosition) => {
    const pixels = images * spec.outHeight * spec.outWidth
    const lastPanels = Math.floor(panelCount / cut.panelBlocks) - 1
    const [leastIn, leastOut] = [
      inChannels - (cut.inBlocks - 1) * cut.inPerBlock,
      lastPanels * panelWidth + panels.at(-1)!.columns,
    ]
    return [
      ...(isWorthPrefetching(pixels * inChannels)
        ? [{ source: at.read, distances: read, rows: tilePoints, channels: leastIn }]
        : []),
      ...(isWorthPrefetching(pixels * outChannels)
        ? [{ source: at.readGradient, distances: readGradient, rows: tileOutputs, channels: leastOut }]
        : []),
    ]
  }

  /** Transforms the tiles of a pass; those that it lacks become zeros. */
  const emitTransforms = (f: FunctionBuilder, at: UnitPosition, first: Local<'i32'>, end: Local<'i32'>): void => {
    const [inputs, gradients] = [f.let(at.inputs), f.let(at.gradients)]
    for (const image of prefetched(at)) emitPrefetchTiles(f, grid, { first, end }, image)
    // Not the whole pitch: that could read far behind the last pixel.
    const inputBlocks = f.let(blocksOf(lesserOf(f, i32.sub(inChannels, at.firstIn), inputPitch)))
    const gradientBlocks = f.let(blocksOf(i32.sub(at.endColumn, at.firstColumn)))
    forEachTile(f, grid, first, end, (place) => {
      emitToPoints(f, f.let(i32.add(at.read, tileBytes(place, read))), f.let(inputs), {
        size: tilePoints,
        transform: transformInput,
        distances: read,
        blocks: inputBlocks,
        pointFloats: inputPoint,
      })
      emitToPoints(f, f.let(i32.add(at.readGradient, tileBytes(place, readGradient))), f.let(gradients), {
        size: tileOutputs,
        transform: transformGradient,
        distances: readGradient,
        blocks: gradientBlocks,
        pointFloats: gradientPoint,
      })
      f.increment(inputs, 4 * inputPitch)
      f.increment(gradients, 4 * gradientPitch)
    })
    const missing = f.let(i32.sub(cut.tilesPerPass, i32.sub(end, first)))
    f.if(i32.gtS(missing, 0), () => {
      f.for(f.local('i32'), 0, points, 1, () => {
        f.fillMemory(inputs, 0, i32.mul(missing, 4 * inputPitch))
        f.fillMemory(gradients, 0, i32.mul(missing, 4 * gradientPitch))
        f.increment(inputs, 4 * inputPoint)
        f.increment(gradients, 4 * gradientPoint)
      })
    })
  }

  const emitProducts = (f: FunctionBuilder, at: UnitPosition, isFirst: Local<'i32'>): void => {
    const [inputs, gradients, partial] = [f.let(at.inputs), f.let(at.gradients), f.let(at.partial)]
    f.for(f.local('i32'), 0, points, 1, () => {
      forEachPanel(f, all, at, (index, { vectors }) => {
        const b = f.let(i32.add(gradients, i32.mul(i32.sub(index, at.firstPanel), 4 * panelWidth)))
        const panelStart = i32.add(i32.mul(index, 4 * panelWidth * inChannels), i32.mul(at.firstIn, 16 * vectors))
        const target = f.let(i32.add(partial, panelStart))
        const a = f.let(inputs)
        const emitRows = (length: number): void => {
          const accumulators = tileAccumulators(f, length, vectors)
          if (cut.passes === 1) clearAccumulators(f, accumulators)
          else
            f.if(
              isFirst,
              () => clearAccumulators(f, accumulators),
              () => loadAccumulators(f, accumulators, target, 16 * vectors),
            )
          const operands = {
            a: f.let(a),
            b: f.let(b),
            aRowBytes: (row: number) => 4 * row,
            aStepBytes: 4 * inputPitch,
            bStepBytes: 4 * gradientPitch,
            runLength: cut.tilesPerPass,
          }
          emitTileProducts(f, accumulators, operands, tile.unroll)
          accumulators.forEach((values, row) => {
            storeColumns(f, target, values, 4 * vectors, 16 * vectors * row)
          })
          f.increment(a, 4 * length)
          f.increment(target, 16 * vectors * length)
        }
        const emitChannels = (channels: number): void => {
          for (const { length, count } of cutEvenly(channels, tileRows(tile, vectors)))
            f.for(f.local('i32'), 0, count, 1, () => emitRows(length))
        }
        const lastIn = inChannels - (cut.inBlocks - 1) * cut.inPerBlock
        if (lastIn === cut.inPerBlock) emitChannels(lastIn)
        else
          f.if(
            i32.eq(at.firstIn, inChannels - lastIn),
            () => emitChannels(lastIn),
            () => emitChannels(cut.inPerBlock),
          )
      })
      f.increment(inputs, 4 * inputPoint)
      f.increment(gradients, 4 * gradientPoint)
      f.increment(partial, 4 * pointFloats)
    })
  }

  const shape = {
    name: `${options.name ?? `conv2d weight gradient ${describeConv2d(spec)}`} winograd`,
    pointers: ['input', 'output', 'partials', 'scratch'] as const,
    units: cut.chunks * cut.inBlocks * cut.panelBlocks,
    flops: 2 * images * spec.outHeight * spec.outWidth * 9 * inChannels * outChannels,
    bytes: 4 * images * (spec.inHeight * spec.inWidth * inChannels + spec.outHeight * spec.outWidth * outChannels),
    // Each part has scratch of its own.
    mostParts: 32,
  }
  const kernel = defineKernel(m, shape, (f, unit, pointers, begin) => {
    const sizes = [cut.chunks, cut.inBlocks, cut.panelBlocks]
    const [chunk, inBlock, panelBlock] = unravel(f, unit, sizes) as [Local<'i32'>, Local<'i32'>, Local<'i32'>]
    const { firstPanel, endPanel } = panelsOfBlock(f, panelBlock, cut.panelBlocks, panelCount)
    const firstColumn = f.let(i32.mul(firstPanel, panelWidth))
    const firstIn = f.let(i32.mul(inBlock, cut.inPerBlock))
    const scratch = f.let(i32.add(pointers.scratch, i32.mul(begin, 4 * scratchFloats)))
    const firstTap = (input.offset ?? 0) - spec.padTop * input.row - spec.padLeft * input.pixel
    const at: UnitPosition = {
      firstPanel,
      endPanel,
      firstColumn,
      endColumn: f.let(lesserOf(f, i32.mul(endPanel, panelWidth), outChannels)),
      firstIn,
      read: f.let(i32.add(i32.add(pointers.input, 4 * firstTap), i32.mul(firstIn, 4))),
      readGradient: f.let(i32.add(i32.add(pointers.output, 4 * (output.offset ?? 0)), i32.mul(firstColumn, 4))),
      inputs: scratch,
      gradients: f.let(i32.add(scratch, 4 * points * inputPoint)),
      partial: f.let(i32.add(pointers.partials, i32.mul(chunk, 4 * chunkFloats))),
    }
    const endTile = f.let(lesserOf(f, i32.mul(i32.add(chunk, 1), cut.tilesPerChunk), tiles))
    const isFirst = f.let(i32.const(1))
    const tile = f.local('i32')
    f.for(tile, i32.mul(chunk, cut.tilesPerChunk), endTile, cut.tilesPerPass, () => {
      emitTransforms(f, at, tile, f.let(lesserOf(f, i32.add(tile, cut.tilesPerPass), endTile)))
      emitProducts(f, at, isFirst)
      f.set(isFirst, 0)
    })
  })
  return { ...kernel, chunks: cut.chunks, chunkFloats, scratchBytes: 4 * scratchFloats * kernel.parts }
}

const blocksOf = (channels: Expr<'i32'>): Expr<'i32'> => i32.divU(i32.add(channels, blockChannels - 1), blockChannels)

interface UnitPosition {
  readonly firstPanel: Local<'i32'>
  readonly endPanel: Local<'i32'>
  /** Output channels, and the first input channel, of this unit. */
  readonly firstColumn: Local<'i32'>
  readonly endColumn: Local<'i32'>
  readonly firstIn: Local<'i32'>
  readonly read: Local<'i32'>
  readonly readGradient: Local<'i32'>
  readonly inputs: Local<'i32'>
  readonly gradients: Local<'i32'>
  readonly partial: Local<'i32'>
}
