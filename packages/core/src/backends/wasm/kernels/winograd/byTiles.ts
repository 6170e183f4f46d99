import { type FunctionBuilder, i32, type Local, type ModuleBuilder } from '../../assembler/index.ts'
import { openPartialRow, type PartialRow } from '../columnStatistics.ts'
import type { ConvKernel, ConvOptions, Correlation } from '../conv/correlation.ts'
import { winogradFloats, winogradPointFloats } from '../conv/weightLayout.ts'
import { epiloguePointers } from '../epilogue.ts'
import { defineKernel, lesserOf, type PanelRange, panelsOfBlock, unravel } from '../kernel.ts'
import { cutTiles } from './cutTiles.ts'
import { gridOf, panelsOf, storageOf, WinogradStages } from './stages.ts'
import { points } from './tiles.ts'

/**
 * Emits Winograd's algorithm as one kernel. A unit takes some tiles: it transforms their inputs, multiplies them with the
 * weights (one product of matrices for each of the 36 points), and transforms the products back while they are cached.
 */
export function emitWinogradByTiles(m: ModuleBuilder, shape: Correlation, options: ConvOptions): ConvKernel {
  const { images, inChannels, outChannels, height, width, read, write } = shape
  const { tile, epilogue } = options
  const { statistics = [] } = epilogue ?? {}
  const { tiles } = gridOf(shape)
  const panels = panelsOf(outChannels, options.tile)
  const cut = cutTiles({ tiles, inChannels, outChannels, panels: panels.count, tileRows: tile.rows })
  const storage = storageOf(cut.tilesPerBlock, inChannels, Math.ceil(panels.count / cut.panelBlocks) * panels.width)
  const stages = new WinogradStages(shape, options, storage)

  const kernelShape = {
    name: `${options.name ?? shape.name} winograd`,
    pointers: ['input', 'weights', 'output', 'scratch', ...epiloguePointers(epilogue)] as readonly string[],
    units: cut.blocks * cut.panelBlocks,
    flops: 2 * images * height * width * 9 * inChannels * outChannels,
    // Each part has scratch of its own.
    mostParts: 32,
    bytes: 4 * (images * height * (read.y + width * outChannels) + winogradFloats(inChannels, outChannels)),
  }
  const kernel = defineKernel(m, kernelShape, (f, unit, pointers, begin) => {
    const [block, panelBlock] = unravel(f, unit, [cut.blocks, cut.panelBlocks]) as [Local<'i32'>, Local<'i32'>]
    const firstTile = f.let(i32.mul(block, cut.tilesPerBlock))
    const range = {
      firstTile,
      endTile: f.let(lesserOf(f, i32.add(firstTile, cut.tilesPerBlock), tiles)),
      ...panelsOfBlock(f, panelBlock, cut.panelBlocks, panels.count),
    }
    // No two threads begin with the same part, so that tells their scratch apart.
    const inputs = f.let(i32.add(pointers.scratch!, i32.mul(begin, 4 * storage.floats)))
    const products = f.let(i32.add(inputs, 4 * storage.products))
    const partial = statistics.length > 0 ? openPartial(f, pointers.statistics!, block, range) : undefined
    stages.transformInputs(f, range, { read: f.let(i32.add(pointers.input!, 4 * read.offset)), inputs })
    const results = {
      write: f.let(i32.add(pointers.output!, 4 * write.offset)),
      products,
      own: (epilogue?.pointers ?? []).map((name) => pointers[name]!),
      partial,
    }
    const at = { inputs: f.let(inputs), weights: f.let(pointers.weights!), products: f.let(products) }
    f.for(f.local('i32'), 0, points, 1, () => {
      stages.multiplyPoint(f, range, at)
      f.increment(at.inputs, 4 * storage.inputPoint)
      f.increment(at.weights, 4 * winogradPointFloats(inChannels, outChannels))
      f.increment(at.products, 4 * storage.productPoint)
    })
    stages.transformProducts(f, range, results)
  })

  /** This unit's channels in the partial row of its tiles. */
  function openPartial(f: FunctionBuilder, pointer: Local<'i32'>, row: Local<'i32'>, range: PanelRange): PartialRow {
    const first = f.let(i32.mul(range.firstPanel, panels.width))
    const end = f.let(lesserOf(f, i32.mul(range.endPanel, panels.width), outChannels))
    return openPartialRow(f, statistics, { pointer, row, columns: outChannels }, [first, end])
  }

  const partialRows = statistics.length > 0 ? cut.blocks : 0
  return { ...kernel, partialRows, scratchBytes: 4 * storage.floats * kernel.parts }
}
