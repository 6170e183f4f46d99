import type { Arithmetic } from '../../../math/arithmetic.ts'
import { type FunctionBuilder, f32x4, i32x4, type V128, v128 } from '../assembler/index.ts'

const same = (a: V128): V128 => a
const shared = (value: V128): boolean => 'index' in value
const zero = v128.zero()

/** The arithmetic on four lanes: expressions of a function that is being built. No memory, no branches. */
export function vectors(f: FunctionBuilder): Arithmetic<V128> {
  // All bits equal is one cheap instruction; other constants are dear, see `f.constant`.
  const float = (value: number): V128 => (Object.is(value, 0) ? zero : f.constant(f32x4.splat(value)))
  return {
    float,
    int: (value) => (value === 0 || value === -1 ? i32x4.splat(value) : f.constant(i32x4.splat(value))),
    share: (value) => (shared(value) ? value : f.let(value)),
    add: f32x4.add,
    sub: f32x4.sub,
    mul: f32x4.mul,
    div: f32x4.div,
    madd: (a, b, c) => f.madd(a, b, c),
    nmadd: (a, b, c) => f.nmadd(a, b, c),
    abs: f32x4.abs,
    neg: f32x4.neg,
    pmin: f32x4.pmin,
    pmax: f32x4.pmax,
    eq: f32x4.eq,
    lt: f32x4.lt,
    le: f32x4.le,
    select: (mask, a, b) => v128.bitselect(a, b, mask),
    keep: v128.and,
    bits: same,
    fromBits: same,
    toFloat: f32x4.convertI32x4S,
    and: v128.and,
    or: v128.or,
    xor: v128.xor,
    andnot: v128.andnot,
    addInt: i32x4.add,
    subInt: i32x4.sub,
    ltInt: i32x4.ltS,
    shl: i32x4.shl,
    shrS: i32x4.shrS,
  }
}
