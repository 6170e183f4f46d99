import { cholesky, solveLower, solveUpper } from './cholesky.ts'

/** What the process says about a point: its mean and standard deviation there. */
export interface Prediction {
  readonly mean: number
  readonly deviation: number
}

export interface GaussianProcess {
  readonly lengthScale: number
  /** Whether the likelihood favours a length scale at the edge of what was tried: then the data say nothing about shape. */
  readonly atBound: boolean
  predict(point: readonly number[]): Prediction
}

const NOISE = 1e-7
/** Keeps constant values from being divided by zero. */
const TINY_DEVIATION = 1e-6
const LOG_SCALE_BOUNDS = [Math.log(1e-5), Math.log(1e5)] as const
const COARSE_STEPS = 20
const REFINEMENTS = 14

const distance = (a: readonly number[], b: readonly number[]): number => {
  let sum = 0
  for (let index = 0; index < a.length; index++) sum += (a[index] - b[index]) ** 2
  return Math.sqrt(sum)
}

/** The Matérn covariance with smoothness 3/2 (Rasmussen and Williams, "Gaussian Processes for Machine Learning", eq. 4.17). */
function matern(separation: number, lengthScale: number): number {
  const scaled = (Math.sqrt(3) * separation) / lengthScale
  return (1 + scaled) * Math.exp(-scaled)
}

/** The factored covariance of the points at one length scale, and how likely it makes the values. */
function factor(distances: Float64Array, values: Float64Array, lengthScale: number) {
  const size = values.length
  for (let noise = NOISE; ; noise *= 10) {
    const covariance = Float64Array.from(distances, (separation) => matern(separation, lengthScale))
    for (let index = 0; index < size; index++) covariance[index * size + index] += noise
    const lower = cholesky(covariance, size)
    // Points at the same place leave the matrix singular to rounding; a little more noise makes it definite.
    if (!lower) continue
    const weights = solveUpper(lower, size, solveLower(lower, size, values.slice()))
    let logLikelihood = -0.5 * size * Math.log(2 * Math.PI)
    for (let index = 0; index < size; index++)
      logLikelihood -= 0.5 * values[index] * weights[index] + Math.log(lower[index * size + index])
    return { lower, weights, logLikelihood }
  }
}

/**
 * Fits a Gaussian process to values at points of the unit cube, as wandb does: Matérn 3/2 with one length scale for all
 * dimensions, noise 1e-7, values normalised, and the length scale of the greatest marginal likelihood between 1e-5 and 1e5.
 * That likelihood has one variable, so instead of wandb's restarted descent it is searched from end to end and then refined.
 */
export function fitGaussianProcess(
  points: readonly (readonly number[])[],
  observed: readonly number[],
): GaussianProcess {
  const size = points.length
  const mean = observed.reduce((sum, value) => sum + value, 0) / size
  const variance = observed.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size
  const scale = size === 1 ? 1 : Math.sqrt(variance) + TINY_DEVIATION
  const values = Float64Array.from(observed, (value) => (value - mean) / scale)
  const distances = new Float64Array(size * size)
  for (let row = 0; row < size; row++)
    for (let column = 0; column < row; column++)
      distances[row * size + column] = distances[column * size + row] = distance(points[row], points[column])

  const likelihood = (logScale: number) => factor(distances, values, Math.exp(logScale)).logLikelihood
  const [lowest, highest] = LOG_SCALE_BOUNDS
  const step = (highest - lowest) / COARSE_STEPS
  const coarse = Array.from({ length: COARSE_STEPS + 1 }, (_, index) => likelihood(lowest + index * step))
  const best = coarse.indexOf(Math.max(...coarse))
  const atBound = best === 0 || best === COARSE_STEPS || coarse[best] - Math.min(...coarse) < 1e-9
  const lengthScale = Math.exp(
    goldenSection(
      likelihood,
      Math.max(lowest + (best - 1) * step, lowest),
      Math.min(lowest + (best + 1) * step, highest),
    ),
  )

  const { lower, weights } = factor(distances, values, lengthScale)
  return {
    lengthScale,
    atBound,
    predict(point) {
      const covariances = Float64Array.from(points, (other) => matern(distance(point, other), lengthScale))
      let normalised = 0
      for (let index = 0; index < size; index++) normalised += covariances[index] * weights[index]
      let left = 1
      for (const part of solveLower(lower, size, covariances)) left -= part * part
      return { mean: normalised * scale + mean, deviation: Math.sqrt(Math.max(left, 0)) * scale }
    },
  }
}

/** The place of a maximum between two bounds (Kiefer, "Sequential minimax search for a maximum", 1953). */
function goldenSection(f: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2
  let left = high - ratio * (high - low)
  let right = low + ratio * (high - low)
  let atLeft = f(left)
  let atRight = f(right)
  for (let refinement = 0; refinement < REFINEMENTS; refinement++) {
    if (atLeft > atRight) {
      high = right
      right = left
      atRight = atLeft
      left = high - ratio * (high - low)
      atLeft = f(left)
    } else {
      low = left
      left = right
      atLeft = atRight
      right = low + ratio * (high - low)
      atRight = f(right)
    }
  }
  return (low + high) / 2
}
