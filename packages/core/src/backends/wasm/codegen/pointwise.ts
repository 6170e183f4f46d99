import type { PointwiseName } from '../../../ops/names.ts'
import type { DType } from '../../../tensor/dtype.ts'
import { type FunctionBuilder, f32x4, i32, i32x4, select, type V128, v128 } from '../assembler/index.ts'
import {
  emitCos,
  emitErf,
  emitExp,
  emitLog,
  emitLog1p,
  emitPow,
  emitSigmoid,
  emitSin,
  emitTanh,
} from '../math/index.ts'

/**
 * Computes four lanes. Truths are masks in registers (all bits set or none) and 0 or 1 in memory. Operands are locals or
 * constants: they may be used more than once.
 */
type Emitter = (f: FunctionBuilder, a: V128, b: V128, c: V128) => V128

interface Row {
  readonly float32?: Emitter
  readonly int32?: Emitter
  /** For operands that are masks. */
  readonly bool?: Emitter
}

const zeros = v128.zero()
const ones = f32x4.splat(1)

const mask: Emitter = (_, a, b) => v128.and(a, b)

/** One row for every pointwise op; the compiler complains where one is missing. */
const rows: Record<PointwiseName, Row> = {
  neg: { float32: (_, a) => f32x4.neg(a), int32: (_, a) => i32x4.neg(a) },
  abs: { float32: (_, a) => f32x4.abs(a), int32: (_, a) => i32x4.abs(a) },
  sign: {
    float32: (_, a) => {
      const positive = v128.and(f32x4.gt(a, zeros), ones)
      const negative = v128.and(f32x4.lt(a, zeros), f32x4.splat(-1))
      return v128.or(v128.or(positive, negative), v128.and(f32x4.ne(a, a), a))
    },
    int32: (_, a) => v128.or(i32x4.shrS(a, 31), v128.and(i32x4.gtS(a, zeros), i32x4.splat(1))),
  },
  exp: { float32: (f, a) => emitExp(f, a) },
  log: { float32: (f, a) => emitLog(f, a) },
  log1p: { float32: (f, a) => emitLog1p(f, a) },
  sqrt: { float32: (_, a) => f32x4.sqrt(a) },
  rsqrt: { float32: (_, a) => f32x4.div(ones, f32x4.sqrt(a)) },
  reciprocal: { float32: (_, a) => f32x4.div(ones, a) },
  sin: { float32: (f, a) => emitSin(f, a) },
  cos: { float32: (f, a) => emitCos(f, a) },
  tanh: { float32: (f, a) => emitTanh(f, a) },
  sigmoid: { float32: (f, a) => emitSigmoid(f, a) },
  erf: { float32: (f, a) => emitErf(f, a) },
  // pmax(a, 0) is "a < 0 ? 0 : a": a NaN stays.
  relu: { float32: (_, a) => f32x4.pmax(a, zeros), int32: (_, a) => i32x4.maxS(a, zeros) },
  floor: { float32: (_, a) => f32x4.floor(a) },
  ceil: { float32: (_, a) => f32x4.ceil(a) },
  round: { float32: (_, a) => f32x4.nearest(a) },
  not: { bool: (_, a) => v128.not(a) },
  isNaN: { float32: (_, a) => f32x4.ne(a, a) },
  add: { float32: (_, a, b) => f32x4.add(a, b), int32: (_, a, b) => i32x4.add(a, b) },
  sub: { float32: (_, a, b) => f32x4.sub(a, b), int32: (_, a, b) => i32x4.sub(a, b) },
  mul: { float32: (_, a, b) => f32x4.mul(a, b), int32: (_, a, b) => i32x4.mul(a, b) },
  div: { float32: (_, a, b) => f32x4.div(a, b) },
  pow: { float32: (f, a, b) => emitPow(f, a, b) },
  remainder: {
    float32: (_, a, b) => f32x4.sub(a, f32x4.mul(f32x4.floor(f32x4.div(a, b)), b)),
    int32: integerRemainder,
  },
  maximum: { float32: (_, a, b) => f32x4.max(a, b), int32: (_, a, b) => i32x4.maxS(a, b) },
  minimum: { float32: (_, a, b) => f32x4.min(a, b), int32: (_, a, b) => i32x4.minS(a, b) },
  eq: { float32: (_, a, b) => f32x4.eq(a, b), int32: (_, a, b) => i32x4.eq(a, b), bool: (_, a, b) => i32x4.eq(a, b) },
  ne: { float32: (_, a, b) => f32x4.ne(a, b), int32: (_, a, b) => i32x4.ne(a, b), bool: (_, a, b) => i32x4.ne(a, b) },
  lt: { float32: (_, a, b) => f32x4.lt(a, b), int32: (_, a, b) => i32x4.ltS(a, b) },
  le: { float32: (_, a, b) => f32x4.le(a, b), int32: (_, a, b) => i32x4.leS(a, b) },
  gt: { float32: (_, a, b) => f32x4.gt(a, b), int32: (_, a, b) => i32x4.gtS(a, b) },
  ge: { float32: (_, a, b) => f32x4.ge(a, b), int32: (_, a, b) => i32x4.geS(a, b) },
  and: { bool: mask },
  or: { bool: (_, a, b) => v128.or(a, b) },
  where: { bool: (_, a, b, c) => v128.bitselect(b, c, a) },
}

/** Emits a pointwise op on four lanes. `dtype` is the type of the operands (of the condition for where). */
export function emitPointwise(f: FunctionBuilder, op: PointwiseName, dtype: DType, operands: readonly V128[]): V128 {
  const emit = rows[op][dtype]
  if (!emit) throw new Error(`wasm: ${op} has no code for ${dtype}`)
  return emit(f, operands[0], operands[1], operands[2])
}

/** Emits a conversion of four lanes. */
export function emitCast(from: DType, to: DType, a: V128): V128 {
  if (from === to) return a
  if (to === 'bool') return from === 'float32' ? f32x4.ne(a, zeros) : i32x4.ne(a, zeros)
  if (from === 'bool') return v128.and(a, to === 'float32' ? ones : i32x4.splat(1))
  return to === 'float32' ? f32x4.convertI32x4S(a) : i32x4.truncSatF32x4S(a)
}

/** Sign of the divisor, as Python's; division by 0 gives 0. There is no vector division of integers. */
function integerRemainder(f: FunctionBuilder, a: V128, b: V128): V128 {
  let result = zeros
  for (let lane = 0; lane < 4; lane++) {
    const divisor = f.let(i32x4.extractLane(b, lane))
    const dividend = i32x4.extractLane(a, lane)
    const rest = f.let(i32.remS(dividend, select(i32.eqz(divisor), i32.const(1), divisor)))
    const differs = i32.and(i32.ne(rest, 0), i32.ltS(i32.xor(rest, divisor), 0))
    const shifted = select(differs, i32.add(rest, divisor), rest)
    result = i32x4.replaceLane(result, lane, f.let(select(i32.eqz(divisor), i32.const(0), shifted)))
  }
  return result
}
