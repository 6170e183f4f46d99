/**
 * The operations from which this folder's functions are built, on one float32 (`scalar.ts`) or on vectors of them in
 * generated WebAssembly (`backends/wasm/math/vectors.ts`). Every function is written once, over this interface, so that
 * both give the same bits: each operation rounds to float32 as IEEE 754 says, and nothing else is used.
 *
 * A value is a float, an integer or a mask (all bits set where it holds), as the operation reads it; there are no
 * branches, both sides of `select` are computed.
 */
export interface Arithmetic<V> {
  float(value: number): V
  int(value: number): V
  /** Computes a value once, for use in several places. */
  share(value: V): V

  add(a: V, b: V): V
  sub(a: V, b: V): V
  mul(a: V, b: V): V
  div(a: V, b: V): V
  /** `a * b + c`; rounded once or twice, so only where either will do. */
  madd(a: V, b: V, c: V): V
  /** `c - a * b`; rounded once or twice, so only where either will do. */
  nmadd(a: V, b: V, c: V): V
  abs(a: V): V
  neg(a: V): V
  /** `b < a ? b : a`: a NaN in `a` stays. */
  pmin(a: V, b: V): V
  /** `a < b ? b : a`: a NaN in `a` stays. */
  pmax(a: V, b: V): V

  /** Masks. */
  eq(a: V, b: V): V
  lt(a: V, b: V): V
  le(a: V, b: V): V
  /** `a` where the mask is set, `b` elsewhere. */
  select(mask: V, a: V, b: V): V
  /** The float `a` where the mask is set, 0 elsewhere. */
  keep(mask: V, a: V): V

  /** The bits of a float as an integer, and back. */
  bits(a: V): V
  fromBits(a: V): V
  /** The float nearest to an integer. */
  toFloat(a: V): V

  /** Integers and masks. */
  and(a: V, b: V): V
  or(a: V, b: V): V
  xor(a: V, b: V): V
  /** `a & ~b` */
  andnot(a: V, b: V): V
  addInt(a: V, b: V): V
  subInt(a: V, b: V): V
  ltInt(a: V, b: V): V
  shl(a: V, count: number): V
  shrS(a: V, count: number): V
}

/** Evaluates a polynomial by Horner's rule; coefficients from the highest power down to the constant. */
export function polynomial<V>(a: Arithmetic<V>, x: V, coefficients: readonly number[]): V {
  return coefficients
    .slice(1)
    .reduce((sum, coefficient) => a.madd(sum, x, a.float(coefficient)), a.float(coefficients[0]!))
}

/**
 * Added to a float of magnitude below 2^22, 1.5 · 2^23 rounds it to an integer (half to even), which then stands in the
 * low bits of the sum: rounding and conversion for the price of one addition.
 */
export const ROUNDING_SHIFT = 1.5 * 2 ** 23

export const SIGN_BIT = -0x80000000
export const LARGEST_FLOAT_BITS = 0x7f7fffff
export const SMALLEST_NORMAL_BITS = 0x00800000
export const SMALLEST_NORMAL = 2 ** -126
