/** Real functions in float64 that JavaScript's Math lacks: the oracle of the kernels, never on a hot path. */

/** The error function: its Taylor series near 0, the continued fraction of erfc (Abramowitz & Stegun 7.1.5, 7.1.14) beyond. */
export function erf(x: number): number {
  const a = Math.abs(x)
  if (a !== a) return x
  if (a < 2.5) {
    let term = a
    let sum = a
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (-a * a) / n
      sum += term / (2 * n + 1)
      if (n > 200) break
    }
    return Math.sign(x) * ((2 / Math.sqrt(Math.PI)) * sum)
  }
  if (a > 6) return Math.sign(x)
  let fraction = a
  for (let k = 60; k > 0; k--) fraction = a + k / 2 / fraction
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / fraction)
}

/** The nearest integer; the even one of two as near (IEEE 754). */
export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest !== 0.5) return Math.round(x)
  return floor % 2 === 0 ? floor : floor + 1
}
