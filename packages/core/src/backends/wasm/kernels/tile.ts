import { type FunctionBuilder, f32x4, type I32, i32, type Local, v128 } from '../assembler/index.ts'
import type { TileShape } from '../features/tileShape.ts'

/**
 * The register tile under every contraction: `rows` × `vectors` accumulators stay in registers while k runs, each step
 * multiplies one broadcast value of A a row with `vectors` adjacent vectors of B. GEMM, convolution, its input gradient
 * (flipped weights) and its weight gradient (k over pixels) differ only in the constant strides.
 */
export interface TileOperands {
  /** Address of A's element (row 0, k = 0); moves while k runs. */
  readonly a: Local<'i32'>
  /** Address of B's vector (k = 0, vector 0); moves while k runs. */
  readonly b: Local<'i32'>
  /** Bytes from A's row 0 to a row, 0 or more. */
  readonly aRowBytes: (row: number) => number
  /** Bytes from k to k + 1 in A, within a run. */
  readonly aStepBytes: number
  /** Bytes from k to k + 1 in B, within a run. */
  readonly bStepBytes: number
  /** How many k follow each other at `aStepBytes` and `bStepBytes`. */
  readonly runLength: number
  /** Runs in several nested loops, the outermost first; a single run without. */
  readonly loops?: readonly RunLoop[]
}

/** Repeats the run (or the loops inside). */
export interface RunLoop {
  /** Only the outermost loop may have a count that is not constant; it then runs at least once. */
  readonly count: I32
  /** Bytes in A and B from the start of one repetition to the start of the next. */
  readonly aBytes: number
  readonly bBytes: number
}

/** Accumulators by row, then by vector. */
export type Accumulators = readonly (readonly Local<'v128'>[])[]

export function tileAccumulators(f: FunctionBuilder, rows: number, vectors: number): Accumulators {
  return Array.from({ length: rows }, () => Array.from({ length: vectors }, () => f.local('v128')))
}

export function clearAccumulators(f: FunctionBuilder, accumulators: Accumulators): void {
  const zero = v128.zero()
  for (const row of accumulators) for (const local of row) f.set(local, zero)
}

/** Sets the accumulators from rows of vectors in memory. */
export function loadAccumulators(f: FunctionBuilder, accumulators: Accumulators, address: I32, rowBytes: number): void {
  accumulators.forEach((row, r) => {
    row.forEach((local, v) => {
      f.set(local, v128.load(address, { offset: r * rowBytes + 16 * v, align: 4 }))
    })
  })
}

/** Rows of a tile of fewer vectors: as many as keep the registers of the full tile busy. */
export function tileRows(tile: TileShape, vectors: number): number {
  // Wide tiles are joined in pairs, so an odd vector takes a register of its own.
  const vectorsPerRegister = tile.vectors > 2 ? 2 : 1
  const registers = (tile.rows * tile.vectors) / vectorsPerRegister
  return Math.floor(registers / Math.ceil(vectors / vectorsPerRegister))
}

/** Up to this many steps, k is written out instead of looped: convolutions of one or three channels. */
const longestUnrolled = 32
/** The same for a run inside loops. */
const longestUnrolledRun = 8

/**
 * Longer runs are summed in blocks of so many products, each of which starts from 0 and is then added to the total: the
 * rounding errors of a sum grow with the number of terms that one running value takes (N. Higham, "The accuracy of floating
 * point summation", 1993). The outputs of a U-Net in training mode come a fifth nearer to those in float64 (root mean square,
 * 1.24e-5 to 1.0e-5), for one to five per cent of a product's speed.
 */
export const SUMMED_TOGETHER = 24

/** Emits the products of all runs, added to the accumulators. */
export function emitTileProducts(
  f: FunctionBuilder,
  accumulators: Accumulators,
  operands: TileOperands,
  unroll: number,
): void {
  const { a, b, aStepBytes, bStepBytes, runLength, loops = [] } = operands
  const temporaries = accumulators[0]!.map(() => f.local('v128'))
  const broadcast = f.local('v128')

  const step = (aOffset: number, bOffset: number): void => {
    temporaries.forEach((local, vector) => {
      f.set(local, v128.load(b, { offset: bOffset + 16 * vector, align: 4 }))
    })
    accumulators.forEach((row, r) => {
      f.set(broadcast, v128.load32Splat(a, { offset: aOffset + operands.aRowBytes(r) }))
      row.forEach((local, vector) => {
        f.set(local, f.madd(broadcast, temporaries[vector]!, local))
      })
    })
  }

  const constantLoops = loops.filter((loop): loop is RunLoop & { count: number } => typeof loop.count === 'number')
  const total = constantLoops.reduce((product, loop) => product * loop.count, runLength)
  if (constantLoops.length === loops.length && total <= longestUnrolled) {
    const unrolled = (level: number, aOffset: number, bOffset: number): void => {
      const loop = constantLoops[level]
      if (!loop) for (let k = 0; k < runLength; k++) step(aOffset + k * aStepBytes, bOffset + k * bStepBytes)
      else
        for (let i = 0; i < loop.count; i++) unrolled(level + 1, aOffset + i * loop.aBytes, bOffset + i * loop.bBytes)
    }
    unrolled(0, 0, 0)
    return
  }

  const steps = (count: number): void => {
    for (let k = 0; k < count; k++) step(k * aStepBytes, k * bStepBytes)
    f.increment(a, count * aStepBytes)
    f.increment(b, count * bStepBytes)
  }
  const run = (): void => {
    if (runLength <= longestUnrolledRun) {
      steps(runLength)
      return
    }
    if (runLength > 2 * SUMMED_TOGETHER) inBlocks(loopedSteps)
    else loopedSteps(runLength)
  }
  const loopedSteps = (length: number): void => {
    const looped = length - (length % unroll)
    if (looped > 0) {
      const end = f.let(i32.add(a, looped * aStepBytes))
      f.loop((again) => {
        steps(unroll)
        f.brIf(again, i32.ne(a, end))
      })
    }
    if (looped < length) steps(length - looped)
  }
  const inBlocks = (block: (length: number) => void): void => {
    const all = accumulators.flat()
    const totals = all.map((accumulator) => f.let(accumulator))
    f.for(f.local('i32'), 0, Math.floor(runLength / SUMMED_TOGETHER), 1, () => {
      clearAccumulators(f, accumulators)
      block(SUMMED_TOGETHER)
      for (const [i, total] of totals.entries()) f.set(total, f32x4.add(total, all[i]!))
    })
    for (const [i, total] of totals.entries()) f.set(all[i]!, total)
    block(runLength % SUMMED_TOGETHER)
  }
  /** Emits a level, which moves the pointers by its total length. */
  const emitLevel = (level: number): void => {
    const loop = loops[level]
    if (!loop) {
      run()
      return
    }
    const inner = loops[level + 1]
    const innerCount = inner ? inner.count : runLength
    if (typeof innerCount !== 'number') throw new TypeError('tile: only the outermost loop may have a variable count')
    const index = f.local('i32')
    f.for(index, 0, loop.count, 1, () => {
      emitLevel(level + 1)
      f.increment(a, loop.aBytes - innerCount * (inner?.aBytes ?? aStepBytes))
      f.increment(b, loop.bBytes - innerCount * (inner?.bBytes ?? bStepBytes))
    })
  }
  emitLevel(0)
}
