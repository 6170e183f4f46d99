import { type Expr, type FunctionBuilder, i32, type Local, v128 } from '../../assembler/index.ts'
import type { TileShape } from '../../features/tileShape.ts'
import type { PartialRow } from '../columnStatistics.ts'
import type { ConvOptions, Correlation } from '../conv/correlation.ts'
import { lesserOf, type PanelRange } from '../kernel.ts'
import { cutEvenly, cutPanels, type Panel } from '../partition.ts'
import { isWorthPrefetching } from '../prefetch.ts'
import { storeColumns } from '../storeColumns.ts'
import { clearAccumulators, emitTileProducts, tileAccumulators, tileRows } from '../tile.ts'
import { TileEnd } from '../tileEnd.ts'
import {
  blockChannels,
  emitPrefetchTiles,
  emitToPoints,
  forEachTile,
  points,
  type TileGrid,
  tileBytes,
} from './tiles.ts'
import { tileOutputs, tilePoints, transformInput, transformOutput, transformSquares } from './transforms.ts'

/** Tiles from the first up to the end. */
export interface TileRange {
  readonly firstTile: Local<'i32'>
  readonly endTile: Local<'i32'>
}

/**
 * Where transformed inputs [point][tile][channel] and, behind them, products [point][tile][column] lie. Distances count
 * floats.
 */
export interface Storage {
  /** Tiles that there is room for at each point. */
  readonly tiles: number
  readonly inputPitch: number
  readonly inputPoint: number
  readonly productPitch: number
  readonly productPoint: number
  /** Where the products begin. */
  readonly products: number
  /** Of both. */
  readonly floats: number
}

/**
 * Room for so many tiles and columns: a line more between points, so that the 36 of them do not fall into the same set of
 * the cache.
 */
export function storageOf(tiles: number, inChannels: number, columns: number): Storage {
  const inputPitch = Math.ceil(inChannels / blockChannels) * blockChannels
  const [inputPoint, productPoint] = [tiles * inputPitch + 16, tiles * columns + 16]
  return {
    tiles,
    inputPitch,
    inputPoint,
    productPitch: columns,
    productPoint,
    products: points * inputPoint,
    floats: points * (inputPoint + productPoint),
  }
}

/** The tiles of 4 × 4 results that cover every image. */
export function gridOf({ images, height, width }: Correlation): TileGrid & { readonly tiles: number } {
  const [down, across] = [Math.ceil(height / tileOutputs), Math.ceil(width / tileOutputs)]
  return { images, down, across, tiles: images * down * across }
}

/** The panels of output channels that the register tile works on; only the last of them may be narrower. */
export interface Panels {
  readonly panels: readonly Panel[]
  readonly count: number
  /** Columns of all but the last. */
  readonly width: number
}

export function panelsOf(outChannels: number, { vectors }: TileShape): Panels {
  const panels = cutPanels(outChannels, vectors)
  return { panels, count: panels.reduce((sum, panel) => sum + panel.count, 0), width: 4 * vectors }
}

export function forEachPanel(
  f: FunctionBuilder,
  { panels, count, width }: Panels,
  { firstPanel, endPanel }: PanelRange,
  body: (index: Local<'i32'>, panel: Panel) => void,
): void {
  for (const panel of panels) {
    if (panel.columns === width) {
      const index = f.local('i32')
      const end = panel.count === count ? endPanel : f.let(lesserOf(f, endPanel, panel.count))
      f.for(index, firstPanel, end, 1, () => body(index, panel))
    } else {
      const index = f.let(i32.const(count - 1))
      f.if(i32.eq(endPanel, count), () => body(index, panel))
    }
  }
}

/** The three stages of Winograd's algorithm, for kernels that do them one after the other or each for itself. */
export class WinogradStages {
  readonly #shape: Correlation
  readonly #options: ConvOptions
  readonly #storage: Storage
  readonly #grid: TileGrid

  constructor(shape: Correlation, options: ConvOptions, storage: Storage) {
    this.#shape = shape
    this.#options = options
    this.#storage = storage
    this.#grid = gridOf(shape)
  }

