import { type Expr, type FunctionBuilder, i32, type Local, v128 } from '../../assembler/index.ts'
import { unravel } from '../kernel.ts'
import { emitPrefetchPixels } from '../prefetch.ts'
import { storeColumns } from '../storeColumns.ts'
import { type Transform, tileOutputs, tilePoints, transformSquares } from './transforms.ts'

export const points = tilePoints * tilePoints
/** Channels that the transforms take at a time. */
export const blockChannels = 8

/** Tiles of 4 × 4 pixels, counted through columns, rows and images. */
export interface TileGrid {
  readonly images: number
  readonly down: number
  readonly across: number
}

/** Where a tile lies, in tiles. */
export interface TilePlace {
  readonly image: Local<'i32'>
  readonly y: Local<'i32'>
  readonly x: Local<'i32'>
}

/** Distances in floats from image to image, row to row and pixel to pixel. */
export interface PixelDistances {
  readonly image: number
  readonly y: number
  readonly x: number
}

export function forEachTile(
  f: FunctionBuilder,
  grid: TileGrid,
  first: Local<'i32'>,
  end: Local<'i32'>,
  body: (place: TilePlace) => void,
): void {
  const index = f.local('i32')
  f.for(index, first, end, 1, () => {
    const place = unravel(f, index, [grid.images, grid.down, grid.across]) as [Local<'i32'>, Local<'i32'>, Local<'i32'>]
    body({ image: place[0], y: place[1], x: place[2] })
  })
}

/** Bytes from pixel (0, 0) of the first image to a tile's first pixel. */
export function tileBytes({ image, y, x }: TilePlace, distances: PixelDistances): Expr<'i32'> {
  const inImage = i32.add(i32.mul(y, 4 * tileOutputs * distances.y), i32.mul(x, 4 * tileOutputs * distances.x))
  return i32.add(i32.mul(image, 4 * distances.image), inImage)
}

/** Fetches so many rows of pixels of tiles, before they are gone through a few channels at a time. */
export function emitPrefetchTiles(
  f: FunctionBuilder,
  grid: TileGrid,
  { first, end }: { readonly first: Local<'i32'>; readonly end: Local<'i32'> },
  {
    source,
    distances,
    rows,
    channels,
  }: {
    /** Address of pixel (0, 0) of the first image, and its first channel. */
    readonly source: Local<'i32'>
    readonly distances: PixelDistances
    readonly rows: number
    readonly channels: number
  },
): void {
  forEachTile(f, grid, first, end, (place) => {
    const row = f.let(i32.add(source, tileBytes(place, distances)))
    f.for(f.local('i32'), 0, rows, 1, () => {
      emitPrefetchPixels(f, row, { pixels: tileOutputs, pitch: distances.x, channels })
      f.increment(row, 4 * distances.y)
    })
  })
}

/**
 * Transforms a square of pixels, all channels, to 36 points: from `source` (its first pixel) to `target`, where the
 * points are `pointFloats` apart. Both pointers move behind the last channel.
 */
export function emitToPoints(
  f: FunctionBuilder,
  source: Local<'i32'>,
  target: Local<'i32'>,
  shape: {
    readonly size: number
    readonly transform: Transform
    readonly distances: PixelDistances
    /** Blocks of eight channels. */
    readonly blocks: Expr<'i32'> | number
    readonly pointFloats: number
  },
): void {
  const { size, transform, distances, blocks, pointFloats } = shape
  f.for(f.local('i32'), 0, blocks, 1, () => {
    transformSquares(
      f,
      transform,
      { size, vectors: 2 },
      {
        load: (y, x, half) => {
          const offset = 4 * (y * distances.y + x * distances.x) + 16 * half
          return f.let(v128.load(source, { offset, align: 4 }))
        },
        store: (y, [left, right]) => {
          left!.forEach((value, x) => {
            storeColumns(f, target, [value, right![x]!], blockChannels, 4 * (y * tilePoints + x) * pointFloats)
          })
        },
      },
    )
    f.increment(source, 4 * blockChannels)
    f.increment(target, 4 * blockChannels)
  })
}
