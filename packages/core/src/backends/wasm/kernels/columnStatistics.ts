import {
  type Expr,
  type FunctionBuilder,
  f32,
  f32x4,
  type I32,
  i32,
  type Local,
  type ModuleBuilder,
  type V128,
  v128,
} from '../assembler/index.ts'
import { storeColumns } from './storeColumns.ts'

/**
 * What a kernel gathers of each column (channel) of its results while they are in registers: their sum; or their moments,
 * which are the number of values, their mean, and the sum of the squares of their distances from it.
 *
 * Every block of rows has a partial row of its own, in which the tiles of the block are added up; `emitCombineStatistics`
 * puts partial rows together. Moments of two sets of values are combined as in T. Chan, G. Golub and R. LeVeque, "Updating
 * formulae and a pairwise algorithm for computing sample variances" (1979): unlike a sum of squares, from which the square
 * of the sum is taken, they stay exact where the mean is far from 0.
 */
export type Statistic = 'sum' | 'moments'

/** Floats of one statistic for each column. */
export const floatsOf: Readonly<Record<Statistic, number>> = { sum: 1, moments: 3 }

/** Floats of a partial row for each column. */
export function statisticFloats(statistics: readonly Statistic[]): number {
  return statistics.reduce((sum, statistic) => sum + floatsOf[statistic], 0)
}

/**
 * Whether tiles and blocks must hold the same rows whatever the machine's register tile: what a kernel gathers is added up
 * tile by tile, and the strict flavour has to give the same bits everywhere.
 */
export function wantsSameTiles({ flavour }: ModuleBuilder, statistics: readonly Statistic[]): boolean {
  return flavour === 'strict' && statistics.length > 0
}

/** A block's partial row: each float of the statistics for all columns, then the next. */
export interface PartialRow {
  readonly address: Local<'i32'>
  /** Columns of the whole result. */
  readonly columns: number
}

/** The address of a partial row by its number, with the floats of its columns from `first` up to `end` set to 0. */
export function openPartialRow(
  f: FunctionBuilder,
  statistics: readonly Statistic[],
  { pointer, row, columns }: { readonly pointer: Local<'i32'>; readonly row: Expr<'i32'>; readonly columns: number },
  [first, end]: readonly [first: I32, end: I32] = [0, columns],
): PartialRow {
  const floats = statisticFloats(statistics)
  const address = f.let(i32.add(pointer, i32.mul(row, 4 * floats * columns)))
  if (first === 0 && end === columns) {
    f.fillMemory(address, 0, 4 * floats * columns)
  } else {
    const start = f.let(i32.add(address, i32.mul(first, 4)))
    const bytes = f.let(i32.mul(i32.sub(end, first), 4))
    for (let at = 0; at < floats; at++) f.fillMemory(i32.add(start, 4 * at * columns), 0, bytes)
  }
  return { address, columns }
}

/** The statistics of the rows of one tile. */
export class TileStatistics {
  readonly #f: FunctionBuilder
  readonly #statistics: readonly Statistic[]
  /** For each statistic the vectors of each row. */
  readonly #rows: Local<'v128'>[][][]
  readonly #totals: Local<'v128'>[][]
  /** Whether a row counts; null where it does whatever happens. */
  readonly #inside: (Local<'i32'> | null)[] = []

  constructor(f: FunctionBuilder, statistics: readonly Statistic[]) {
    this.#f = f
    this.#statistics = statistics
    this.#rows = statistics.map(() => [])
    this.#totals = statistics.map(() => [])
  }

  /** Takes a row of values for each statistic; where `inside` is 0 the values are 0 and do not count. */
  add(values: readonly (readonly Local<'v128'>[])[], inside: Local<'i32'> | null): void {
    const f = this.#f
    this.#inside.push(inside)
    this.#statistics.forEach((statistic, s) => {
      const row = values[s]!
      if (statistic === 'moments') this.#rows[s]!.push([...row])
      const before = this.#totals[s]!
      this.#totals[s] = row.map((value, v) => (before[v] ? f.let(f32x4.add(before[v]!, value)) : value))
    })
  }

  /** Adds the tile's to a partial row, from a column on. */
  addTo(partial: PartialRow, column: Expr<'i32'>, columns: number): void {
    const f = this.#f
    const address = f.let(i32.add(partial.address, i32.mul(column, 4)))
    let at = 0
    this.#statistics.forEach((statistic, s) => {
      const pitch = 4 * partial.columns
      const place = (part: number, v: number) => ({ offset: (at + part) * pitch + 16 * v, align: 4 })
      const load = (part: number, v: number) => f.let(v128.load(address, place(part, v)))
      const totals = this.#totals[s]!
      const parts =
        statistic === 'sum'
          ? [totals.map((total, v) => f.let(f32x4.add(load(0, v), total)))]
          : this.#moments(s, (part) => totals.map((_, v) => load(part, v)))
      parts.forEach((values, part) => {
        storeColumns(f, address, values, columns, (at + part) * pitch)
      })
      at += floatsOf[statistic]
    })
  }

  /** The moments of what was there before and the tile together: [count, mean, squares][vector]. */
  #moments(s: number, before: (part: number) => readonly Local<'v128'>[]): Local<'v128'>[][] {
    const f = this.#f
    const rows = this.#rows[s]!
    const weights = this.#inside.map((inside) => inside && f.let(f32x4.splat(f32.convertI32S(inside))))
    const always = weights.filter((weight) => !weight).length
    const count = weights.reduce<V128>(
      (sum, weight) => (weight ? f.let(f32x4.add(sum, weight)) : sum),
      f.constant(f32x4.splat(always)),
    )
    const share = always === rows.length ? f.constant(f32x4.splat(1 / always)) : null
    const [counts, means, squares] = [before(0), before(1), before(2)]
    const merged = this.#totals[s]!.map((total, v) => {
      const mean = f.let(share ? f32x4.mul(total, share) : f32x4.div(total, count))
      const distances = rows.map((row, r) => {
        const distance = f.let(f32x4.sub(row[v]!, mean))
        return weights[r] ? f.let(f32x4.mul(distance, weights[r]!)) : distance
      })
      const own = distances.reduce<V128>((sum, d) => f.let(f.madd(d, d, sum)), f.constant(v128.zero()))
      const all = f.let(f32x4.add(counts[v]!, count))
      const part = f.let(f32x4.div(count, all))
      const step = f.let(f32x4.sub(mean, means[v]!))
      // Not the step's square first: at the first tile it may be infinite, times a count of 0.
      const between = f32x4.mul(f32x4.mul(step, f32x4.mul(counts[v]!, part)), step)
      return [
        all,
        f.let(f.madd(step, part, means[v]!)),
        f.let(f32x4.add(f32x4.add(squares[v]!, own), between)),
      ] as const
    })
    return [0, 1, 2].map((part) => merged.map((vector) => vector[part]!))
  }
}
