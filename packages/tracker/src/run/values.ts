/** Sorts what was passed to `run.log` into scalars by dotted key and media. */
import { toJson } from '../log/records.ts'
import { Text } from '../media/document.ts'
import { Histogram } from '../media/histogram.ts'
import { Media } from '../media/input.ts'
import { describe } from './describe.ts'

export interface Sorted {
  scalars: { [key: string]: number }
  media: { key: string; items: Media[] }[]
  /** What could not be logged, said in words. */
  refused: string[]
}

const MAX_DEPTH = 10
/** Shorter lists are kept as they are, longer ones as their distribution, as in wandb. */
const MAX_LIST = 32

const isNumbers = (value: unknown): value is ArrayLike<number> =>
  (ArrayBuffer.isView(value) && !(value instanceof DataView)) ||
  (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number'))

export function sortValues(values: object): Sorted {
  // Without a prototype `__proto__` is a key like others.
  const sorted: Sorted = { scalars: Object.create(null) as Sorted['scalars'], media: [], refused: [] }
  sortAll('', values, sorted, 0)
  return sorted
}

/** A value that cannot be read, such as a getter that throws, costs itself and not those beside it. */
function sortAll(prefix: string, values: object, sorted: Sorted, depth: number): void {
  for (const key of Object.keys(values)) {
    const path = prefix + key
    try {
      sortValue(path, (values as { [key: string]: unknown })[key], sorted, depth)
    } catch (error) {
      sorted.refused.push(`"${path}": ${describe(error)}`)
    }
  }
}

function sortValue(key: string, value: unknown, sorted: Sorted, depth: number): void {
  if (key === '') sorted.refused.push('a value without a key')
  else if (typeof value === 'number') sorted.scalars[key] = value
  else if (typeof value === 'boolean') sorted.scalars[key] = value ? 1 : 0
  else if (typeof value === 'bigint') sorted.scalars[key] = Number(value)
  else if (typeof value === 'string') sorted.media.push({ key, items: [new Text(value)] })
  else if (value instanceof Media) sorted.media.push({ key, items: [value] })
  else if (Array.isArray(value) && value.length > 0 && value.every((item) => item instanceof Media))
    sorted.media.push({ key, items: value })
  else if (isNumbers(value))
    sorted.media.push({
      key,
      items: [value.length > MAX_LIST ? new Histogram(toNumbers(value)) : new Text(JSON.stringify(toJson(value)))],
    })
  else if (value instanceof Date) sorted.media.push({ key, items: [new Text(value.toISOString())] })
  else if (Array.isArray(value)) sorted.media.push({ key, items: [new Text(JSON.stringify(toJson(value)))] })
  else if (typeof value === 'object' && value !== null && isPlain(value) && depth < MAX_DEPTH)
    sortAll(`${key}.`, value, sorted, depth + 1)
  else sorted.refused.push(refusal(key, value))
}

/** Lists of 64-bit whole numbers hold bigints. */
const toNumbers = (values: ArrayLike<number>): ArrayLike<number> =>
  typeof values[0] === 'bigint' ? Array.from(values, Number) : values

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as unknown
  return prototype === Object.prototype || prototype === null
}

function refusal(key: string, value: unknown): string {
  if (value === null || value === undefined) return `"${key}" is ${value}`
  if (typeof (value as { item?: unknown }).item === 'function')
    return `"${key}" is a tensor: read its number first, as in await ${key}.item()`
  return `"${key}" is a ${typeof value === 'object' ? ((value as object).constructor?.name ?? 'object') : typeof value}, which cannot be logged`
}
