import { expr, type F32, f32Bytes, simd, toF32, type V128 } from '../expr.ts'
import { extractLane, replaceLane, vectorBinary, vectorConstant, vectorTernary, vectorUnary } from './vectorForms.ts'

/** Instructions of four 32-bit floats, named as in the specification. */
export const f32x4 = {
  const: (a: number, b: number, c: number, d: number): V128 => vectorConstant([a, b, c, d].flatMap(f32Bytes)),
  splat: (a: F32): V128 => (typeof a === 'number' ? f32x4.const(a, a, a, a) : expr('v128', simd(0x13), [toF32(a)])),
  extractLane: extractLane('f32', 0x1f, 4),
  replaceLane: replaceLane(0x20, 4, toF32),
  eq: vectorBinary(0x41),
  ne: vectorBinary(0x42),
  lt: vectorBinary(0x43),
  gt: vectorBinary(0x44),
  le: vectorBinary(0x45),
  ge: vectorBinary(0x46),
  ceil: vectorUnary(0x67),
  floor: vectorUnary(0x68),
  trunc: vectorUnary(0x69),
  nearest: vectorUnary(0x6a),
  abs: vectorUnary(0xe0),
  neg: vectorUnary(0xe1),
  sqrt: vectorUnary(0xe3),
  add: vectorBinary(0xe4),
  sub: vectorBinary(0xe5),
  mul: vectorBinary(0xe6),
  div: vectorBinary(0xe7),
  /** IEEE minimum: NaN wins, -0 < +0. Slow on x64; see `pmin`. */
  min: vectorBinary(0xe8),
  max: vectorBinary(0xe9),
  /** `b < a ? b : a`: one instruction on x64, and deterministic; a NaN in `a` stays. */
  pmin: vectorBinary(0xea),
  /** `a < b ? b : a`: one instruction on x64, and deterministic; a NaN in `a` stays. */
  pmax: vectorBinary(0xeb),
  convertI32x4S: vectorUnary(0xfa),
  convertI32x4U: vectorUnary(0xfb),
  demoteF64x2Zero: vectorUnary(0x5e),
  /** `a * b + c`, rounded once or twice as the machine likes. Prefer `f.madd`, which knows the module's flavour. */
  relaxedMadd: vectorTernary(0x105),
  /** `c - a * b`, rounded once or twice. Prefer `f.nmadd`. */
  relaxedNmadd: vectorTernary(0x106),
  relaxedMin: vectorBinary(0x10d),
  relaxedMax: vectorBinary(0x10e),
}
