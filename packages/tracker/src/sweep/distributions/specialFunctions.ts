/**
 * The few special functions that the distributions need, to about 15 digits: the normal distribution and its inverse, and
 * the beta distribution and its inverse.
 */

function polynomial(x: number, coefficients: readonly number[]): number {
  let value = 0
  for (let index = coefficients.length - 1; index >= 0; index--) value = value * x + coefficients[index]
  return value
}

// Coefficients of Wichura's algorithm AS 241 (PPND16), lowest power first.
const CENTRE_NUMERATOR = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
]
const CENTRE_DENOMINATOR = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852546,
]
const TAIL_NUMERATOR = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
]
const TAIL_DENOMINATOR = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
]
const FAR_NUMERATOR = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 0.000027115555687434876, 2.0103343992922881e-7,
]
const FAR_DENOMINATOR = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 0.000018463183175100548,
  1.421511758316446e-7, 2.0442631033899397e-15,
]

/**
 * The inverse of the standard normal distribution function (M. J. Wichura, "Algorithm AS 241: The Percentage Points of the
 * Normal Distribution", Applied Statistics 37, 1988). 0 gives -Infinity and 1 gives Infinity.
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0)) return probability === 0 ? Number.NEGATIVE_INFINITY : Number.NaN
  if (!(probability < 1)) return probability === 1 ? Number.POSITIVE_INFINITY : Number.NaN
  const centred = probability - 0.5
  if (Math.abs(centred) <= 0.425) {
    const r = 0.180625 - centred * centred
    return (centred * polynomial(r, CENTRE_NUMERATOR)) / polynomial(r, CENTRE_DENOMINATOR)
  }
  const r = Math.sqrt(-Math.log(centred < 0 ? probability : 1 - probability))
  const distance =
    r <= 5
      ? polynomial(r - 1.6, TAIL_NUMERATOR) / polynomial(r - 1.6, TAIL_DENOMINATOR)
      : polynomial(r - 5, FAR_NUMERATOR) / polynomial(r - 5, FAR_DENOMINATOR)
  return centred < 0 ? -distance : distance
}

/** The density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)
}

/** The complement of the error function: its power series near zero, its continued fraction in the tail. */
function complementaryError(x: number): number {
  const size = Math.abs(x)
  if (size < 1.5) {
    let term = x
    let sum = x
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= -(x * x) / n
      sum += term / (2 * n + 1)
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum
  }
  let fraction = 0
  for (let n = 100; n > 0; n--) fraction = n / 2 / (size + fraction)
  const tail = Math.exp(-size * size) / (Math.sqrt(Math.PI) * (size + fraction))
  return x > 0 ? tail : 2 - tail
}

/** The probability that a standard normal number is at most `x`. */
export function normalCumulative(x: number): number {
  return 0.5 * complementaryError(-x / Math.SQRT2)
}

// Coefficients of Lanczos' approximation with g = 7 and nine terms (as computed by P. Godfrey).
const LANCZOS = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 0.000009984369578019572, 1.5056327351493116e-7,
]

/** The natural logarithm of the gamma function, for positive numbers. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  let sum = LANCZOS[0]
  for (let index = 1; index < LANCZOS.length; index++) sum += LANCZOS[index] / (x - 1 + index)
  const t = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

/** The continued fraction of the incomplete beta function, evaluated by Lentz' method. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let result = d
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    result *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    result *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return result
}

/** The probability that a number of the beta distribution with shapes `a` and `b` is at most `x`. */
export function betaCumulative(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b))
  // The fraction converges fast on one side of the mean only; on the other side the symmetry of the function is used.
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b
}

/** The inverse of `betaCumulative`, by bisection: sixty halvings leave nothing of a double's precision. */
export function betaQuantile(probability: number, a: number, b: number): number {
  let low = 0
  let high = 1
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2
    if (betaCumulative(middle, a, b) < probability) low = middle
    else high = middle
  }
  return (low + high) / 2
}
