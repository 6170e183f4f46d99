import { type Expr, type FunctionBuilder, i32, type Local, type ModuleBuilder, v128 } from '../../assembler/index.ts'
import { openPartialRow, type PartialRow } from '../columnStatistics.ts'
import type { ConvKernel, ConvOptions, Correlation } from '../conv/correlation.ts'
import { winogradFloats, winogradPointFloats } from '../conv/weightLayout.ts'
import { epiloguePointers } from '../epilogue.ts'
import { defineKernel, lesserOf, unravel } from '../kernel.ts'
import { cutEvenly, cutPanels, type Panel } from '../partition.ts'
import { storeColumns } from '../storeColumns.ts'
import { clearAccumulators, emitTileProducts, tileAccumulators, tileRows } from '../tile.ts'
import { TileEnd } from '../tileEnd.ts'
import { cutTiles } from './cutTiles.ts'
import { blockChannels, emitToPoints, forEachTile, points, tileBytes } from './tiles.ts'
import { tileOutputs, tilePoints, transformInput, transformOutput, transformSquares } from './transforms.ts'

/**
 * Emits a 3 × 3 correlation of stride 1 by Winograd's algorithm, for results that divide into tiles of 4 × 4. Weights are
 * those of `emitPackWinogradWeights`. A unit takes some tiles: it transforms their inputs, multiplies them with the
 * weights (one product of matrices for each of the 36 points), and transforms the products back while they are cached.
 */
