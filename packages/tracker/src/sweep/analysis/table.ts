import { type Scale, type Value, valueKey } from '../distributions/distribution.ts'
import { quantile } from './statistics.ts'

/** A trial (or any run): what it was given, and what came out. */
export interface TrialRow {
  readonly id: string
  /** Its configuration; nested maps are flattened to names with dots. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** The value of the metric; one that is not a finite number leaves the trial out, and it is counted. */
  readonly value?: number | null
}

/** What is known about a parameter beside its values. */
export interface KnownParameter {
  readonly scale?: Scale
  /** Whether it takes values from a list rather than from a range. */
  readonly list?: boolean
  readonly min?: number
  readonly max?: number
}

/** Which metric, which way is better, and which parameters. */
export interface TableOptions {
  readonly metric: string
  readonly goal: 'minimize' | 'maximize'
  /** What the sweep says about its parameters, by their names; what is left out is read off the values. */
  readonly known?: Readonly<Record<string, KnownParameter>>
  /** Look at these parameters only; all that differ between trials, if left out. */
  readonly parameters?: readonly string[]
}

/** One stretch of a parameter's axis, or one of its values. */
export interface Cell {
  /** The value itself, or the middle of the stretch. */
  readonly value: Value
  /** The value as text. */
  readonly label: string
}

/** A parameter, cut into the cells that the forest splits between. */
export interface Column {
  readonly name: string
  /** The keys that lead to it in the configuration. */
  readonly path: readonly string[]
  readonly scale: 'linear' | 'log' | 'category'
  /** Whether all values are whole numbers. */
  readonly whole: boolean
  readonly cells: readonly Cell[]
  /** The value of each trial. */
  readonly values: readonly Value[]
  /** The cell of each trial. */
  readonly cellOf: Uint8Array
  /** Whether its values come from a list; otherwise they are numbers of a range. */
  readonly list: boolean
  /** The bounds of a number's axis. */
  readonly bounds?: readonly [number, number]
}

/** Trials as columns, ready to be analysed. */
export interface Table {
  readonly metric: string
  readonly goal: 'minimize' | 'maximize'
  readonly ids: readonly string[]
  readonly columns: readonly Column[]
  /** The metric of each trial, as it was logged. */
  readonly values: Float64Array
  /** How many trials had no finite value and were left out. */
  readonly leftOut: number
}

const MOST_DISTINCT = 12
const STRETCHES = 32
const LOG_RATIO = 30
const MOST_CATEGORIES = 200

type Flat = Map<string, { readonly path: readonly string[]; readonly value: Value }>

function flatten(
  source: Readonly<Record<string, unknown>>,
  above: readonly string[] = [],
  into: Flat = new Map(),
): Flat {
  for (const [key, value] of Object.entries(source)) {
    const path = [...above, key]
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      flatten(value as Record<string, unknown>, path, into)
    else if (value !== undefined) into.set(path.join('.'), { path, value: value as Value })
  }
  return into
}

/**
 * Puts trials into columns. Parameters that are the same in all trials tell nothing and are left out; one that some trials
 * lack counts as a category there.
 *
 * @example const table = analysisTable(rows, { metric: 'val/loss', goal: 'minimize' })
 */
export function analysisTable(rows: readonly TrialRow[], options: TableOptions): Table {
  const kept = rows.filter(({ value }) => typeof value === 'number' && Number.isFinite(value))
  const flat = kept.map(({ parameters }) => flatten(parameters))
  const names = options.parameters ?? [...new Set(flat.flatMap((row) => [...row.keys()]))].sort()
  return {
    metric: options.metric,
    goal: options.goal,
    ids: kept.map(({ id }) => id),
    columns: names.flatMap((name) => {
      const values = flat.map((row) => row.get(name)?.value ?? null)
      if (new Set(values.map(valueKey)).size < 2) return []
      const path = flat.find((row) => row.has(name))?.get(name)?.path ?? [name]
      const column = columnOf(name, values, options.known?.[name])
      return column ? [{ ...column, path }] : []
    }),
    values: Float64Array.from(kept, ({ value }) => value as number),
    leftOut: rows.length - kept.length,
  }
}

/** `undefined` for texts that hardly ever repeat, such as names and paths: nothing can be learned from those. */
function columnOf(name: string, values: Value[], known: KnownParameter = {}): Omit<Column, 'path'> | undefined {
  const numeric =
    known.scale !== 'category' && values.every((value) => typeof value === 'number' && Number.isFinite(value))
  if (!numeric) {
    const distinct = [...new Map(values.map((value) => [valueKey(value), value])).entries()].sort(([a], [b]) =>
      a < b ? -1 : 1,
    )
    const rarelyRepeats = distinct.length > 8 && distinct.length > values.length / 2
    if (rarelyRepeats || distinct.length > MOST_CATEGORIES) return undefined
    const index = new Map(distinct.map(([key], position) => [key, position]))
    return {
      name,
      scale: 'category',
      whole: false,
      list: true,
      cells: distinct.map(([, value]) => ({ value, label: labelOf(value) })),
      values,
      cellOf: Uint8Array.from(values, (value) => index.get(valueKey(value)) as number),
    }
  }
  const numbers = values as number[]
  const distinct = [...new Set(numbers)].sort((a, b) => a - b)
  const low = Math.min(distinct[0], known.min ?? Number.POSITIVE_INFINITY)
  const high = Math.max(distinct[distinct.length - 1], known.max ?? Number.NEGATIVE_INFINITY)
  const scale =
    known.scale === 'linear' || (known.scale === 'log' && low > 0) ? known.scale : inferredScale(numbers, low, high)
  const whole = distinct.every(Number.isInteger)
  const repeats = distinct.length <= numbers.length / 2 || (whole && distinct.length < numbers.length)
  const list = distinct.length <= MOST_DISTINCT && (known.list ?? repeats)
  const shared = { name, scale, whole, list, values, bounds: [low, high] as const }
  if (list) {
    const index = new Map(distinct.map((value, position) => [value, position]))
    return {
      ...shared,
      cells: distinct.map((value) => ({ value, label: labelOf(value) })),
      cellOf: Uint8Array.from(numbers, (value) => index.get(value) as number),
    }
  }
  const forth = scale === 'log' ? Math.log : (x: number) => x
  const back = scale === 'log' ? Math.exp : (x: number) => x
  const width = (forth(high) - forth(low)) / STRETCHES
  const middles = Array.from({ length: STRETCHES }, (_, index) => back(forth(low) + (index + 0.5) * width))
  return {
    ...shared,
    cells: middles.map((value) => ({ value, label: labelOf(value) })),
    cellOf: Uint8Array.from(numbers, (value) =>
      Math.min(Math.floor((forth(value) - forth(low)) / width), STRETCHES - 1),
    ),
  }
}

/** Logarithmic where numbers span a wide range and their middle one lies nearer to the middle of a logarithmic axis. */
function inferredScale(numbers: readonly number[], low: number, high: number): 'linear' | 'log' {
  if (low <= 0 || high / low < LOG_RATIO) return 'linear'
  const median = quantile(numbers, 0.5)
  const linear = Math.abs((median - low) / (high - low) - 0.5)
  const log = Math.abs(Math.log(median / low) / Math.log(high / low) - 0.5)
  return log < linear ? 'log' : 'linear'
}

/** A value for people: numbers with three digits, text as it is, everything else as JSON. */
export function labelOf(value: Value): string {
  if (typeof value === 'number') return Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(3))}`
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Each trial's value as something to minimise. */
export function tableLosses(table: Table): Float64Array {
  return table.goal === 'maximize' ? table.values.map((value) => -value) : table.values
}
