import { expr, type I32, simd, toI32, type V128 } from '../expr.ts'
import { extractLane, replaceLane, vectorBinary, vectorTest } from './vectorForms.ts'

/** Picks 16 bytes out of the 32 of `a` then `b`. */
function shuffle(a: V128, b: V128, lanes: readonly number[]): V128 {
  if (lanes.length !== 16 || lanes.some((lane) => !Number.isInteger(lane) || lane < 0 || lane > 31))
    throw new RangeError(`i8x16.shuffle: needs 16 lanes from 0 to 31, got [${lanes.join(', ')}]`)
  return expr('v128', simd(0x0d, ...lanes), [a, b])
}

/** Picks four of the eight 32-bit lanes of `a` (0 to 3) then `b` (4 to 7). */
export function shuffle32(a: V128, b: V128, lanes: readonly [number, number, number, number]): V128 {
  return shuffle(
    a,
    b,
    lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
  )
}

/** Instructions of sixteen bytes, named as in the specification. */
export const i8x16 = {
  shuffle,
  swizzle: vectorBinary(0x0e),
  splat: (a: I32): V128 => expr('v128', simd(0x0f), [toI32(a)]),
  extractLaneS: extractLane('i32', 0x15, 16),
  extractLaneU: extractLane('i32', 0x16, 16),
  replaceLane: replaceLane(0x17, 16, toI32),
  eq: vectorBinary(0x23),
  ne: vectorBinary(0x24),
  bitmask: vectorTest(0x64),
  narrowI16x8S: vectorBinary(0x65),
  narrowI16x8U: vectorBinary(0x66),
  add: vectorBinary(0x6e),
  sub: vectorBinary(0x71),
  minU: vectorBinary(0x77),
  maxU: vectorBinary(0x79),
}
