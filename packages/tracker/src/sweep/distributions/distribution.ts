/** A value of a parameter: anything that JSON can hold. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

/** How the values of a parameter are to be drawn on an axis and put into a model. */
export type Scale = 'linear' | 'log' | 'category' | 'constant'

/**
 * A distribution of a parameter, seen as a map between the unit interval and values. Samplers draw on the unit interval and
 * models work on it, so none of them has to know one distribution from another.
 */
export interface Distribution {
  readonly scale: Scale
  /** The inverse of the cumulative distribution function: the value below which a share `unit` (0 to 1) of all values lies. */
  quantile(unit: number): Value
  /** The place (0 to 1) of a value: `quantile(place(value))` is that value again. Values from elsewhere go to the nearest end. */
  place(value: Value): number
  /** The finite number of values and each of them, where a grid can walk over them. */
  readonly grid?: { readonly size: number; at(index: number): Value }
}

/** `unit` kept within 0 and 1. */
export function clampUnit(unit: number): number {
  return unit > 0 ? Math.min(unit, 1) : 0
}

/** A canonical text of a value, the same for equal values: object keys are sorted. */
export function valueKey(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(valueKey).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${valueKey(item)}`).join(',')}}`
  }
  return JSON.stringify(value)
}
