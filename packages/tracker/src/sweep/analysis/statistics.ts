import { betaCumulative } from '../distributions/specialFunctions.ts'

/** The value below which a share of the values lies, with straight lines between them. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let index = 0; index < values.length; index++) sum += values[index]
  return sum / values.length
}

/** The ranks of the values, from 1; equal ones share the mean of their ranks. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, index) => index).sort((a, b) => values[a] - values[b])
  const result = new Float64Array(values.length)
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end + 1 < order.length && values[order[end + 1]] === values[order[start]]) end++
    for (let index = start; index <= end; index++) result[order[index]] = (start + end) / 2 + 1
    start = end + 1
  }
  return result
}

/** Pearson's correlation; 0 where one side does not vary. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const meanA = mean(a)
  const meanB = mean(b)
  let both = 0
  let squareA = 0
  let squareB = 0
  for (let index = 0; index < a.length; index++) {
    both += (a[index] - meanA) * (b[index] - meanB)
    squareA += (a[index] - meanA) ** 2
    squareB += (b[index] - meanB) ** 2
  }
  const scale = Math.sqrt(squareA * squareB)
  return scale > 0 ? Math.max(-1, Math.min(1, both / scale)) : 0
}

/** The probability that a correlation at least as strong arises by chance, by Student's t distribution. */
export function correlationChance(correlation: number, count: number): number {
  const freedom = count - 2
  if (freedom < 1) return 1
  // P(|T| > t) is an incomplete beta function of freedom / (freedom + t²), which here is 1 - r².
  return betaCumulative(1 - correlation * correlation, freedom / 2, 0.5)
}

/**
 * The 95 % interval of a rank correlation: Fisher's z with the standard error of Bonett and Wright ("Sample size requirements
 * for estimating Pearson, Kendall and Spearman correlations", Psychometrika 65, 2000). Everything, for fewer than four trials.
 */
export function correlationInterval(correlation: number, count: number): [number, number] {
  if (count < 4) return [-1, 1]
  const z = Math.atanh(Math.max(-0.999999, Math.min(0.999999, correlation)))
  const error = 1.959963984540054 * Math.sqrt((1 + (correlation * correlation) / 2) / (count - 3))
  return [Math.tanh(z - error), Math.tanh(z + error)]
}
