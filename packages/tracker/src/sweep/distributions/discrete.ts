import { clampUnit, type Distribution, type Value, valueKey } from './distribution.ts'

/** One value, always. */
export function constant(value: Value): Distribution {
  return { scale: 'constant', quantile: () => value, place: () => 0.5, grid: { size: 1, at: () => value } }
}

/**
 * One of the values, each with its probability (equal ones unless given). A value's place is the middle of its share of the
 * unit interval. Equal values given twice count double when sampled, and once in a grid.
 */
export function categorical(values: readonly Value[], probabilities?: readonly number[]): Distribution {
  const shares = probabilities ?? values.map(() => 1)
  const total = shares.reduce((sum, share) => sum + share, 0)
  const ends: number[] = []
  let sum = 0
  for (const share of shares) ends.push((sum += share) / total)

  const placeOf = new Map<string, number>()
  values.forEach((value, index) => {
    const key = valueKey(value)
    const start = index === 0 ? 0 : ends[index - 1]
    if (!placeOf.has(key) && ends[index] > start) placeOf.set(key, (start + ends[index]) / 2)
  })
  const distinct = [...new Map(values.map((value) => [valueKey(value), value])).values()]
  const last = ends.findLastIndex((_, index) => shares[index] > 0)
  return {
    scale: 'category',
    quantile: (unit) => {
      const index = ends.findIndex((end) => unit < end)
      return values[index === -1 ? last : index]
    },
    place: (value) => placeOf.get(valueKey(value)) ?? 0.5,
    ...(probabilities ? {} : { grid: { size: distinct.length, at: (index: number) => distinct[index] } }),
  }
}

/** Every whole number from `minimum` to `maximum`, both included, equally likely. */
export function intUniform(minimum: number, maximum: number): Distribution {
  const size = maximum - minimum + 1
  return {
    scale: 'linear',
    quantile: (unit) => minimum + Math.min(Math.floor(unit * size), size - 1),
    place: (value) => clampUnit((Number(value) - minimum + 0.5) / size),
    grid: { size, at: (index) => minimum + index },
  }
}
