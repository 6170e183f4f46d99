import { type Arithmetic, polynomial, SMALLEST_NORMAL } from './arithmetic.ts'
import { LN2_HIGH, LN2_LOW } from './exp.ts'

/** Minimax fit of (2 artanh(s) / s − 2) / s² in s², for |s| ≤ 0.1716, relative error of the logarithm below 2^-30. */
const ARTANH = [0.29870927333831787, 0.39977580308914185, 0.66666775941848755]

const SQRT_HALF_BITS = 0x3f3504f3

/** x = 2^exponent · mantissa with the mantissa from √½ to √2, for positive and finite x. */
export function splitFloat<V>(a: Arithmetic<V>, x: V): { exponent: V; mantissa: V } {
  const denormal = a.share(a.lt(x, a.float(SMALLEST_NORMAL)))
  const bits = a.share(a.bits(a.select(denormal, a.mul(x, a.float(2 ** 23)), x)))
  const exponent = a.share(a.shrS(a.subInt(bits, a.int(SQRT_HALF_BITS)), 23))
  return {
    exponent: a.share(a.sub(a.toFloat(exponent), a.keep(denormal, a.float(23)))),
    mantissa: a.share(a.fromBits(a.subInt(bits, a.shl(exponent, 23)))),
  }
}

/**
 * log(x) + correction, by log(1 + f) = 2 artanh(f / (2 + f)) (Muller, "Elementary Functions", 3rd ed., chapter 11). The
 * leading terms f − f²/2 are kept apart from the small rest, as in FreeBSD's msun, so that they are rounded only once.
 */
function logPlus<V>(a: Arithmetic<V>, x: V, correction: (lowPart: V) => V): V {
  const { exponent, mantissa } = splitFloat(a, x)
  const f = a.share(a.sub(mantissa, a.float(1)))
  const s = a.share(a.div(f, a.add(f, a.float(2))))
  const z = a.share(a.mul(s, s))
  const halfSquare = a.share(a.mul(a.mul(f, a.float(0.5)), f))
  const rest = a.madd(s, a.madd(z, polynomial(a, z, ARTANH), halfSquare), correction(a.mul(exponent, a.float(LN2_LOW))))
  const finite = a.madd(exponent, a.float(LN2_HIGH), a.sub(f, a.sub(halfSquare, rest)))
  const zero = a.float(0)
  const positive = a.share(a.lt(zero, x))
  const outside = a.select(
    a.eq(x, zero),
    a.float(-Infinity),
    a.select(positive, a.float(Infinity), a.float(Number.NaN)),
  )
  return a.select(a.and(positive, a.lt(x, a.float(Infinity))), finite, outside)
}

/** The natural logarithm; -∞ at 0, NaN below. Denormal arguments count in full. */
export function log<V>(a: Arithmetic<V>, argument: V): V {
  return logPlus(a, a.share(argument), (lowPart) => lowPart)
}

/** log(1 + x), accurate near 0: what rounding 1 + x lost is added to the logarithm of the sum. */
export function log1p<V>(a: Arithmetic<V>, argument: V): V {
  const one = a.float(1)
  const x = a.share(argument)
  const sum = a.share(a.add(one, x))
  // The greater of both operands is taken away first: then the difference is exact (Dekker, 1971).
  const lost = a.select(a.lt(one, x), a.sub(one, a.sub(sum, x)), a.sub(x, a.sub(sum, one)))
  const logarithm = logPlus(a, sum, (lowPart) => a.add(lowPart, a.div(lost, sum)))
  return a.select(a.eq(x, a.float(0)), x, logarithm)
}
