import { type Arithmetic, polynomial, ROUNDING_SHIFT, SIGN_BIT } from './arithmetic.ts'

/** π/2 in parts of 11 bits, whose products with an integer of up to 13 bits are exact, and a rest. */
const HALF_PI = [1.5703125, 0.00048375129699707031, 7.5495336204767227e-8, 2.5633440682570896e-12]

/** Minimax fits on |r| ≤ π/4, in r²: of (sin(r) / r − 1) / r² and (cos(r) − 1 + r²/2) / r⁴. */
const SINE = [-0.00019518095359671861, 0.0083321882411837578, -0.16666655242443085]
const COSINE = [2.4432327336398885e-5, -0.0013887309469282627, 0.041666645556688309]

/**
 * Cody and Waite's reduction |x| = n · π/2 + r, and the sine and cosine of r. In float32 alone it is exact enough for
 * |x| ≤ 12,000; beyond, the absolute error grows in proportion to the spacing of floats at x, and from 6 million on only
 * the range [-1, 1] is kept.
 */
function reduceByHalfPi<V>(a: Arithmetic<V>, x: V): { quadrant: V; sine: V; cosine: V } {
  const shift = a.float(ROUNDING_SHIFT)
  const magnitude = a.share(a.abs(x))
  const shifted = a.share(a.madd(magnitude, a.float(2 / Math.PI), shift))
  const n = a.share(a.sub(shifted, shift))
  const reduced = HALF_PI.reduce((rest, part) => a.nmadd(n, a.float(part), rest), magnitude)
  const r = a.share(a.pmin(a.pmax(reduced, a.float(-0.79)), a.float(0.79)))
  const z = a.share(a.mul(r, r))
  return {
    quadrant: a.share(a.bits(shifted)),
    sine: a.madd(a.mul(r, z), polynomial(a, z, SINE), r),
    cosine: a.madd(a.mul(z, z), polynomial(a, z, COSINE), a.nmadd(z, a.float(0.5), a.float(1))),
  }
}

const isOdd = <V>(a: Arithmetic<V>, n: V): V => a.shrS(a.shl(n, 31), 31)
/** The sign bit where the bit of value 2 is set: in the third and fourth quadrant. */
const signOfQuadrant = <V>(a: Arithmetic<V>, n: V): V => a.shl(a.and(n, a.int(2)), 30)

/** The sine of an angle in radians. For |x| up to 12,000; see `reduceByHalfPi`. */
export function sin<V>(a: Arithmetic<V>, argument: V): V {
  const x = a.share(argument)
  const { quadrant, sine, cosine } = reduceByHalfPi(a, x)
  // The sine is odd: with the sign put back at the end, -0 stays -0.
  const sign = a.xor(a.and(a.bits(x), a.int(SIGN_BIT)), signOfQuadrant(a, quadrant))
  return a.fromBits(a.xor(a.bits(a.select(isOdd(a, quadrant), cosine, sine)), sign))
}

/** The cosine of an angle in radians. For |x| up to 12,000; see `reduceByHalfPi`. */
export function cos<V>(a: Arithmetic<V>, x: V): V {
  const { quadrant, sine, cosine } = reduceByHalfPi(a, x)
  const sign = signOfQuadrant(a, a.addInt(quadrant, a.int(1)))
  return a.fromBits(a.xor(a.bits(a.select(isOdd(a, quadrant), sine, cosine)), sign))
}
