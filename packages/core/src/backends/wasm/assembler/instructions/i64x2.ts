import { expr, type I64, simd, toI64, type V128 } from '../expr.ts'
import { extractLane, replaceLane, vectorBinary, vectorShift, vectorTest } from './vectorForms.ts'

/** Instructions of two 64-bit integers, named as in the specification. */
export const i64x2 = {
  splat: (a: I64): V128 => expr('v128', simd(0x12), [toI64(a)]),
  extractLane: extractLane('i64', 0x1d, 2),
  replaceLane: replaceLane(0x1e, 2, toI64),
  bitmask: vectorTest(0xc4),
  shl: vectorShift(0xcb),
  shrS: vectorShift(0xcc),
  shrU: vectorShift(0xcd),
  add: vectorBinary(0xce),
  sub: vectorBinary(0xd1),
  mul: vectorBinary(0xd5),
  eq: vectorBinary(0xd6),
  ne: vectorBinary(0xd7),
  /** Full 64-bit products of the two low (or high) 32-bit lanes: what counter-based random generators need. */
  extmulLowI32x4U: vectorBinary(0xde),
  extmulHighI32x4U: vectorBinary(0xdf),
}
