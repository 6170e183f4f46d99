/** Smoothing at full resolution. Values that are not finite are skipped: they stay as they are and do not touch their neighbours. */

export type Smoothing =
  | { kind: 'none' }
  | { kind: 'time-weighted-ema'; weight: number }
  | { kind: 'ema'; weight: number }
  | { kind: 'running-mean'; window: number }
  | { kind: 'gaussian'; sigma: number }

/** How far behind itself a point can change a smoothed value: new points change those of so many before them. */
export function reach(smoothing: Smoothing): number {
  if (smoothing.kind === 'running-mean') return smoothing.window >> 1
  if (smoothing.kind === 'gaussian') return gaussianReach(smoothing.sigma)
  return 0
}

/** Carries an exponential average from one part of a series to the next. */
export interface EmaState {
  sum: number
  weights: number
  lastX: number
}

export const emaStart = (): EmaState => ({ sum: 0, weights: 0, lastX: Number.NaN })

/** Distance on the x axis that counts as one point: thousandths of the extent, rounded up to a power of two so that it rarely changes. */
export function emaUnit(extent: number): number {
  return extent > 0 ? 2 ** Math.ceil(Math.log2(extent)) / 1000 : 1
}

/**
 * Smooths points from `from` to the end of `y` into `out`. For exponential averages `state` is what it was before `from`.
 * @param unit For the time-weighted average, see {@link emaUnit}.
 */
export function smooth(
  smoothing: Smoothing,
  x: Float64Array,
  y: Float64Array,
  out: Float64Array,
  from: number,
  count: number,
  state: EmaState,
  unit: number,
): void {
  switch (smoothing.kind) {
    case 'none':
      out.set(y.subarray(from, count), from)
      break
    case 'ema':
    case 'time-weighted-ema':
      exponential(smoothing, x, y, out, from, count, state, unit)
      break
    case 'running-mean':
      runningMean(smoothing.window, y, out, from, count)
      break
    case 'gaussian':
      gaussian(smoothing.sigma, y, out, from, count)
      break
  }
}

/**
 * Debiased as in Adam (Kingma and Ba 2015): the average of what was seen, not of that and a zero. The time-weighted form raises the weight to
 * the distance, so that many close points weigh as much as few far ones; its weight is the square root of what was asked for, as in wandb.
 */
function exponential(
  { kind, weight }: { kind: 'ema' | 'time-weighted-ema'; weight: number },
  x: Float64Array,
  y: Float64Array,
  out: Float64Array,
  from: number,
  count: number,
  state: EmaState,
  unit: number,
): void {
  const base = kind === 'ema' ? weight : Math.min(Math.sqrt(weight), 0.999)
  for (let i = from; i < count; i++) {
    const value = y[i]
    if (!Number.isFinite(value)) {
      out[i] = value
      continue
    }
    let decay = base
    if (kind === 'time-weighted-ema') {
      const distance = Number.isNaN(state.lastX) ? 0 : Math.max(0, x[i] - state.lastX) / unit
      decay = base ** distance
    }
    state.sum = state.sum * decay + (kind === 'ema' ? (1 - base) * value : value)
    state.weights = state.weights * decay + (kind === 'ema' ? 1 - base : 1)
    state.lastX = x[i]
    out[i] = state.weights > 0 ? state.sum / state.weights : value
  }
}

/**
 * By sums from the start, of differences to one value of the series: so the cost does not depend on the window, and a constant stays exactly
 * that constant.
 */
function runningMean(window: number, y: Float64Array, out: Float64Array, from: number, count: number): void {
  const before = window >> 1
  const after = window - before - 1
  const start = Math.max(0, from - before)
  const shift = y.subarray(start, count).find(Number.isFinite) ?? 0
  const sums = new Float64Array(count - start + 1)
  const numbers = new Float64Array(count - start + 1)
  for (let i = start; i < count; i++) {
    const finite = Number.isFinite(y[i])
    sums[i - start + 1] = sums[i - start] + (finite ? y[i] - shift : 0)
    numbers[i - start + 1] = numbers[i - start] + (finite ? 1 : 0)
  }
  for (let i = from; i < count; i++) {
    const low = Math.max(start, i - before) - start
    const high = Math.min(count, i + after + 1) - start
    out[i] = Number.isFinite(y[i]) ? shift + (sums[high] - sums[low]) / (numbers[high] - numbers[low]) : y[i]
  }
}

/** Beyond this a gaussian is three running means (Wells 1986), whose cost does not grow with sigma. */
const EXACT_SIGMA = 16

const boxOf = (sigma: number) => Math.round(Math.sqrt(4 * sigma * sigma + 1)) | 1

const gaussianReach = (sigma: number) => (sigma <= EXACT_SIGMA ? Math.ceil(3 * sigma) : 3 * (boxOf(sigma) >> 1))

function gaussian(sigma: number, y: Float64Array, out: Float64Array, from: number, count: number): void {
  if (sigma > EXACT_SIGMA) {
    const window = boxOf(sigma)
    const start = Math.max(0, from - 2 * (window >> 1))
    const once = y.slice(0, count)
    runningMean(window, y, once, start, count)
    const twice = once.slice()
    runningMean(window, once, twice, start, count)
    runningMean(window, twice, out, from, count)
    return
  }
  const radius = gaussianReach(sigma)
  const kernel = Float64Array.from({ length: radius + 1 }, (_, i) =>
    sigma > 0 ? Math.exp((-i * i) / (2 * sigma * sigma)) : 1,
  )
  for (let i = from; i < count; i++) {
    if (!Number.isFinite(y[i])) {
      out[i] = y[i]
      continue
    }
    let sum = 0
    let weights = 0
    for (let j = Math.max(0, i - radius); j <= i + radius && j < count; j++) {
      if (!Number.isFinite(y[j])) continue
      const weight = kernel[Math.abs(j - i)]
      sum += weight * (y[j] - y[i])
      weights += weight
    }
    out[i] = y[i] + sum / weights
  }
}
