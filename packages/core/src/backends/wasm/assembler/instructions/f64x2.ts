import { expr, type F64, f64Bytes, simd, toF64, type V128 } from '../expr.ts'
import { extractLane, replaceLane, vectorBinary, vectorConstant, vectorUnary } from './vectorForms.ts'

/** Instructions of two 64-bit floats, named as in the specification. */
export const f64x2 = {
  const: (a: number, b: number): V128 => vectorConstant([a, b].flatMap(f64Bytes)),
  splat: (a: F64): V128 => (typeof a === 'number' ? f64x2.const(a, a) : expr('v128', simd(0x14), [toF64(a)])),
  extractLane: extractLane('f64', 0x21, 2),
  replaceLane: replaceLane(0x22, 2, toF64),
  eq: vectorBinary(0x47),
  ne: vectorBinary(0x48),
  lt: vectorBinary(0x49),
  gt: vectorBinary(0x4a),
  le: vectorBinary(0x4b),
  ge: vectorBinary(0x4c),
  ceil: vectorUnary(0x74),
  floor: vectorUnary(0x75),
  trunc: vectorUnary(0x7a),
  nearest: vectorUnary(0x94),
  abs: vectorUnary(0xec),
  neg: vectorUnary(0xed),
  sqrt: vectorUnary(0xef),
  add: vectorBinary(0xf0),
  sub: vectorBinary(0xf1),
  mul: vectorBinary(0xf2),
  div: vectorBinary(0xf3),
  pmin: vectorBinary(0xf6),
  pmax: vectorBinary(0xf7),
  /** The two low floats of a f32x4. */
  promoteLowF32x4: vectorUnary(0x5f),
  convertLowI32x4S: vectorUnary(0xfe),
  convertLowI32x4U: vectorUnary(0xff),
}
