import { type Arithmetic, polynomial, ROUNDING_SHIFT } from './arithmetic.ts'

/** ln 2 in two parts: 15 bits, so that a product with an integer of up to 9 bits is exact, and the rest. */
export const LN2_HIGH = 0.693145751953125
export const LN2_LOW = 1.428606765330187e-6

/** Minimax fit of (e^r − 1 − r) / r² on |r| ≤ ln 2 / 2, relative error of e^r − 1 below 2^-26. */
export const EXP_TAIL = [
  0.0013837890001013875, 0.0083673177286982536, 0.041667740792036057, 0.16666537523269653, 0.49999997019767761,
]

/** The largest float whose exponential is finite, and the smallest whose exponential is a normal number. */
const LARGEST_ARGUMENT = 88.72283172607422
const SMALLEST_ARGUMENT = -87.33654022216797

/**
 * Cody and Waite's reduction ("Software Manual for the Elementary Functions", 1980): x = n · ln 2 + r. Gives n in the
 * low bits of a float and e^r − 1, accurate relative to itself.
 */
export function reduceExp<V>(a: Arithmetic<V>, x: V): { shifted: V; tail: V } {
  const shift = a.float(ROUNDING_SHIFT)
  const shifted = a.share(a.madd(x, a.float(Math.LOG2E), shift))
  const n = a.share(a.sub(shifted, shift))
  const r = a.share(a.nmadd(n, a.float(LN2_LOW), a.nmadd(n, a.float(LN2_HIGH), x)))
  return { shifted, tail: a.share(a.madd(a.mul(r, r), polynomial(a, r, EXP_TAIL), r)) }
}

/**
 * e^x. Results below the normal numbers (x < -87.336) are 0: denormal ones would cost a microcode assist each on x64,
 * and masked attention is full of them.
 */
export function exp<V>(a: Arithmetic<V>, argument: V): V {
  const x = a.share(argument)
  const { shifted, tail } = reduceExp(a, x)
  // Adding n to the exponent field; n = 128 is fine as well, 1 + tail lies below 1 there.
  const scaled = a.fromBits(a.addInt(a.bits(a.add(a.float(1), tail)), a.shl(a.bits(shifted), 23)))
  const normal = a.keep(a.le(a.float(SMALLEST_ARGUMENT), x), scaled)
  return a.select(a.le(x, a.float(LARGEST_ARGUMENT)), normal, a.mul(x, a.float(Infinity)))
}

/** e^x − 1, accurate near 0, for |x| ≤ 80. A NaN stays. */
export function boundedExpm1<V>(a: Arithmetic<V>, x: V): V {
  const { shifted, tail } = reduceExp(a, x)
  const power = a.share(a.fromBits(a.addInt(a.shl(a.bits(shifted), 23), a.bits(a.float(1)))))
  return a.madd(power, tail, a.sub(power, a.float(1)))
}