export function emitWinograd(m: ModuleBuilder, shape: Correlation, options: ConvOptions): ConvKernel {
  const { images, inChannels, outChannels, height, width, read, write, site } = shape
  const { tile, epilogue } = options
  const { statistics = [] } = epilogue ?? {}
  const grid = { images, down: Math.ceil(height / tileOutputs), across: Math.ceil(width / tileOutputs) }
  const tiles = images * grid.down * grid.across
  const panels = cutPanels(outChannels, tile.vectors)
  const panelCount = panels.reduce((sum, panel) => sum + panel.count, 0)
  const panelWidth = 4 * tile.vectors
  const cut = cutTiles({ tiles, inChannels, outChannels, panels: panelCount, tileRows: tile.rows })
  const own = epilogue?.pointers ?? []

  // Scratch: transformed inputs [point][tile][channel], then products [point][tile][column]. A line more between points,
  // so that the 36 of them do not fall into the same set of the cache.
  const inputPitch = Math.ceil(inChannels / blockChannels) * blockChannels
  const inputPoint = cut.tilesPerBlock * inputPitch + 16
  const blockColumns = Math.ceil(panelCount / cut.panelBlocks) * panelWidth
  const productPoint = cut.tilesPerBlock * blockColumns + 16
  const scratchFloats = points * (inputPoint + productPoint)

  const emitInputs = (f: FunctionBuilder, at: UnitPosition): void => {
    const target = f.let(at.inputs)
    forEachTile(f, grid, at.firstTile, at.endTile, (place) => {
      emitToPoints(f, f.let(i32.add(at.read, tileBytes(place, read))), f.let(target), {
        size: tilePoints,
        transform: transformInput,
        distances: read,
        blocks: inputPitch / blockChannels,
        pointFloats: inputPoint,
      })
      f.increment(target, 4 * inputPitch)
    })
  }

  const emitProducts = (f: FunctionBuilder, at: UnitPosition): void => {
    const [inputs, weights, products] = [f.let(at.inputs), f.let(at.weights), f.let(at.products)]
    f.for(f.local('i32'), 0, points, 1, () => {
      const emitPanel = (index: Local<'i32'>, { vectors }: Panel): void => {
        const b = f.let(i32.add(weights, i32.mul(index, 4 * panelWidth * inChannels)))
        const c = f.let(i32.add(products, i32.mul(i32.sub(index, at.firstPanel), 4 * panelWidth)))
        const a = f.let(inputs)
        for (const { length, count } of cutEvenly(cut.tilesPerBlock, tileRows(tile, vectors))) {
          const accumulators = tileAccumulators(f, length, vectors)
          f.for(f.local('i32'), 0, count, 1, () => {
            clearAccumulators(f, accumulators)
            const operands = {
              a: f.let(a),
              b: f.let(b),
              aRowBytes: (row: number) => 4 * row * inputPitch,
              aStepBytes: 4,
              bStepBytes: 16 * vectors,
              runLength: inChannels,
            }
            emitTileProducts(f, accumulators, operands, tile.unroll)
            accumulators.forEach((values, row) => {
              storeColumns(f, c, values, 4 * vectors, 4 * row * blockColumns)
            })
            f.increment(a, 4 * length * inputPitch)
            f.increment(c, 4 * length * blockColumns)
          })
        }
      }
      forEachPanel(f, at, emitPanel)
      f.increment(inputs, 4 * inputPoint)
      f.increment(weights, 4 * winogradPointFloats(inChannels, outChannels))
      f.increment(products, 4 * productPoint)
    })
  }

  const forEachPanel = (
    f: FunctionBuilder,
    at: UnitPosition,
    body: (index: Local<'i32'>, panel: Panel) => void,
  ): void => {
    for (const panel of panels) {
      if (panel.columns === panelWidth) {
        const index = f.local('i32')
        const end = panel.count === panelCount ? at.endPanel : f.let(lesserOf(f, at.endPanel, panel.count))
        f.for(index, at.firstPanel, end, 1, () => body(index, panel))
      } else {
        const index = f.let(i32.const(panelCount - 1))
        f.if(cut.panelBlocks === 1 ? 1 : i32.eq(at.endPanel, panelCount), () => body(index, panel))
      }
    }
  }

  const emitResults = (f: FunctionBuilder, at: UnitPosition): void => {
    const products = f.let(at.products)
    const divides = height % tileOutputs === 0 && width % tileOutputs === 0
    const firstColumn = f.let(i32.mul(at.firstPanel, panelWidth))
    const endColumn = f.let(lesserOf(f, i32.mul(at.endPanel, panelWidth), outChannels))
    forEachTile(f, grid, at.firstTile, at.endTile, (place) => {
      const target = f.let(i32.add(i32.add(at.write, tileBytes(place, write)), i32.mul(firstColumn, 4)))
      const from = f.let(products)
      const channel = f.local('i32')
      const rest = outChannels % blockChannels
      const emitBlock = (columns: number): void => {
        const vectors = Math.ceil(columns / 4)
        const end = new TileEnd(f, epilogue)
        const storePixel = (dy: number, dx: number, values: readonly Local<'v128'>[]): void => {
          const y = i32.add(i32.mul(place.y, tileOutputs), dy)
          const x = i32.add(i32.mul(place.x, tileOutputs), dx)
          const row = i32.add(i32.mul(i32.add(i32.mul(place.image, site.height), y), site.width), x)
          const where = { image: place.image, y, x, row, column: channel, columns, pointers: at.own }
          // The last tiles of a row or column may reach beyond the image. Without branches between the pixels V8 can join
          // vectors, so there are none where no tile does.
          const inside = divides ? undefined : i32.and(belowEdge(place.y, dy, height), belowEdge(place.x, dx, width))
          end.row(values, where, target, 4 * (dy * write.y + dx * write.x), inside)
        }
        transformSquares(
          f,
          transformOutput,
          { size: tilePoints, vectors },
          {
            load: (y, x, v) => {
              const offset = 4 * (y * tilePoints + x) * productPoint + 16 * v
              return f.let(v128.load(from, { offset, align: 4 }))
            },
            store: (dy, rows) => {
              rows[0]!.forEach((_, dx) => {
                storePixel(
                  dy,
                  dx,
                  rows.map((row) => row[dx]!),
                )
              })
            },
          },
        )
        end.addTo(at.partial, channel, columns)
        f.increment(from, 4 * blockChannels)
        f.increment(target, 4 * blockChannels)
      }
      f.for(channel, firstColumn, rest ? i32.sub(endColumn, blockChannels - 1) : endColumn, blockChannels, () =>
        emitBlock(blockChannels),
      )
      if (rest) f.if(i32.ltS(channel, endColumn), () => emitBlock(rest))
      f.increment(products, 4 * blockColumns)
    })
  }

  const flops = 2 * images * height * width * 9 * inChannels * outChannels
  const kernelShape = {
    name: `${options.name ?? shape.name} winograd`,
    pointers: ['input', 'weights', 'output', 'scratch', ...epiloguePointers(epilogue)] as readonly string[],
    units: cut.blocks * cut.panelBlocks,
    flops,
    // Each part has scratch of its own.
    mostParts: 32,
    bytes: 4 * (images * height * (read.y + width * outChannels) + winogradFloats(inChannels, outChannels)),
  }
  const kernel = defineKernel(m, kernelShape, (f, unit, pointers, begin) => {
    const [block, panelBlock] = unravel(f, unit, [cut.blocks, cut.panelBlocks]) as [Local<'i32'>, Local<'i32'>]
    const firstTile = f.let(i32.mul(block, cut.tilesPerBlock))
    // No two threads begin with the same part, so that tells their scratch apart.
    const scratch = f.let(i32.add(pointers.scratch!, i32.mul(begin, 4 * scratchFloats)))
    const at: UnitPosition = {
      firstTile,
      endTile: f.let(lesserOf(f, i32.add(firstTile, cut.tilesPerBlock), tiles)),
      firstPanel: f.let(i32.divU(i32.mul(panelBlock, panelCount), cut.panelBlocks)),
      endPanel: f.let(i32.divU(i32.mul(i32.add(panelBlock, 1), panelCount), cut.panelBlocks)),
      read: f.let(i32.add(pointers.input!, 4 * read.offset)),
      write: f.let(i32.add(pointers.output!, 4 * write.offset)),
      weights: pointers.weights!,
      inputs: scratch,
      products: f.let(i32.add(scratch, 4 * points * inputPoint)),
      own: own.map((name) => pointers[name]!),
      partial: undefined,
    }
    const partial = statistics.length > 0 ? openPartial(f, pointers.statistics!, block, at) : undefined
    emitInputs(f, at)
    emitProducts(f, at)
    emitResults(f, { ...at, partial })
  })

  /** This unit's channels in the partial row of its tiles. */
  function openPartial(f: FunctionBuilder, pointer: Local<'i32'>, row: Local<'i32'>, at: UnitPosition): PartialRow {
    const first = f.let(i32.mul(at.firstPanel, panelWidth))
    const end = f.let(lesserOf(f, i32.mul(at.endPanel, panelWidth), outChannels))
    return openPartialRow(f, statistics, { pointer, row, columns: outChannels }, [first, end])
  }

  const partialRows = statistics.length > 0 ? cut.blocks : 0
  return { ...kernel, partialRows, scratchBytes: 4 * scratchFloats * kernel.parts }
}

/** Whether a pixel of a tile lies in the image along one axis. */
function belowEdge(tile: Local<'i32'>, pixel: number, size: number): Expr<'i32'> {
  const last = size % tileOutputs === 0 ? tileOutputs : size % tileOutputs
  return pixel < last ? i32.const(1) : i32.ltU(tile, Math.floor(size / tileOutputs))
}

interface UnitPosition {
  readonly firstTile: Local<'i32'>
  readonly endTile: Local<'i32'>
  readonly firstPanel: Local<'i32'>
  readonly endPanel: Local<'i32'>
  readonly read: Local<'i32'>
  readonly write: Local<'i32'>
  readonly weights: Local<'i32'>
  readonly inputs: Local<'i32'>
  readonly products: Local<'i32'>
  readonly own: readonly Local<'i32'>[]
  readonly partial: PartialRow | undefined
}
