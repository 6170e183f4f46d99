import { type Expr, type FunctionBuilder, i32, type Local, type ModuleBuilder } from '../../assembler/index.ts'
import { openPartialRow, type PartialRow, wantsSameTiles } from '../columnStatistics.ts'
import { epiloguePointers } from '../epilogue.ts'
import { defineKernel, type Kernel, lesserOf, panelsOfBlock, unravel } from '../kernel.ts'
import { cutBlocks, cutEvenly, cutPanels, type Panel } from '../partition.ts'
import { storeColumns } from '../storeColumns.ts'
import {
  clearAccumulators,
  emitTileProducts,
  loadAccumulators,
  SUMMED_TOGETHER,
  tileAccumulators,
  tileRows,
} from '../tile.ts'
import { TileEnd } from '../tileEnd.ts'
import { packedFloats } from './pack.ts'
import { describeGemm, type GemmOptions, type GemmSpec } from './spec.ts'

/** A GEMM kernel; pointers `a`, `b`, `c`, then `scratch` and `statistics` where needed, then the epilogue's. */
export interface GemmKernel extends Kernel {
  /** Where not 0, the kernel has a pointer `scratch` after `c`, to as many bytes of its own while it runs. */
  readonly scratchBytes: number
  /** Partial rows of what its epilogue gathers; 0 where that is nothing. */
  readonly partialRows: number
}

/** k is cut so that a panel of B, 512 × 16 floats, flows from the second-level cache and C is seldom read again. */
const mostDepth = 512
/** Rows are cut so that a block of A stays in the second-level cache: 48 Ki floats. */
const mostBlockFloats = 49152
/**
 * Rows of A that pass under this many panels of B are copied together first. Straight from a large matrix each row of a
 * tile lies in a page of its own, and where rows are a power of two apart, in the same set of the cache
 * (K. Goto and R. van de Geijn, "Anatomy of high-performance matrix multiplication", 2008, section 4.2.2).
 */
const panelsWorthCopying = 16
const leastCopiedDepth = 128
/** Floats between copied rows beyond their length: neighbouring rows start in different sets. */
const copyPadding = 16
/**
 * Into how many pieces work is cut: a few for each of a handful of threads, each worth being handed out; large products
 * into more, so that no thread waits long for the last piece of another.
 */
function wantedUnits(flops: number): number {
  const few = Math.min(16, Math.floor(flops / 400_000))
  const many = Math.min(64, Math.floor(flops / 4_000_000))
  return Math.max(1, few, many)
}
/** Rows of a piece where there are enough: each panel of B that they fetch is then used for 15 tiles. */
const leastSharedRows = 90

/**
 * Emits C = A · B for exactly these sizes. Rows and columns are cut into blocks (the parts), blocks into register tiles;
 * every element sums its products in the same order, whatever the tile, so results do not depend on the tile's shape.
 *
 * @example
 * const kernel = emitGemm(m, { m: 64, n: 128, k: 784, b: 'packed' }, { tile, epilogue: biasEpilogue })
 */
