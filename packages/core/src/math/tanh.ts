import { type Arithmetic, SIGN_BIT } from './arithmetic.ts'
import { boundedExpm1 } from './exp.ts'

/** From here on tanh rounds to 1. */
const SATURATION = 10

/** The hyperbolic tangent, (e^2x − 1) / (e^2x + 1), accurate near 0. */
export function tanh<V>(a: Arithmetic<V>, argument: V): V {
  const x = a.share(argument)
  const magnitude = a.share(a.pmin(a.abs(x), a.float(SATURATION)))
  const growth = a.share(boundedExpm1(a, a.share(a.add(magnitude, magnitude))))
  const quotient = a.div(growth, a.add(growth, a.float(2)))
  return a.fromBits(a.or(a.bits(quotient), a.and(a.bits(x), a.int(SIGN_BIT))))
}
