import {
  type FunctionBuilder,
  f32x4,
  i32,
  i32x4,
  type Local,
  type ModuleBuilder,
  type V128,
  v128,
} from '../../assembler/index.ts'
import { openPartialRow, type PartialRow } from '../columnStatistics.ts'
import { epiloguePointers } from '../epilogue.ts'
import { transpose4 } from '../gemm/pack.ts'
import { defineKernel, lesserOf, unravel } from '../kernel.ts'
import { cutEvenly } from '../partition.ts'
import { TileEnd } from '../tileEnd.ts'
import type { ConvKernel, ConvOptions, Correlation } from './correlation.ts'
import { cutImages } from './cutImages.ts'
import { narrowRun } from './narrowWeights.ts'

/** Accumulators that keep the multipliers busy: four steps of latency, two of them a cycle. */
const wantedAccumulators = 8

/**
 * Emits a correlation with one to three output channels, which would leave most lanes of a vector of channels empty: here
 * the lanes are neighbouring taps and input channels, whose sums are added up at the end. Weights are those of
 * `emitPackNarrowWeights`.
 */
export function emitNarrow(m: ModuleBuilder, shape: Correlation, options: ConvOptions): ConvKernel {
  const { images, inChannels, outChannels, height, width, taps, read, write, site } = shape
  const { epilogue } = options
  const { statistics = [] } = epilogue ?? {}
  const own = epilogue?.pointers ?? []
  const run = taps.x * inChannels
  const paddedRun = narrowRun(run)
  const flops = 2 * images * height * width * taps.y * run * outChannels
  const weightBytes = 4 * outChannels * taps.y * paddedRun
  const cut = cutImages({ flops, images, height, panels: 1, rowBytes: 4 * read.y, weightBytes })

  const emitTile = (f: FunctionBuilder, at: TilePosition, count: number): void => {
    const accumulators = Array.from({ length: count }, () =>
      Array.from({ length: outChannels }, () => f.let(f.constant(v128.zero()))),
    )
    /** Four lanes of a run, `lanes` of them valid: what lies behind it must not count, not even as NaN · 0. */
    const emitStep = (source: Local<'i32'>, weights: Local<'i32'>, lanes: number, offset: number): void => {
      const factors = Array.from({ length: outChannels }, (_, o) =>
        f.let(v128.load(weights, { offset: 4 * o * taps.y * paddedRun + offset, align: 4 })),
      )
      accumulators.forEach((row, p) => {
        const whole = v128.load(source, { offset: 4 * p * read.x + offset, align: 4 })
        const mask = [0, 1, 2, 3].map((lane) => (lane < lanes ? -1 : 0)) as [number, number, number, number]
        const input = f.let(lanes === 4 ? whole : v128.and(whole, f.constant(i32x4.const(...mask))))
        row.forEach((local, o) => {
          f.set(local, f.madd(input, factors[o]!, local))
        })
      })
    }
    const [source, weights] = [f.let(at.read), f.let(at.weights)]
    f.for(f.local('i32'), 0, taps.y, 1, () => {
      const whole = run - (run % 4)
      if (whole > 0) {
        const end = f.let(i32.add(weights, 4 * whole))
        f.loop((again) => {
          emitStep(source, weights, 4, 0)
          f.increment(source, 16)
          f.increment(weights, 16)
          f.brIf(again, i32.ne(weights, end))
        })
      }
      if (run % 4) emitStep(source, weights, run % 4, 0)
      f.increment(source, 4 * (read.tapY - whole))
      f.increment(weights, 4 * (paddedRun - whole))
    })
    const results = addLanes(f, accumulators, outChannels)
    const end = new TileEnd(f, epilogue)
    results.forEach((value, p) => {
      const y = i32.add(i32.mul(at.y, site.strideY), site.firstY)
      const x = i32.add(i32.mul(i32.add(at.x, p), site.strideX), site.firstX)
      const row = i32.add(i32.mul(i32.add(i32.mul(at.image, site.height), y), site.width), x)
      const column = i32.const(0)
      const where = { image: at.image, y, x, row, column, columns: outChannels, pointers: at.own }
      end.row([value], where, at.write, 4 * p * write.x)
    })
    end.addTo(at.partial, i32.const(0), outChannels)
  }

  const kernelShape = {
    name: options.name ?? shape.name,
    pointers: ['input', 'weights', 'output', ...epiloguePointers(epilogue)] as readonly string[],
    units: images * cut.rowBlocks,
    flops,
    bytes: 4 * images * height * (read.y + width * outChannels),
  }
  const kernel = defineKernel(m, kernelShape, (f, unit, pointers) => {
    const [image, rowBlock] = unravel(f, unit, [images, cut.rowBlocks]) as [Local<'i32'>, Local<'i32'>]
    const firstRow = f.let(i32.mul(rowBlock, cut.rowsPerBlock))
    const endRow = f.let(lesserOf(f, i32.add(firstRow, cut.rowsPerBlock), height))
    const place = (pointer: Local<'i32'>, offset: number, perImage: number, perRow: number): Local<'i32'> => {
      const inside = i32.add(i32.mul(image, 4 * perImage), i32.mul(firstRow, 4 * perRow))
      return f.let(i32.add(i32.add(pointer, inside), 4 * offset))
    }
    const readRow = place(pointers.input!, read.offset, read.image, read.y)
    const writeRow = place(pointers.output!, write.offset, write.image, write.y)
    const partial =
      statistics.length > 0
        ? openPartialRow(f, statistics, { pointer: pointers.statistics!, row: unit, columns: outChannels })
        : undefined
    const [y, x] = [f.local('i32'), f.local('i32')]
    f.for(y, firstRow, endRow, 1, () => {
      const at: TilePosition = {
        image,
        y,
        x,
        read: f.let(readRow),
        write: f.let(writeRow),
        weights: pointers.weights!,
        own: own.map((name) => pointers[name]!),
        partial,
      }
      f.set(x, 0)
      for (const { length, count } of cutEvenly(width, Math.floor(wantedAccumulators / outChannels)))
        f.for(f.local('i32'), 0, count, 1, () => {
          emitTile(f, at, length)
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

/** Adds up the lanes of each accumulator [pixel][channel]: gives a vector of channels a pixel. */
function addLanes(f: FunctionBuilder, accumulators: readonly (readonly V128[])[], channels: number): V128[] {
  const zero = f.constant(v128.zero())
  const results: V128[] = []
  for (let first = 0; first < accumulators.length; first += 4) {
    // Totals of four pixels by channel, then turned to channels by pixel.
    const byChannel = Array.from({ length: 4 }, (_, o): V128 => {
      if (o >= channels) return zero
      const four = [0, 1, 2, 3].map((p) => accumulators[first + p]?.[o] ?? zero) as [V128, V128, V128, V128]
      const [a, b, c, d] = transpose4(f, four) as [V128, V128, V128, V128]
      return f.let(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)))
    }) as [V128, V128, V128, V128]
    const byPixel = transpose4(f, byChannel).map((vector) => f.let(vector))
    results.push(...byPixel.slice(0, accumulators.length - first))
  }
  return results
}

interface TilePosition {
  readonly image: Local<'i32'>
  readonly y: Local<'i32'>
  readonly x: Local<'i32'>
  readonly read: Local<'i32'>
  readonly write: Local<'i32'>
  readonly weights: Local<'i32'>
  readonly own: readonly Local<'i32'>[]
  readonly partial: PartialRow | undefined
}
