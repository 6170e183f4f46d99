import { clampUnit, type Distribution } from './distribution.ts'
import { betaCumulative, betaQuantile, normalCumulative, normalQuantile } from './specialFunctions.ts'

/**
 * Infinite ends of a distribution are never reached by a sampled unit (which lies strictly between 0 and 1), but a caller
 * may ask for them; this keeps the value finite, about eight standard deviations from the mean.
 */
const inside = (unit: number): number => Math.min(Math.max(unit, 2 ** -53), 1 - 2 ** -53)

/** Every number between `minimum` and `maximum` equally likely. */
export function uniform(minimum: number, maximum: number): Distribution {
  return {
    scale: 'linear',
    quantile: (unit) => Math.min(minimum + unit * (maximum - minimum), maximum),
    place: (value) => clampUnit((Number(value) - minimum) / (maximum - minimum)),
  }
}

/** The natural logarithm is uniform between `minimumLog` and `maximumLog`. */
export function logUniform(minimumLog: number, maximumLog: number): Distribution {
  return {
    scale: 'log',
    quantile: (unit) => Math.exp(minimumLog + unit * (maximumLog - minimumLog)),
    place: (value) => clampUnit((Math.log(Math.max(Number(value), 0)) - minimumLog) / (maximumLog - minimumLog)),
  }
}

/** Log-uniform between two values: like `logUniform`, but its ends are exactly the values given, free of rounding. */
export function logUniformValues(minimum: number, maximum: number): Distribution {
  const inner = logUniform(Math.log(minimum), Math.log(maximum))
  const between = (unit: number) => Math.min(Math.max(Number(inner.quantile(unit)), minimum), maximum)
  return { ...inner, quantile: (unit) => (unit <= 0 ? minimum : unit >= 1 ? maximum : between(unit)) }
}

/** Normal with mean `mu` and standard deviation `sigma`; a zero `sigma` gives `mu` always. */
export function normal(mu: number, sigma: number): Distribution {
  return {
    scale: 'linear',
    quantile: (unit) => (sigma === 0 ? mu : mu + sigma * normalQuantile(inside(unit))),
    place: (value) => (sigma === 0 ? 0.5 : normalCumulative((Number(value) - mu) / sigma)),
  }
}

/** The natural logarithm is normal with mean `mu` and standard deviation `sigma`. */
export function logNormal(mu: number, sigma: number): Distribution {
  const inner = normal(mu, sigma)
  return {
    scale: 'log',
    quantile: (unit) => Math.exp(Number(inner.quantile(unit))),
    place: (value) => inner.place(Math.log(Math.max(Number(value), 0))),
  }
}

/** The beta distribution with shapes `a` and `b`, between 0 and 1. */
export function beta(a: number, b: number): Distribution {
  return {
    scale: 'linear',
    quantile: (unit) => betaQuantile(unit, a, b),
    place: (value) => betaCumulative(Number(value), a, b),
  }
}
