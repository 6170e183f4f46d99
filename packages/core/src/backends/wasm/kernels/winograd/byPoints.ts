import { type FunctionBuilder, i32, type Local, type ModuleBuilder } from '../../assembler/index.ts'
import { openPartialRow } from '../columnStatistics.ts'
import type { ConvKernel, ConvOptions, Correlation } from '../conv/correlation.ts'
import { winogradFloats, winogradPointFloats } from '../conv/weightLayout.ts'
import { epiloguePointers } from '../epilogue.ts'
import { defineKernel, lesserOf, panelsOfBlock, unravel } from '../kernel.ts'
import { gridOf, panelsOf, storageOf, WinogradStages } from './stages.ts'
import { points } from './tiles.ts'

/** Pieces that each stage is cut into, about: enough for many threads, few enough to be worth it. */
const wantedUnits = 64
/** Transformed inputs and products of all tiles should stay in a third-level cache. */
const mostBytes = 16 * 2 ** 20
/** Weights that a second-level cache holds beside the tiles need not be read point by point. */
const leastWeightBytes = 2 ** 21

/** Whether weights are so many, and tiles so few, that reading the weights over and over is the greater part of the work. */
export function goesByPoints(shape: Correlation): boolean {
  const { inChannels, outChannels } = shape
  const bytes = 4 * points * gridOf(shape).tiles * (inChannels + outChannels)
  return bytes <= mostBytes && 4 * winogradFloats(inChannels, outChannels) >= leastWeightBytes
}

/**
 * Emits what `emitWinogradByTiles` does as three kernels that share their scratch: one transforms all inputs, one multiplies point
 * by point, one transforms all products back. Each weight is read once, where blocks of tiles that fit a cache would read
 * all of them for every block.
 */
export function emitWinogradByPoints(m: ModuleBuilder, shape: Correlation, options: ConvOptions): ConvKernel[] {
  const { images, inChannels, outChannels, height, width, read, write } = shape
  const { epilogue } = options
  const { statistics = [] } = epilogue ?? {}
  const { tiles } = gridOf(shape)
  const panels = panelsOf(outChannels, options.tile)
  const storage = storageOf(tiles, inChannels, panels.count * panels.width)
  const stages = new WinogradStages(shape, options, storage)
  const scratchBytes = 4 * storage.floats
  const inputBytes = 4 * points * tiles * inChannels
  const productBytes = 4 * points * tiles * outChannels

  const tilesPerUnit = Math.ceil(tiles / wantedUnits)
  const tileUnits = Math.ceil(tiles / tilesPerUnit)
  const panelBlocks = Math.min(panels.count, Math.ceil(wantedUnits / points))
  const name = `${options.name ?? shape.name} winograd`
  const pointers = ['input', 'weights', 'output', 'scratch', ...epiloguePointers(epilogue)] as readonly string[]
  const tilesOf = (f: FunctionBuilder, unit: Local<'i32'>) => {
    const firstTile = f.let(i32.mul(unit, tilesPerUnit))
    return { firstTile, endTile: f.let(lesserOf(f, i32.add(firstTile, tilesPerUnit), tiles)) }
  }

  const inputs = defineKernel(
    m,
    {
      name: `${name} inputs`,
      pointers,
      units: tileUnits,
      flops: 0,
      bytes: 4 * images * height * read.y + inputBytes,
    },
    (f, unit, { input, scratch }) => {
      const range = tilesOf(f, unit)
      const target = f.let(i32.add(scratch!, i32.mul(range.firstTile, 4 * storage.inputPitch)))
      stages.transformInputs(f, range, { read: f.let(i32.add(input!, 4 * read.offset)), inputs: target })
    },
  )
  const products = defineKernel(
    m,
    {
      name,
      pointers,
      units: points * panelBlocks,
      flops: 2 * images * height * width * 9 * inChannels * outChannels,
      bytes: 4 * winogradFloats(inChannels, outChannels) + inputBytes + productBytes,
    },
    (f, unit, { weights, scratch }) => {
      const [point, panelBlock] = unravel(f, unit, [points, panelBlocks]) as [Local<'i32'>, Local<'i32'>]
      const range = panelsOfBlock(f, panelBlock, panelBlocks, panels.count)
      const first = i32.add(i32.mul(point, 4 * storage.productPoint), i32.mul(range.firstPanel, 4 * panels.width))
      stages.multiplyPoint(f, range, {
        inputs: f.let(i32.add(scratch!, i32.mul(point, 4 * storage.inputPoint))),
        weights: f.let(i32.add(weights!, i32.mul(point, 4 * winogradPointFloats(inChannels, outChannels)))),
        products: f.let(i32.add(i32.add(scratch!, 4 * storage.products), first)),
      })
    },
  )
  const results = defineKernel(
    m,
    {
      name: `${name} results`,
      pointers,
      units: tileUnits,
      flops: 0,
      bytes: productBytes + 4 * images * height * width * outChannels,
    },
    (f, unit, own) => {
      const range = { ...tilesOf(f, unit), firstPanel: f.let(i32.const(0)), endPanel: f.let(i32.const(panels.count)) }
      const first = i32.mul(range.firstTile, 4 * storage.productPitch)
      const partial =
        statistics.length > 0
          ? openPartialRow(f, statistics, { pointer: own.statistics!, row: unit, columns: outChannels })
          : undefined
      stages.transformProducts(f, range, {
        write: f.let(i32.add(own.output!, 4 * write.offset)),
        products: f.let(i32.add(i32.add(own.scratch!, 4 * storage.products), first)),
        own: (epilogue?.pointers ?? []).map((pointer) => own[pointer]!),
        partial,
      })
    },
  )
  return [
    { ...inputs, partialRows: 0, scratchBytes },
    { ...products, partialRows: 0, scratchBytes },
    { ...results, partialRows: statistics.length > 0 ? tileUnits : 0, scratchBytes },
  ]
}
