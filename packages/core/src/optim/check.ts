import { TrainyardError } from '../errors.ts'

/** Refuses a hyper-parameter that is not a number from `low` to `high` (not included where `open`). */
export function checkRange(
  value: unknown,
  name: string,
  low: number,
  high = Number.POSITIVE_INFINITY,
  open = false,
): void {
  const fits = typeof value === 'number' && value >= low && (open ? value < high : value <= high) && value !== Infinity
  if (fits) return
  const range =
    high === Number.POSITIVE_INFINITY ? `of at least ${low}` : `from ${low} to ${open ? 'below ' : ''}${high}`
  throw new TrainyardError(`${name} must be a number ${range}, got ${JSON.stringify(value) ?? String(value)}`)
}

/** baseⁿ for a whole n by multiplications alone, which every engine rounds alike. */
export function wholePower(base: number, exponent: number): number {
  let result = 1
  let square = base
  for (let n = exponent; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result *= square
    square *= square
  }
  return result
}
