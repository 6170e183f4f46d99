import { type FunctionBuilder, i32, type Local, type ModuleBuilder, v128 } from '../../assembler/index.ts'
import { narrowTile } from '../../features/tileShape.ts'
import { openPartialRow, type PartialRow, wantsSameTiles } from '../columnStatistics.ts'
import { epiloguePointers } from '../epilogue.ts'
import { defineKernel, lesserOf, unravel } from '../kernel.ts'
import { cutEvenly, cutPanels, type Panel } from '../partition.ts'
import { emitPrefetch, emitPrefetchPixels, isWorthPrefetching } from '../prefetch.ts'
import { TileEnd } from '../tileEnd.ts'
import type { ConvKernel, ConvOptions, Correlation } from './correlation.ts'
import { cutImages } from './cutImages.ts'

/** Channels go by vectors of their own, two at a time, whatever the register tile of other convolutions. */
export const depthwisePanelVectors = 2
const panelColumns = 4 * depthwisePanelVectors

/** Pixels of a row computed together, so that they share weights and the taps that overlap. */
export const depthwisePixels = (tile: { readonly vectors: number }): number => (tile.vectors > 2 ? 4 : 2)

/**
 * Emits a correlation in which every channel has weights of its own: `shape.groups` channels, weights in panels
 * [panel][tap][8 channels]. The channels of a few neighbouring pixels are gone through in order of memory; every input
 * that several of these pixels touch is loaded once a kernel row.
 */
