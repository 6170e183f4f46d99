import type { Arithmetic } from './arithmetic.ts'
import { exp } from './exp.ts'

/** The logistic function 1 / (1 + e^-x). e^-x may be infinite: the quotient is then 0, as it should be. */
export function sigmoid<V>(a: Arithmetic<V>, x: V): V {
  const one = a.float(1)
  return a.div(one, a.add(one, exp(a, a.neg(x))))
}
