/**
 * Size of the register tile of the contractions: `rows` × `vectors` accumulators, `unroll` steps of k an iteration. All have
 * as many rows and unroll alike: the strict flavour gives the same bits with each.
 */
export interface TileShape {
  readonly rows: number
  readonly vectors: number
  readonly unroll: number
}

/** Twelve 256-bit accumulators, two registers for B, one for A: 15 of AVX2's 16, once V8 has joined the pairs. */
export const wideTile: TileShape = { rows: 6, vectors: 4, unroll: 2 }

/** The same count in 128-bit registers. A wide tile would spill there and run at half this one's speed. */
export const narrowTile: TileShape = { rows: 6, vectors: 2, unroll: 2 }

/** Panels of columns by the widest tile: what a sum is cut by where it must not depend on the machine's. */
export function widestPanels(columns: number): number {
  return Math.ceil(columns / (4 * wideTile.vectors))
}