export function emitGemm(m: ModuleBuilder, spec: GemmSpec, options: GemmOptions): GemmKernel {
  const { m: rows, n: columns, k, batch = 1, a = {}, b = {}, c = {}, accumulate = false } = spec
  const { tile, epilogue } = options
  const { statistics = [] } = epilogue ?? {}
  if (b !== 'packed' && b.transposed)
    throw new TypeError(`${describeGemm(spec)}: a transposed B has to be packed first (emitPackMatrix)`)
  const packed = b === 'packed'
  const aLeading = a.leading ?? (a.transposed ? rows : k)
  const aBatch = a.batchStride ?? aLeading * (a.transposed ? k : rows)
  const bLeading = packed ? 0 : (b.leading ?? columns)
  const bBatch = spec.sharedB ? 0 : packed ? packedFloats(k, columns) : (b.batchStride ?? bLeading * k)
  const cLeading = c.leading ?? columns
  const cBatch = c.batchStride ?? cLeading * rows
  const aRowBytes = a.transposed ? 4 : 4 * aLeading
  const aStepBytes = a.transposed ? 4 * aLeading : 4

  const flops = 2 * batch * rows * columns * k
  const panels = cutPanels(columns, tile.vectors)
  const panelCount = panels.reduce((sum, panel) => sum + panel.count, 0)
  const depth = cutBlocks(k, mostDepth, SUMMED_TOGETHER)
  const units = wantedUnits(flops)
  const cachedRows = Math.min(1024, Math.max(120, Math.floor(mostBlockFloats / depth.length)))
  const sharedRows = Math.max(leastSharedRows, Math.ceil((rows * batch) / units))
  const rowBlocks = cutBlocks(rows, Math.min(cachedRows, sharedRows), tile.rows, 0.15)
  const columnBlocks = Math.max(1, Math.min(panelCount, Math.ceil(units / (batch * rowBlocks.count))))
  const partialRows = statistics.length > 0 ? batch * rowBlocks.count : 0
  const copies = !a.transposed && depth.length >= leastCopiedDepth && panelCount / columnBlocks >= panelsWorthCopying
  const copiedRowBytes = 4 * (depth.length + copyPadding)
  const copyBytes = copies ? rowBlocks.length * copiedRowBytes : 0
  /** Of A as the tiles read it. */
  const [tileRowBytes, tileStepBytes] = copies ? [copiedRowBytes, 4] : [aRowBytes, aStepBytes]

  const emitBlock = (f: FunctionBuilder, at: BlockPosition, blockLength: number): void => {
    for (let step = 0; step < (depth.count > 1 ? 2 : 1); step++) {
      const last = step === (depth.count > 1 ? 1 : 0)
      const emitDepth = (): void => {
        if (at.copy) copyRows(f, at, at.copy, blockLength, last ? depth.lastLength : depth.length)
        for (const panel of panels) emitPanels(f, at, panel, blockLength, last)
      }
      if (last) {
        f.set(at.firstK, (depth.count - 1) * depth.length)
        emitDepth()
      } else f.for(at.firstK, 0, (depth.count - 1) * depth.length, depth.length, emitDepth)
    }
  }

  /** Copies a block of A's rows together, as far as the present cut of k goes. */
  const copyRows = (
    f: FunctionBuilder,
    at: BlockPosition,
    copy: Local<'i32'>,
    blockLength: number,
    length: number,
  ): void => {
    const from = f.let(i32.add(at.a, i32.mul(at.firstK, 4)))
    const to = f.let(copy)
    f.for(f.local('i32'), 0, blockLength, 1, () => {
      f.copyMemory(to, from, 4 * length)
      f.increment(from, aRowBytes)
      f.increment(to, copiedRowBytes)
    })
  }

  /** All row tiles of a block, for the panels of one width that lie in this column block. */
  const emitPanels = (
    f: FunctionBuilder,
    at: BlockPosition,
    panel: Panel,
    blockLength: number,
    last: boolean,
  ): void => {
    const { vectors } = panel
    const width = 4 * tile.vectors
    const emitPanel = (index: Local<'i32'>): void => {
      const firstColumn = f.let(i32.mul(index, width))
      const panelStart = packed
        ? i32.add(i32.mul(firstColumn, k), i32.mul(at.firstK, 4 * vectors))
        : i32.add(firstColumn, i32.mul(at.firstK, bLeading))
      const bStart = f.let(i32.add(at.b, i32.mul(panelStart, 4)))
      const rowLimit = wantsSameTiles(m, statistics) ? tile.rows : tileRows(tile, vectors)
      const aTile = f.let(at.copy ?? i32.add(at.a, i32.mul(at.firstK, aStepBytes)))
      const cTile = f.let(i32.add(at.c, i32.mul(firstColumn, 4)))
      const row = f.let(at.firstRow)
      for (const { length, count } of cutEvenly(blockLength, rowLimit)) {
        const index = f.local('i32')
        const accumulators = tileAccumulators(f, length, vectors)
        f.for(index, 0, count, 1, () => {
          emitTile(f, { ...at, bStart, aTile, cTile, row, firstColumn }, accumulators, panel, last)
          f.increment(aTile, length * tileRowBytes)
          f.increment(cTile, length * cLeading * 4)
          f.increment(row, length)
        })
      }
    }
    const first = panel.start / width
    if (panel.columns === width) {
      const index = f.local('i32')
      const bound = panel.count === panelCount ? at.endPanel : f.let(lesserOf(f, at.endPanel, panel.count))
      f.for(index, at.firstPanel, bound, 1, () => emitPanel(index))
    } else {
      const holds = i32.and(i32.leS(at.firstPanel, first), i32.gtS(at.endPanel, first))
      f.if(columnBlocks === 1 ? 1 : holds, () => emitPanel(f.let(i32.const(first))))
    }
  }

  const emitTile = (
    f: FunctionBuilder,
    at: TilePosition,
    accumulators: ReturnType<typeof tileAccumulators>,
    panel: Panel,
    last: boolean,
  ): void => {
    const load = (): void => loadAccumulators(f, accumulators, at.cTile, 4 * cLeading)
    const clear = (): void => clearAccumulators(f, accumulators)
    if (accumulate) load()
    else if (depth.count === 1) clear()
    else if (last) load()
    else f.if(at.firstK, load, clear)

    const operands = {
      a: f.let(at.aTile),
      b: f.let(at.bStart),
      aRowBytes: (row: number) => row * tileRowBytes,
      aStepBytes: tileStepBytes,
    }
    const bStepBytes = packed ? 16 * panel.vectors : 4 * bLeading
    const runLength = last ? depth.lastLength : depth.length
    emitTileProducts(f, accumulators, { ...operands, bStepBytes, runLength }, tile.unroll)

    if (!last) {
      accumulators.forEach((values, r) => {
        storeColumns(f, at.cTile, values, panel.columns, r * cLeading * 4)
      })
      return
    }
    const end = new TileEnd(f, epilogue)
    accumulators.forEach((values, r) => {
      const site = { row: i32.add(at.row, r), column: at.firstColumn, columns: panel.columns, pointers: at.own }
      end.row(values, site, at.cTile, r * cLeading * 4)
    })
    end.addTo(at.partial, at.firstColumn, panel.columns)
  }

  const own = epilogue?.pointers ?? []
  const shape = {
    name: options.name ?? describeGemm(spec),
    pointers: [...['a', 'b', 'c'], ...(copies ? ['scratch'] : []), ...epiloguePointers(epilogue)] as readonly string[],
    units: batch * rowBlocks.count * columnBlocks,
    // Each part copies to scratch of its own.
    ...(copies && { mostParts: 32 }),
    flops,
    bytes: 4 * batch * (rows * k + rows * columns) + 4 * k * columns * (spec.sharedB ? 1 : batch),
  }
  const kernel = defineKernel(m, shape, (f, unit, pointers, begin) => {
    const [item, rowBlock, columnBlock] = unravel(f, unit, [batch, rowBlocks.count, columnBlocks]) as Local<'i32'>[]
    const firstRow = f.let(i32.mul(rowBlock!, rowBlocks.length))
    const { firstPanel, endPanel } = panelsOfBlock(f, columnBlock!, columnBlocks, panelCount)
    const at: BlockPosition = {
      firstRow,
      firstPanel,
      endPanel,
      firstK: f.local('i32'),
      a: f.let(address(pointers.a!, a.offset, i32.add(i32.mul(item!, aBatch * 4), i32.mul(firstRow, aRowBytes)))),
      b: f.let(address(pointers.b!, packed ? 0 : b.offset, i32.mul(item!, bBatch * 4))),
      c: f.let(address(pointers.c!, c.offset, i32.add(i32.mul(item!, cBatch * 4), i32.mul(firstRow, cLeading * 4)))),
      // No two threads begin with the same part, so that tells their copies apart.
      copy: copies ? f.let(i32.add(pointers.scratch!, i32.mul(begin, copyBytes))) : undefined,
      own: own.map((name) => pointers[name]!),
      partial: undefined,
    }
    const withPartial =
      partialRows > 0 ? { ...at, partial: openPartial(f, pointers.statistics!, item!, rowBlock!, at) } : at
    if (rowBlocks.lastLength === rowBlocks.length) emitBlock(f, withPartial, rowBlocks.length)
    else
      f.if(
        i32.eq(rowBlock!, rowBlocks.count - 1),
        () => emitBlock(f, withPartial, rowBlocks.lastLength),
        () => emitBlock(f, withPartial, rowBlocks.length),
      )
  })

  /** This unit's columns in the partial row of its rows. */
  function openPartial(
    f: FunctionBuilder,
    pointer: Local<'i32'>,
    item: Local<'i32'>,
    rowBlock: Local<'i32'>,
    at: BlockPosition,
  ): PartialRow {
    const row = i32.add(i32.mul(item, rowBlocks.count), rowBlock)
    const first = f.let(i32.mul(at.firstPanel, 4 * tile.vectors))
    const end = f.let(lesserOf(f, i32.mul(at.endPanel, 4 * tile.vectors), columns))
    return openPartialRow(f, statistics, { pointer, row, columns }, [first, end])
  }

  return { ...kernel, partialRows, scratchBytes: kernel.parts * copyBytes }
}

/** Pointer, plus a constant count of floats, plus a computed count of bytes. */
const address = (pointer: Local<'i32'>, offset = 0, bytes: Expr<'i32'>): Expr<'i32'> =>
  i32.add(i32.add(pointer, bytes), 4 * offset)

interface BlockPosition {
  readonly firstRow: Local<'i32'>
  readonly firstPanel: Local<'i32'>
  readonly endPanel: Local<'i32'>
  /** First k of the current cut of k; set by the loop over the cuts. */
  readonly firstK: Local<'i32'>
  readonly a: Local<'i32'>
  readonly b: Local<'i32'>
  readonly c: Local<'i32'>
  /** Where this unit's rows of A are copied to. */
  readonly copy: Local<'i32'> | undefined
  readonly own: readonly Local<'i32'>[]
  readonly partial: PartialRow | undefined
}

interface TilePosition extends BlockPosition {
  readonly bStart: Local<'i32'>
  readonly aTile: Local<'i32'>
  readonly cTile: Local<'i32'>
  readonly row: Local<'i32'>
  readonly firstColumn: Local<'i32'>
}
