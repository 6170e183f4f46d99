import { type Expr, type FunctionBuilder, i32, type Local, type ModuleBuilder } from '../../assembler/index.ts'
import { type TileShape, widestPanels } from '../../features/tileShape.ts'
import { openPartialRow, type PartialRow, wantsSameTiles } from '../columnStatistics.ts'
import { type Epilogue, epiloguePointers, type ImageStoreSite } from '../epilogue.ts'
import { packedFloats } from '../gemm/pack.ts'
import { defineKernel, type Kernel, lesserOf, panelsOfBlock, unravel } from '../kernel.ts'
import { cutEvenly, cutPanels, type Panel } from '../partition.ts'
import {
  type Accumulators,
  clearAccumulators,
  emitTileProducts,
  type RunLoop,
  tileAccumulators,
  tileRows,
} from '../tile.ts'
import { TileEnd } from '../tileEnd.ts'
import { cutImages } from './cutImages.ts'

/**
 * A correlation of packed weights with images: the loop nest that the forward convolution and the input gradient (one
 * for each class of pixels) share. Distances count floats.
 */
export interface Correlation {
  readonly name: string
  readonly images: number
  readonly groups: number
  /** Channels a group. */
  readonly inChannels: number
  readonly outChannels: number
  /** Results an image. */
  readonly height: number
  readonly width: number
  readonly taps: { readonly y: number; readonly x: number }
  readonly read: {
    /** From the pointer to the first tap of result (0, 0). */
    readonly offset: number
    readonly image: number
    /** From a result's first tap to that of the result below and right of it. */
    readonly y: number
    readonly x: number
    /** From tap to tap. */
    readonly tapY: number
    readonly tapX: number
  }
  readonly write: { readonly offset: number; readonly image: number; readonly y: number; readonly x: number }
  /** Floats from the pointer to the weights of group 0. */
  readonly weightsOffset: number
  /** Where a result lies in the whole image that the epilogue sees. */
  readonly site: {
    readonly height: number
    readonly width: number
    readonly firstY: number
    readonly firstX: number
    readonly strideY: number
    readonly strideX: number
  }
}

export interface ConvOptions {
  readonly tile: TileShape
  readonly epilogue?: Epilogue<ImageStoreSite>
  readonly name?: string
  /** Whether Winograd's algorithm goes point by point rather than by blocks of tiles. By default the sizes decide. */
  readonly byPoints?: boolean
}

/** Pointers `input`, `weights`, `output`, then `scratch` and `statistics` where needed, then the epilogue's. */
export interface ConvKernel extends Kernel {
  /** Partial rows of what its epilogue gathers; 0 where that is nothing. */
  readonly partialRows: number
  /**
   * Where not 0, the kernel has a pointer `scratch` after `output`, to as many bytes that are left alone while the kernels
   * of its convolution run.
   */
  readonly scratchBytes: number
}

/**
 * Emits a correlation. Several neighbouring pixels of a row × 16 channels are one register tile; in NHWC the taps of a
 * kernel row are contiguous (dilation 1), so the inner loop is one run over them. Weights of 16 channels stay cached
 * while a block of rows passes.
 */
