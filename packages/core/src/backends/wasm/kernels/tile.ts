import { type FunctionBuilder, i32, type Local, v128 } from '../assembler/index.ts'
import type { TileShape } from '../features/tileShape.ts'

/**
 * The register tile under every contraction: `rows` × `vectors` accumulators stay in registers while k runs, each step
 * multiplies one broadcast value of A a row with `vectors` adjacent vectors of B. GEMM, convolution, its input gradient
 * (flipped weights) and its weight gradient (k over pixels) differ only in the constant strides.
 */
export interface TileOperands {
  /** Address of A's element (row 0, k = 0); moves on and ends behind the last run. */
  readonly a: Local<'i32'>
  /** Address of B's vector (k = 0, vector 0); moves on and ends behind the last k. */
  readonly b: Local<'i32'>
  /** Bytes from A's row 0 to a row, 0 or more. */
  readonly aRowBytes: (row: number) => number
  /** Bytes from k to k + 1 in A, within a run. */
  readonly aStepBytes: number
  /** Bytes from k to k + 1 in B, through all runs. */
  readonly bStepBytes: number
  /** How many k follow each other at `aStepBytes`. */
  readonly runLength: number
  /** How many such runs; 1 by default. */
  readonly runs?: number
  /** Bytes in A from the start of one run to the start of the next. */
  readonly runBytes?: number
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

/** Rows of a tile of fewer vectors: as many as keep the registers of the full tile busy. */
export function tileRows(tile: TileShape, vectors: number): number {
  // Wide tiles are joined in pairs, so an odd vector takes a register of its own.
  const vectorsPerRegister = tile.vectors > 2 ? 2 : 1
  const registers = (tile.rows * tile.vectors) / vectorsPerRegister
  return Math.floor(registers / Math.ceil(vectors / vectorsPerRegister))
}

/** Up to this many steps, a run is written out instead of looped. */
const longestUnrolledRun = 8

/** Emits the products of all runs, added to the accumulators. */
export function emitTileProducts(
  f: FunctionBuilder,
  accumulators: Accumulators,
  operands: TileOperands,
  unroll: number,
): void {
  const { a, b, aStepBytes, bStepBytes, runLength, runs = 1, runBytes = 0 } = operands
  const temporaries = accumulators[0]!.map(() => f.local('v128'))
  const broadcast = f.local('v128')

  const step = (k: number): void => {
    temporaries.forEach((local, vector) => {
      f.set(local, v128.load(b, { offset: k * bStepBytes + 16 * vector, align: 4 }))
    })
    accumulators.forEach((row, r) => {
      f.set(broadcast, v128.load32Splat(a, { offset: operands.aRowBytes(r) + k * aStepBytes }))
      row.forEach((local, vector) => {
        f.set(local, f.madd(broadcast, temporaries[vector]!, local))
      })
    })
  }
  const steps = (count: number): void => {
    for (let k = 0; k < count; k++) step(k)
    f.increment(a, count * aStepBytes)
    f.increment(b, count * bStepBytes)
  }
  const run = (): void => {
    if (runLength <= longestUnrolledRun) {
      steps(runLength)
      return
    }
    const looped = runLength - (runLength % unroll)
    const end = f.let(i32.add(a, looped * aStepBytes))
    f.loop((again) => {
      steps(unroll)
      f.brIf(again, i32.ne(a, end))
    })
    if (looped < runLength) steps(runLength - looped)
  }

  if (runs === 1) {
    run()
    return
  }
  const index = f.local('i32')
  f.for(index, 0, runs, 1, () => {
    run()
    f.increment(a, runBytes - runLength * aStepBytes)
  })
}