  /** Transforms tiles of the image at `read`, to points from `inputs` on. */
  transformInputs(
    f: FunctionBuilder,
    { firstTile, endTile }: TileRange,
    { read, inputs }: { readonly read: Local<'i32'>; readonly inputs: Local<'i32'> },
  ): void {
    const { inputPitch, inputPoint } = this.#storage
    const { images, height, width, inChannels, read: distances } = this.#shape
    if (isWorthPrefetching(images * height * width * inChannels)) {
      const tiles = { first: firstTile, end: endTile }
      emitPrefetchTiles(f, this.#grid, tiles, { source: read, distances, rows: tilePoints, channels: inChannels })
    }
    const target = f.let(inputs)
    forEachTile(f, this.#grid, firstTile, endTile, (place) => {
      emitToPoints(f, f.let(i32.add(read, tileBytes(place, distances))), f.let(target), {
        size: tilePoints,
        transform: transformInput,
        distances,
        blocks: inputPitch / blockChannels,
        pointFloats: inputPoint,
      })
      f.increment(target, 4 * inputPitch)
    })
  }

  /** Multiplies the transformed inputs of a point with its weights: all tiles of the storage, some panels. */
  multiplyPoint(
    f: FunctionBuilder,
    range: PanelRange,
    at: { readonly inputs: Local<'i32'>; readonly weights: Local<'i32'>; readonly products: Local<'i32'> },
  ): void {
    const { tile } = this.#options
    const { inChannels } = this.#shape
    const { tiles, inputPitch, productPitch } = this.#storage
    const panels = panelsOf(this.#shape.outChannels, this.#options.tile)
    forEachPanel(f, panels, range, (index, { vectors }) => {
      const b = f.let(i32.add(at.weights, i32.mul(index, 4 * panels.width * inChannels)))
      const c = f.let(i32.add(at.products, i32.mul(i32.sub(index, range.firstPanel), 4 * panels.width)))
      const a = f.let(at.inputs)
      for (const { length, count } of cutEvenly(tiles, tileRows(tile, vectors))) {
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
            storeColumns(f, c, values, 4 * vectors, 4 * row * productPitch)
          })
          f.increment(a, 4 * length * inputPitch)
          f.increment(c, 4 * length * productPitch)
        })
      }
    })
  }

  /** Transforms products back, and stores what the epilogue makes of them in the image at `write`. */
  transformProducts(
    f: FunctionBuilder,
    { firstTile, endTile, firstPanel, endPanel }: TileRange & PanelRange,
    at: {
      readonly write: Local<'i32'>
      readonly products: Local<'i32'>
      /** The epilogue's pointers. */
      readonly own: readonly Local<'i32'>[]
      readonly partial: PartialRow | undefined
    },
  ): void {
    const { outChannels, height, width, write, site } = this.#shape
    const { productPitch, productPoint } = this.#storage
    const panelWidth = panelsOf(this.#shape.outChannels, this.#options.tile).width
    const divides = height % tileOutputs === 0 && width % tileOutputs === 0
    const products = f.let(at.products)
    const firstColumn = f.let(i32.mul(firstPanel, panelWidth))
    const endColumn = f.let(lesserOf(f, i32.mul(endPanel, panelWidth), outChannels))
    forEachTile(f, this.#grid, firstTile, endTile, (place) => {
      const target = f.let(i32.add(i32.add(at.write, tileBytes(place, write)), i32.mul(firstColumn, 4)))
      const from = f.let(products)
      const channel = f.local('i32')
      const rest = outChannels % blockChannels
      const emitBlock = (columns: number): void => {
        const vectors = Math.ceil(columns / 4)
        const end = new TileEnd(f, this.#options.epilogue)
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
      f.increment(products, 4 * productPitch)
    })
  }
}

/** Whether a pixel of a tile lies in the image along one axis. */
function belowEdge(tile: Local<'i32'>, pixel: number, size: number): Expr<'i32'> {
  const last = size % tileOutputs === 0 ? tileOutputs : size % tileOutputs
  return pixel < last ? i32.const(1) : i32.ltU(tile, Math.floor(size / tileOutputs))
}
