import { type Arithmetic, polynomial, SIGN_BIT } from './arithmetic.ts'
import { boundedExpm1 } from './exp.ts'

/** From here on erf rounds to 1. */
const SATURATION = 4

/** -log(erfc(x)) / x is 2/√π at 0; the float nearest to that, and below a fit of what remains. */
const SLOPE = 1.128379225730896
/** Minimax fit of -log(erfc(x)) / x − SLOPE on 0 ≤ x ≤ 4, relative error of erf below 2^-27. */
const REMAINDER = [
  -9.255520126316696e-6, 0.00011763440852519125, -0.0006328115705400705, 0.0016669795149937272, -0.0001603458949830383,
  -0.019153092056512833, 0.10277783870697021, 0.6366193890571594, -5.407972736293232e-8,
]

/**
 * The error function, as 1 − e^-p(x) with a polynomial p: the logarithm of erfc is smooth enough for one polynomial over
 * the whole range, where erf itself would need two with a branch between.
 */
export function erf<V>(a: Arithmetic<V>, argument: V): V {
  const x = a.share(argument)
  const magnitude = a.share(a.pmin(a.abs(x), a.float(SATURATION)))
  const remainder = a.mul(magnitude, polynomial(a, magnitude, REMAINDER))
  const negatedLogErfc = a.madd(magnitude, a.float(SLOPE), remainder)
  const complement = boundedExpm1(a, a.share(a.neg(negatedLogErfc)))
  return a.fromBits(a.or(a.bits(a.abs(complement)), a.and(a.bits(x), a.int(SIGN_BIT))))
}
