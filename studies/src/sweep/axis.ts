import { labelOf, type Value } from '@trainyard/tracker/analysis'
import { roundValues } from './ticks.ts'

/** An axis of the parallel coordinates: where a value stands, from 0 (below) to 1, and what is written beside it. */
export interface Axis {
  readonly name: string
  readonly scale: 'linear' | 'log' | 'category'
  /** Whether many lines meet in each of its few values. */
  readonly few: boolean
  place(value: unknown): number
  readonly ticks: readonly { readonly place: number; readonly label: string }[]
}

/** From how many times the smallest value on a logarithmic axis shows more. */
const WIDE = 20
const MOST_TICKS = 8

/**
 * Makes an axis for values: numbers along a line, logarithmically where they span much, everything else one below the other.
 *
 * @param options.list Whether the values are few and given, and each is to be named.
 */
export function axisFor(
  name: string,
  values: readonly unknown[],
  options: { scale?: 'linear' | 'log' | 'category'; list?: boolean } = {},
): Axis {
  const numbers = values.filter((value) => typeof value === 'number')
  if (options.scale === 'category' || numbers.length < values.length) return categories(name, values)
  const low = Math.min(...numbers)
  const high = Math.max(...numbers)
  const scale = options.scale ?? (low > 0 && high / low > WIDE ? 'log' : 'linear')
  const forth = scale === 'log' ? Math.log : (x: number) => x
  const span = forth(high) - forth(low)
  const place = (value: unknown) => (span === 0 ? 0.5 : (forth(value as number) - forth(low)) / span)
  const distinct = [...new Set(numbers)].sort((a, b) => a - b)
  const few = options.list === true || distinct.length <= 4
  const named = few ? distinct : [low, high, ...roundValues(low, high, scale)]
  const ticks = spread(named.map((value) => ({ place: place(value), label: labelOf(value as Value) })))
  return { name, scale, few, place, ticks }
}

function categories(name: string, values: readonly unknown[]): Axis {
  const labels = [...new Set(values.map((value) => labelOf((value ?? null) as Value)))].sort()
  const at = (label: string) => (labels.length === 1 ? 0.5 : labels.indexOf(label) / (labels.length - 1))
  return {
    name,
    scale: 'category',
    few: true,
    place: (value) => at(labelOf((value ?? null) as Value)),
    ticks: labels.slice(0, 4 * MOST_TICKS).map((label) => ({ place: at(label), label })),
  }
}

/** Leaves out what would be written over another one before it. */
function spread(ticks: { place: number; label: string }[]): { place: number; label: string }[] {
  const kept: { place: number; label: string }[] = []
  for (const tick of ticks)
    if (kept.every(({ place }) => Math.abs(place - tick.place) > 1 / (3 * MOST_TICKS))) kept.push(tick)
  return kept
}
