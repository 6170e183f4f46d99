import {
  type Arithmetic,
  LARGEST_FLOAT_BITS,
  polynomial,
  ROUNDING_SHIFT,
  SIGN_BIT,
  SMALLEST_NORMAL_BITS,
} from './arithmetic.ts'
import { splitFloat } from './log.ts'

/** 2 / ln 2 in two parts, the first of 12 bits. */
const TWO_OVER_LN2 = 2 * Math.LOG2E
const TWO_OVER_LN2_HIGH = 2.8857421875
const TWO_OVER_LN2_LOW = -0.0003521057078614831
/** Minimax fit of (2 artanh(s) / (ln 2 · s) − 2 / ln 2) / s² in s², for |s| ≤ 0.1716. */
const LOG2 = [0.33648952841758728, 0.41192728281021118, 0.57707881927490234, 0.96179670095443726]
/** Minimax fit of (2^r − 1) / r on |r| ≤ 1/2. */
const EXP2 = [
  0.00013360565935727209, 0.0013387661892920732, 0.0096253855153918266, 0.055503662675619125, 0.24022594094276428,
  0.69314718246459961,
]

/** The upper 12 bits of a float's significand: products of two such are exact (Dekker, 1971). */
const high = <V>(a: Arithmetic<V>, x: V): V => a.share(a.fromBits(a.and(a.bits(x), a.int(-0x1000))))

/** log2(x) for positive finite x as a sum of two floats, the first with 12 bits: 2^-30 or so in all. */
function log2InParts<V>(a: Arithmetic<V>, x: V): { upper: V; lower: V } {
  const one = a.float(1)
  const { exponent, mantissa } = splitFloat(a, x)
  const f = a.share(a.sub(mantissa, one))
  const divisor = a.share(a.add(mantissa, one))
  const s = a.share(a.div(f, divisor))
  // s = sHigh + sLow: the remainder of the division, divided in turn.
  const sHigh = high(a, s)
  const divisorHigh = high(a, divisor)
  const divisorLow = a.sub(mantissa, a.sub(divisorHigh, one))
  const sLow = a.div(a.nmadd(sHigh, divisorLow, a.nmadd(sHigh, divisorHigh, f)), divisor)
  const z = a.share(a.mul(s, s))
  const cubic = a.mul(a.mul(s, z), polynomial(a, z, LOG2))
  const leading = a.share(a.mul(sHigh, a.float(TWO_OVER_LN2_HIGH)))
  const rest = a.madd(sLow, a.float(TWO_OVER_LN2), a.madd(sHigh, a.float(TWO_OVER_LN2_LOW), cubic))
  // |leading| ≤ 1/2: either the exponent is greater, or it is 0, so the error of this sum is known exactly.
  const sum = a.share(a.add(exponent, leading))
  const small = a.share(a.add(a.sub(leading, a.sub(sum, exponent)), rest))
  const upper = high(a, a.add(sum, small))
  return { upper, lower: a.share(a.sub(small, a.sub(upper, sum))) }
}

/** 2^(upper + lower), 0 where that is below the normal numbers. */
function exp2OfParts<V>(a: Arithmetic<V>, upper: V, lower: V): V {
  const shift = a.float(ROUNDING_SHIFT)
  const exponent = a.share(a.add(upper, lower))
  const shifted = a.share(a.add(a.pmax(a.pmin(exponent, a.float(200)), a.float(-200)), shift))
  const r = a.share(a.add(a.sub(upper, a.sub(shifted, shift)), lower))
  const power = a.madd(r, polynomial(a, r, EXP2), a.float(1))
  const bits = a.share(a.addInt(a.bits(power), a.shl(a.bits(shifted), 23)))
  const tooLarge = a.or(a.lt(a.float(128), exponent), a.ltInt(a.int(LARGEST_FLOAT_BITS), bits))
  const notTooSmall = a.and(a.lt(a.float(-127), exponent), a.ltInt(a.int(SMALLEST_NORMAL_BITS - 1), bits))
  const normal = a.keep(notTooSmall, a.fromBits(bits))
  return a.select(tooLarge, a.float(Infinity), normal)
}

/** Masks of the integers and of the odd integers among floats of magnitude `y`. */
function parity<V>(a: Arithmetic<V>, y: V): { integer: V; odd: V } {
  const unit = a.float(2 ** 23)
  const hasFraction = a.share(a.lt(y, unit))
  const rounded = a.share(a.add(y, unit))
  const integer = a.share(a.select(hasFraction, a.eq(a.sub(rounded, unit), y), a.int(-1)))
  const lastBit = a.shrS(a.shl(a.bits(a.select(hasFraction, rounded, y)), 31), 31)
  return { integer, odd: a.and(a.and(lastBit, integer), a.lt(y, a.float(2 ** 24))) }
}

/**
 * x^y, as 2^(y · log2 x) with the logarithm and the product in two parts. Special cases as in C99 and IEEE 754: x^0 and
 * 1^y are 1, negative x takes integer y only. Results below the normal numbers are 0.
 */
export function pow<V>(a: Arithmetic<V>, base: V, exponent: V): V {
  const x = a.share(base)
  const y = a.share(exponent)
  const zero = a.float(0)
  const one = a.float(1)
  const infinity = a.float(Infinity)
  const magnitude = a.share(a.abs(x))
  const { integer, odd } = parity(a, a.share(a.abs(y)))

  const logarithm = log2InParts(a, magnitude)
  // No base but ±1 has a finite power of this size, and nothing overflows on the way.
  const factor = a.share(a.pmax(a.pmin(y, a.float(2 ** 33)), a.float(-(2 ** 33))))
  const factorHigh = high(a, factor)
  const lower = a.madd(a.sub(factor, factorHigh), logarithm.upper, a.mul(factor, logarithm.lower))
  const finite = exp2OfParts(a, a.share(a.mul(factorHigh, logarithm.upper)), a.share(lower))

  // 0 and ∞ are powers of themselves, or of each other where y is negative.
  const extreme = a.or(a.eq(magnitude, zero), a.eq(magnitude, infinity))
  const swapped = a.fromBits(a.xor(a.bits(magnitude), a.bits(infinity)))
  const size = a.select(extreme, a.select(a.lt(zero, y), magnitude, swapped), finite)
  const signed = a.fromBits(a.xor(a.bits(size), a.and(a.and(a.bits(x), a.int(SIGN_BIT)), odd)))

  const finiteNegative = a.and(a.lt(x, zero), a.lt(magnitude, infinity))
  const defined = a.andnot(a.and(a.eq(x, x), a.eq(y, y)), a.andnot(finiteNegative, integer))
  const isOne = a.or(a.eq(y, zero), a.eq(x, one))
  return a.select(isOne, one, a.select(defined, signed, a.float(Number.NaN)))
}