export function emitCorrelation(m: ModuleBuilder, shape: Correlation, options: ConvOptions): ConvKernel {
  const { images, groups, inChannels, outChannels, height, width, taps, read, write, site } = shape
  const { tile, epilogue } = options
  const { statistics = [] } = epilogue ?? {}
  const depth = taps.y * taps.x * inChannels
  const panels = cutPanels(outChannels, tile.vectors)
  const panelCount = panels.reduce((sum, panel) => sum + panel.count, 0)
  const panelWidth = 4 * tile.vectors
  const flops = 2 * images * groups * height * width * depth * outChannels
  const sameTiles = wantsSameTiles(m, statistics)
  const cut = cutImages({
    flops,
    images: images * groups,
    height,
    panels: sameTiles ? widestPanels(outChannels) : panelCount,
    rowBytes: 4 * read.y,
    weightBytes: 4 * packedFloats(depth, outChannels),
  })
  const allChannels = groups * outChannels
  const own = epilogue?.pointers ?? []

  /** Runs of k: one a kernel row where its taps are contiguous, else one a tap. */
  const contiguous = taps.x === 1 || read.tapX === inChannels
  const runLength = contiguous ? taps.x * inChannels : inChannels
  const loopsOf = (vectors: number): readonly RunLoop[] => {
    const bStep = 16 * vectors
    const rows: RunLoop = { count: taps.y, aBytes: 4 * read.tapY, bBytes: bStep * taps.x * inChannels }
    const columns: RunLoop = { count: taps.x, aBytes: 4 * read.tapX, bBytes: bStep * inChannels }
    if (contiguous) return taps.y === 1 ? [] : [rows]
    return [rows, columns]
  }

  const emitTile = (f: FunctionBuilder, at: TilePosition, accumulators: Accumulators, panel: Panel): void => {
    clearAccumulators(f, accumulators)
    if (depth > 0) {
      const operands = {
        a: f.let(at.read),
        b: f.let(at.weights),
        aRowBytes: (row: number) => 4 * row * read.x,
        aStepBytes: 4,
        bStepBytes: 16 * panel.vectors,
        runLength,
        loops: loopsOf(panel.vectors),
      }
      emitTileProducts(f, accumulators, operands, tile.unroll)
    }
    const end = new TileEnd(f, epilogue)
    accumulators.forEach((values, r) => {
      const y = i32.add(i32.mul(at.y, site.strideY), site.firstY)
      const x = i32.add(i32.mul(i32.add(at.x, r), site.strideX), site.firstX)
      const row = i32.add(i32.mul(i32.add(i32.mul(at.image, site.height), y), site.width), x)
      const where = { image: at.image, y, x, row, column: at.channel, columns: panel.columns, pointers: at.own }
      end.row(values, where, at.write, 4 * r * write.x)
    })
    end.addTo(at.partial, at.channel, panel.columns)
  }

  const emitPanel = (f: FunctionBuilder, at: UnitPosition, panel: Panel, index: Local<'i32'>): void => {
    const inGroup = f.let(i32.mul(index, panelWidth))
    const channel = groups === 1 ? inGroup : f.let(i32.add(inGroup, i32.mul(at.group, outChannels)))
    const weights = f.let(i32.add(at.weights, i32.mul(inGroup, 4 * depth)))
    const readRow = f.let(at.read)
    const writeRow = f.let(i32.add(at.write, i32.mul(inGroup, 4)))
    const y = f.local('i32')
    f.for(y, at.firstRow, at.endRow, 1, () => {
      const position = {
        ...at,
        channel,
        weights,
        y,
        x: f.let(i32.const(0)),
        read: f.let(readRow),
        write: f.let(writeRow),
      }
      for (const { length, count } of cutEvenly(width, sameTiles ? tile.rows : tileRows(tile, panel.vectors))) {
        const accumulators = tileAccumulators(f, length, panel.vectors)
        f.for(f.local('i32'), 0, count, 1, () => {
          emitTile(f, position, accumulators, panel)
          f.increment(position.read, 4 * length * read.x)
          f.increment(position.write, 4 * length * write.x)
          f.increment(position.x, length)
        })
      }
      f.increment(readRow, 4 * read.y)
      f.increment(writeRow, 4 * write.y)
    })
  }

  const kernelShape = {
    name: options.name ?? shape.name,
    pointers: ['input', 'weights', 'output', ...epiloguePointers(epilogue)] as readonly string[],
    units: images * groups * cut.rowBlocks * cut.panelBlocks,
    flops,
    bytes: 4 * (images * height * groups * (width * outChannels + read.y) + groups * packedFloats(depth, outChannels)),
  }
  const kernel = defineKernel(m, kernelShape, (f, unit, pointers) => {
    const sizes = [groups, images, cut.rowBlocks, cut.panelBlocks]
    const [group, image, rowBlock, panelBlock] = unravel(f, unit, sizes) as [
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
    ]
    const firstRow = f.let(i32.mul(rowBlock, cut.rowsPerBlock))
    const endRow = f.let(lesserOf(f, i32.add(firstRow, cut.rowsPerBlock), height))
    const { firstPanel, endPanel } = panelsOfBlock(f, panelBlock, cut.panelBlocks, panelCount)
    const place = (offset: number, perGroup: number, perImage: number, perRow: number) => {
      const inImage = i32.add(i32.mul(image, 4 * perImage), i32.mul(firstRow, 4 * perRow))
      return i32.add(i32.add(inImage, 4 * offset), groups === 1 ? 0 : i32.mul(group, 4 * perGroup))
    }
    const at: UnitPosition = {
      group,
      image,
      firstRow,
      endRow,
      read: f.let(i32.add(pointers.input!, place(read.offset, inChannels, read.image, read.y))),
      write: f.let(i32.add(pointers.output!, place(write.offset, outChannels, write.image, write.y))),
      weights: f.let(i32.add(pointers.weights!, place(shape.weightsOffset, packedFloats(depth, outChannels), 0, 0))),
      own: own.map((name) => pointers[name]!),
      partial: undefined,
    }
    const partialRow = i32.add(i32.mul(image, cut.rowBlocks), rowBlock)
    const withPartial =
      statistics.length > 0
        ? { ...at, partial: openPartial(f, pointers.statistics!, partialRow, at, [firstPanel, endPanel]) }
        : at
    for (const panel of panels) {
      if (panel.columns === panelWidth) {
        const index = f.local('i32')
        const end = panel.count === panelCount ? endPanel : f.let(lesserOf(f, endPanel, panel.count))
        f.for(index, firstPanel, end, 1, () => emitPanel(f, withPartial, panel, index))
      } else {
        const index = f.let(i32.const(panelCount - 1))
        f.if(cut.panelBlocks === 1 ? 1 : i32.eq(endPanel, panelCount), () => emitPanel(f, withPartial, panel, index))
      }
    }
  })

  /** This unit's channels in the partial row of its rows. */
  function openPartial(
    f: FunctionBuilder,
    pointer: Local<'i32'>,
    row: Expr<'i32'>,
    { group }: UnitPosition,
    [firstPanel, endPanel]: readonly [Local<'i32'>, Local<'i32'>],
  ): PartialRow {
    const groupStart = f.let(i32.mul(group, outChannels))
    const first = f.let(i32.add(groupStart, i32.mul(firstPanel, panelWidth)))
    const end = i32.add(groupStart, lesserOf(f, i32.mul(endPanel, panelWidth), outChannels))
    return openPartialRow(f, statistics, { pointer, row, columns: allChannels }, [first, f.let(end)])
  }

  return { ...kernel, partialRows: statistics.length > 0 ? images * cut.rowBlocks : 0, scratchBytes: 0 }
}

interface UnitPosition {
  readonly group: Local<'i32'>
  readonly image: Local<'i32'>
  readonly firstRow: Local<'i32'>
  readonly endRow: Local<'i32'>
  readonly read: Local<'i32'>
  readonly write: Local<'i32'>
  readonly weights: Local<'i32'>
  readonly own: readonly Local<'i32'>[]
  readonly partial: PartialRow | undefined
}

interface TilePosition extends UnitPosition {
  readonly channel: Local<'i32'>
  readonly y: Local<'i32'>
  readonly x: Local<'i32'>
}
