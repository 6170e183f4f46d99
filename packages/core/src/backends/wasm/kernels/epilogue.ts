import { type Expr, type FunctionBuilder, f32x4, i32, type Local, type V128, v128 } from '../assembler/index.ts'
import type { Statistic } from './columnStatistics.ts'

/** Where a row of results is about to be stored. */
export interface StoreSite {
  /** Row of the result: of a matrix, or the pixel (counted through rows and images without borders) of an image. */
  readonly row: Expr<'i32'>
  /** Column (channel) of the first lane of the first vector. */
  readonly column: Expr<'i32'>
  /** Valid columns; fewer than 4 × vectors where the columns end. */
  readonly columns: number
  /** The epilogue's own pointers, in its order. */
  readonly pointers: readonly Local<'i32'>[]
}

/** The site of an image's results. */
export interface ImageStoreSite extends StoreSite {
  readonly image: Expr<'i32'>
  readonly y: Expr<'i32'>
  readonly x: Expr<'i32'>
}

/** An image that an epilogue reads: which of its pointers that is, and from there on distances in floats. */
export interface ImageOperand {
  readonly pointer: number
  readonly offset: number
  readonly image: number
  readonly y: number
  readonly x: number
}

/**
 * What happens to results in registers before they are stored: bias, activation, residual. It sees vectors of adjacent
 * columns of one row. Site expressions cost nothing where they are not used.
 */
export interface Epilogue<Site extends StoreSite = StoreSite> {
  /** Pointer arguments it needs, appended to the kernel's. */
  readonly pointers: readonly string[]
  /** Images that it reads at the places of its results: where they lie, for kernels that prefetch. */
  readonly images?: readonly ImageOperand[]
  /** What the kernel gathers of each column, into partial rows by a pointer `statistics`. Default nothing. */
  readonly statistics?: readonly Statistic[]
  emit(f: FunctionBuilder, values: readonly V128[], site: Site): EpilogueValues
}

/** What an epilogue makes of the vectors of a row. */
export interface EpilogueValues {
  /** What is stored, as many vectors. */
  readonly stored: readonly V128[]
  /** For each of the epilogue's statistics what it is gathered of, as many vectors. */
  readonly gathered?: readonly (readonly V128[])[]
}

/** The pointers that a kernel needs for an epilogue, behind its own. */
export function epiloguePointers(epilogue: Pick<Epilogue, 'pointers' | 'statistics'> | undefined): readonly string[] {
  const { pointers = [], statistics = [] } = epilogue ?? {}
  return [...(statistics.length > 0 ? ['statistics'] : []), ...pointers]
}

/** Adds a bias a column, by a pointer `bias`. */
export const biasEpilogue: Epilogue = {
  pointers: ['bias'],
  emit: (f, values, { column, pointers }) => {
    const address = f.let(i32.add(pointers[0]!, i32.mul(column, 4)))
    return { stored: values.map((value, v) => f32x4.add(value, v128.load(address, { offset: 16 * v, align: 4 }))) }
  },
}
