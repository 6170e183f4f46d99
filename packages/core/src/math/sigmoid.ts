import { type Arithmetic, polynomial, ROUNDING_SHIFT } from './arithmetic.ts'
import { EXP_TAIL, LN2_HIGH, LN2_LOW } from './exp.ts'

/** Beyond these e^-x is 0 or infinite for what is added to it. */
const LARGEST_ARGUMENT = 87.3
const SMALLEST_ARGUMENT = -89

/** Of e^-r: every other coefficient turned round, and all doubled. */
const TAIL = EXP_TAIL.map((coefficient, i) => (i % 2 === 0 ? 2 : -2) * coefficient)

/**
 * The logistic function 1 / (1 + e^-x). With arguments cut to where e^-x changes, the exponential needs no care for its
 * ends: half its power of two is a normal number, 0 or so large that the quotient is 0. A NaN stays.
 */
export function sigmoid<V>(a: Arithmetic<V>, argument: V): V {
  const x = a.share(a.pmax(a.pmin(argument, a.float(LARGEST_ARGUMENT)), a.float(SMALLEST_ARGUMENT)))
  // −x = n · ln 2 − r, with n in the low bits of a float.
  const shift = a.float(ROUNDING_SHIFT)
  const shifted = a.share(a.madd(x, a.float(-Math.LOG2E), shift))
  const n = a.share(a.sub(shifted, shift))
  const r = a.share(a.madd(n, a.float(LN2_LOW), a.madd(n, a.float(LN2_HIGH), x)))
  const twice = a.sub(a.float(2), a.nmadd(a.mul(r, r), polynomial(a, r, TAIL), a.add(r, r)))
  const halfPower = a.fromBits(a.addInt(a.shl(a.bits(shifted), 23), a.int(126 << 23)))
  return a.div(a.float(1), a.madd(twice, halfPower, a.float(1)))
}
