import {
  type Expr,
  type FunctionBuilder,
  f32x4,
  type I32,
  i32,
  type Local,
  type V128,
  v128,
} from '../assembler/index.ts'

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

/**
 * What happens to results in registers before they are stored: bias, activation, residual. It sees vectors of adjacent
 * columns of one row, and returns as many. Site expressions cost nothing where they are not used.
 */
export interface Epilogue<Site extends StoreSite = StoreSite> {
  /** Pointer arguments it needs, appended to the kernel's. */
  readonly pointers: readonly string[]
  emit(f: FunctionBuilder, values: readonly V128[], site: Site): readonly V128[]
}

/** Adds a bias a column, by a pointer `bias`. */
export const biasEpilogue: Epilogue = {
  pointers: ['bias'],
  emit: (f, values, { column, pointers }) => {
    const address = f.let(i32.add(pointers[0]!, i32.mul(column, 4)))
    return values.map((value, v) => f32x4.add(value, v128.load(address, { offset: 16 * v, align: 4 })))
  },
}

/**
 * Stores adjacent vectors of which `columns` lanes are valid; never writes behind them. All values are computed before
 * the first store: V8 joins two operations only if no store stands between the loads that they grow from.
 */
export function storeColumns(
  f: FunctionBuilder,
  address: I32,
  values: readonly V128[],
  columns: number,
  offset = 0,
): void {
  const computed = values.map((value) => ('index' in value ? value : f.let(value)))
  computed.forEach((value, v) => {
    const lanes = columns - 4 * v
    const at = offset + 16 * v
    if (lanes >= 4) f.store(address, value, { offset: at, align: 4 })
    else storeLanes(f, address, value, lanes, at)
  })
}

function storeLanes(f: FunctionBuilder, address: I32, vector: V128, lanes: number, offset: number): void {
  if (lanes >= 2) f.storeLane(64, address, vector, 0, { offset, align: 4 })
  if (lanes === 1 || lanes === 3) f.storeLane(32, address, vector, lanes - 1, { offset: offset + 4 * (lanes - 1) })
}

/** Adds the column sums of some rows of results, and of their squares, to `2 × columnsTotal` floats at `sums`. */
export function addColumnSums(
  f: FunctionBuilder,
  rows: readonly (readonly V128[])[],
  sums: { readonly address: I32; readonly squaresOffset: number; readonly columns: number },
): void {
  for (const squared of [false, true]) {
    const address = (v: number): { offset: number; align: number } => ({
      offset: 16 * v + (squared ? sums.squaresOffset : 0),
      align: 4,
    })
    const values = rows[0]!.map((_, v) => {
      const column = rows.map((row) => row[v]!)
      const total = squared
        ? column.slice(1).reduce((sum, value) => f.madd(value, value, sum), f32x4.mul(column[0]!, column[0]!))
        : column.reduce((sum, value) => f32x4.add(sum, value))
      return f.let(f32x4.add(v128.load(sums.address, address(v)), total))
    })
    storeColumns(f, sums.address, values, sums.columns, address(0).offset)
  }
}
