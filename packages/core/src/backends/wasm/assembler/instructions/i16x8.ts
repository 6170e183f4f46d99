import { expr, type I32, simd, toI32, type V128 } from '../expr.ts'
import { extractLane, replaceLane, vectorBinary, vectorShift, vectorTest, vectorUnary } from './vectorForms.ts'

/** Instructions of eight 16-bit integers, named as in the specification. */
export const i16x8 = {
  splat: (a: I32): V128 => expr('v128', simd(0x10), [toI32(a)]),
  extractLaneS: extractLane('i32', 0x18, 8),
  extractLaneU: extractLane('i32', 0x19, 8),
  replaceLane: replaceLane(0x1a, 8, toI32),
  eq: vectorBinary(0x2d),
  bitmask: vectorTest(0x84),
  narrowI32x4S: vectorBinary(0x85),
  narrowI32x4U: vectorBinary(0x86),
  extendLowI8x16S: vectorUnary(0x87),
  extendHighI8x16S: vectorUnary(0x88),
  extendLowI8x16U: vectorUnary(0x89),
  extendHighI8x16U: vectorUnary(0x8a),
  shl: vectorShift(0x8b),
  shrS: vectorShift(0x8c),
  shrU: vectorShift(0x8d),
  add: vectorBinary(0x8e),
  sub: vectorBinary(0x91),
  mul: vectorBinary(0x95),
}
