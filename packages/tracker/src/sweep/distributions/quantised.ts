import type { Distribution } from './distribution.ts'

/** The number of decimals that a step such as 0.05 or 1e-4 is written with. */
function decimals(step: number): number {
  const [digits, exponent] = step.toString().split('e')
  return Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(exponent ?? 0))
}

/** Rounds to the nearest whole number, halves to the even one, as NumPy (and so wandb) does. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}

/** `count` steps as the number a person would write: three steps of 0.1 are 0.3, not 0.30000000000000004. */
export function multiple(count: number, step: number): number {
  const value = count * step
  const places = decimals(step)
  return places <= 100 && Math.abs(value) < 1e15 ? Number(value.toFixed(places)) + 0 : value
}

/**
 * A distribution rounded to whole multiples of `step`: `round(x / step) * step`, by wandb's rule. The nearest multiple may
 * lie up to half a step outside the distribution's bounds.
 */
export function quantised(inner: Distribution, step: number): Distribution {
  return {
    scale: inner.scale,
    quantile: (unit) => multiple(roundHalfEven(Number(inner.quantile(unit)) / step), step),
    // The middle of the unit interval's part that rounds to this value, so that the way back gives it again.
    place: (value) => (inner.place(Number(value) - step / 2) + inner.place(Number(value) + step / 2)) / 2,
  }
}

/** Uniform and quantised; as a grid it walks from `minimum` in steps as long as it stays below `maximum` (wandb's rule). */
export function quantisedUniform(inner: Distribution, minimum: number, maximum: number, step: number): Distribution {
  const size = Math.max(Math.ceil((maximum - minimum) / step), 0)
  const places = Math.min(Math.max(decimals(step), decimals(minimum)), 100)
  const at = (index: number) => Number((minimum + index * step).toFixed(places)) + 0
  return { ...quantised(inner, step), grid: { size, at } }
}