export function emitDepthwise(m: ModuleBuilder, shape: Correlation, options: ConvOptions): ConvKernel {
  const { images, groups: channels, height, width, taps, read, write, site } = shape
  const { tile, epilogue } = options
  const { statistics = [] } = epilogue ?? {}
  const tapCount = taps.y * taps.x
  const own = epilogue?.pointers ?? []
  const pixels = depthwisePixels(wantsSameTiles(m, statistics) ? narrowTile : tile)
  const flops = 2 * images * height * width * channels * tapCount
  const cut = cutImages({
    flops,
    images,
    height,
    panels: 1,
    rowBytes: 4 * read.y,
    weightBytes: 4 * channels * tapCount,
  })

  /** Results of `count` pixels and one panel of channels. */
  const emitTile = (f: FunctionBuilder, at: TilePosition, count: number, panel: Panel): void => {
    const accumulators = Array.from({ length: count }, () =>
      Array.from({ length: panel.vectors }, () => f.let(f.constant(v128.zero()))),
    )
    for (let ky = 0; ky < taps.y; ky++) {
      const inputs = new Map<number, Local<'v128'>[]>()
      const inputAt = (offset: number): Local<'v128'>[] => {
        let vectors = inputs.get(offset)
        if (!vectors) {
          vectors = Array.from({ length: panel.vectors }, (_, v) =>
            f.let(v128.load(at.read, { offset: 4 * offset + 16 * v, align: 4 })),
          )
          inputs.set(offset, vectors)
        }
        return vectors
      }
      for (let kx = 0; kx < taps.x; kx++) {
        const first = 16 * panel.vectors * (ky * taps.x + kx)
        const weights = Array.from({ length: panel.vectors }, (_, v) =>
          f.let(v128.load(at.weights, { offset: first + 16 * v, align: 4 })),
        )
        accumulators.forEach((accumulator, p) => {
          const input = inputAt(ky * read.tapY + kx * read.tapX + p * read.x)
          accumulator.forEach((local, v) => {
            f.set(local, f.madd(input[v]!, weights[v]!, local))
          })
        })
      }
    }
    const end = new TileEnd(f, epilogue)
    accumulators.forEach((values, p) => {
      const y = i32.add(i32.mul(at.y, site.strideY), site.firstY)
      const x = i32.add(i32.mul(i32.add(at.x, p), site.strideX), site.firstX)
      const row = i32.add(i32.mul(i32.add(i32.mul(at.image, site.height), y), site.width), x)
      const where = { image: at.image, y, x, row, column: at.channel, columns: panel.columns, pointers: at.own }
      end.row(values, where, at.write, 4 * p * write.x)
    })
    end.addTo(at.partial, at.channel, panel.columns)
  }

  /** All channels of `count` pixels. */
  const emitPixels = (f: FunctionBuilder, at: TilePosition, count: number): void => {
    const moving = { ...at, read: f.let(at.read), write: f.let(at.write), weights: f.let(at.weights) }
    for (const panel of cutPanels(channels, depthwisePanelVectors)) {
      f.set(moving.channel, panel.start)
      f.for(f.local('i32'), 0, panel.count, 1, () => {
        emitTile(f, moving, count, panel)
        f.increment(moving.read, 4 * panelColumns)
        f.increment(moving.write, 4 * panelColumns)
        f.increment(moving.weights, 4 * panelColumns * tapCount)
        f.increment(moving.channel, panelColumns)
      })
    }
  }

  /** Fetches what a row of results is the first to read, and where it is written. */
  const emitPrefetches = (
    f: FunctionBuilder,
    at: Pick<TilePosition, 'image' | 'y' | 'read' | 'write' | 'own'>,
  ): void => {
    const readFloats = (width - 1) * read.x + (taps.x - 1) * read.tapX + channels
    const newRows = Math.min(taps.y, Math.ceil(read.y / read.tapY))
    for (let row = taps.y - newRows; row < taps.y; row++)
      emitPrefetch(f, i32.add(at.read, 4 * row * read.tapY), readFloats)
    emitPrefetchPixels(f, at.write, { pixels: width, pitch: write.x, channels })
    const y = f.let(i32.add(i32.mul(at.y, site.strideY), site.firstY))
    for (const operand of epilogue?.images ?? []) {
      const place = i32.add(i32.mul(at.image, 4 * operand.image), i32.mul(y, 4 * operand.y))
      const first = 4 * (operand.offset + site.firstX * operand.x)
      const pixels = { pixels: width, pitch: site.strideX * operand.x, channels }
      emitPrefetchPixels(f, i32.add(i32.add(at.own[operand.pointer]!, place), first), pixels)
    }
  }
  const prefetches = isWorthPrefetching(images * height * width * channels)

  const kernelShape = {
    name: options.name ?? shape.name,
    pointers: ['input', 'weights', 'output', ...epiloguePointers(epilogue)] as readonly string[],
    units: images * cut.rowBlocks,
    flops,
    bytes: 4 * images * height * (width * channels + read.y),
  }
  const kernel = defineKernel(m, kernelShape, (f, unit, pointers) => {
    const [image, rowBlock] = unravel(f, unit, [images, cut.rowBlocks]) as [Local<'i32'>, Local<'i32'>]
    const firstRow = f.let(i32.mul(rowBlock, cut.rowsPerBlock))
    const endRow = f.let(lesserOf(f, i32.add(firstRow, cut.rowsPerBlock), height))
    const place = (pointer: Local<'i32'>, offset: number, perImage: number, perRow: number) => {
      const inside = i32.add(i32.mul(image, 4 * perImage), i32.mul(firstRow, 4 * perRow))
      return f.let(i32.add(i32.add(pointer, inside), 4 * offset))
    }
    const readRow = place(pointers.input!, read.offset, read.image, read.y)
    const writeRow = place(pointers.output!, write.offset, write.image, write.y)
    const partial =
      statistics.length > 0
        ? openPartialRow(f, statistics, { pointer: pointers.statistics!, row: unit, columns: channels })
        : undefined
    const [y, x, channel] = [f.local('i32'), f.local('i32'), f.local('i32')]
    f.for(y, firstRow, endRow, 1, () => {
      const at: TilePosition = {
        image,
        y,
        x,
        channel,
        read: f.let(readRow),
        write: f.let(writeRow),
        weights: f.let(i32.add(pointers.weights!, 4 * shape.weightsOffset)),
        own: own.map((name) => pointers[name]!),
        partial,
      }
      if (prefetches) emitPrefetches(f, at)
      f.set(x, 0)
      for (const { length, count } of cutEvenly(width, pixels))
        f.for(f.local('i32'), 0, count, 1, () => {
          emitPixels(f, at, length)
          f.increment(at.read, 4 * length * read.x)
          f.increment(at.write, 4 * length * write.x)
          f.increment(x, length)
        })
      f.increment(readRow, 4 * read.y)
      f.increment(writeRow, 4 * write.y)
    })
  })
  return { ...kernel, partialRows: statistics.length > 0 ? images * cut.rowBlocks : 0, scratchBytes: 0 }
}

interface TilePosition {
  readonly image: Local<'i32'>
  readonly y: Local<'i32'>
  readonly x: Local<'i32'>
  readonly channel: Local<'i32'>
  readonly read: Local<'i32'>
  readonly write: Local<'i32'>
  readonly weights: Local<'i32'>
  readonly own: readonly Local<'i32'>[]
  readonly partial: PartialRow | undefined
}
