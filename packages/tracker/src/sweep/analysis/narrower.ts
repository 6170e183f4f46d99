import type { ParameterConfiguration } from '../configuration/types.ts'
import { type Correlation, clearCorrelations } from './correlations.ts'
import { type Effect, marginalEffect } from './effects.ts'
import type { Forest } from './forest.ts'
import type { ImportanceReport } from './importance.ts'
import { type Column, labelOf, tableLosses } from './table.ts'

/** What a following sweep would do with one parameter, and why. */
export interface NarrowerParameter {
  readonly name: string
  /** As `parameters` of a sweep has it. */
  readonly configuration: ParameterConfiguration
  /** Whether it differs from what these trials covered. */
  readonly changed: boolean
  readonly reason: string
}

/** What a following sweep would look at. */
export interface NarrowerSweep {
  /** The `parameters` of the next sweep, nested as the trials' were. */
  readonly parameters: Readonly<Record<string, ParameterConfiguration>>
  readonly notes: readonly NarrowerParameter[]
  /** How many trials it rests on. */
  readonly trials: number
}

const FEWEST_TRIALS = 10
const BEST_SHARE = 0.15
const MOST_BEST = 8
/** A range that leaves less than this out is not worth a change. */
const WORTHWHILE = 0.15

/**
 * Proposes the space of a following sweep: for each parameter that matters beyond chance, what cannot be told from the best
 * of its axis, together with where the best trials lie; of a category also without the values that clearly go with worse
 * trials, which a forest of few trials does not dare to say; wider where the best is at an end. Parameters without a visible
 * influence keep their range, since nothing speaks for any part of it.
 */
export function suggestNarrower(
  forest: Forest,
  report: ImportanceReport,
  correlated: readonly Correlation[],
): NarrowerSweep {
  const { table } = forest
  const clear = clearCorrelations(correlated)
  const trials = table.values.length
  const best = bestTrials(forest)
  const notes = table.columns.map((column): NarrowerParameter => {
    const { name } = column
    const found = report.parameters.find(({ names }) => names[0] === name)
    if (trials < FEWEST_TRIALS) return kept(column, `${trials} trials are too few to leave anything out`)
    const worse = clear.filter(
      (one) => one.name === name && one.value !== undefined && one.correlation > 0 === (table.goal === 'minimize'),
    )
    if (!found?.real && worse.length === 0)
      return kept(column, `no influence that ${trials} trials would tell from chance`)
    const effect = marginalEffect(forest, name)
    return column.list
      ? narrowerValues(column, effect, best, table.goal, new Set(worse.map(({ value }) => value)))
      : narrowerRange(column, effect, best, table.goal)
  })
  const parameters: Record<string, ParameterConfiguration> = {}
  notes.forEach(({ configuration }, index) => {
    nest(parameters, table.columns[index].path, configuration)
  })
  return { parameters, notes, trials }
}

function bestTrials({ table }: Forest): number[] {
  const losses = tableLosses(table)
  const order = Array.from(losses, (_, trial) => trial).sort((a, b) => losses[a] - losses[b])
  return order.slice(0, Math.min(Math.max(Math.ceil(BEST_SHARE * order.length), 3), MOST_BEST))
}

function rangeOf(column: Column, min: number, max: number): ParameterConfiguration {
  const { scale, whole } = column
  if (whole && scale === 'log') return { distribution: 'q_log_uniform_values', min, max, q: 1 }
  return { distribution: scale === 'log' ? 'log_uniform_values' : whole ? 'int_uniform' : 'uniform', min, max }
}

function kept(column: Column, reason: string): NarrowerParameter {
  const [low, high] = column.bounds ?? [0, 0]
  const min = outward(low, 'floor', column.whole, 3)
  const max = outward(high, 'ceil', column.whole, 3)
  const configuration = column.list ? { values: column.cells.map(({ value }) => value) } : rangeOf(column, min, max)
  return { name: column.name, configuration, changed: false, reason }
}

/** The places along the axis as losses: `high` is the pessimist's. */
function lossesOf(effect: Effect, goal: 'minimize' | 'maximize') {
  return effect.points.map(({ mean, low, high }) =>
    goal === 'maximize' ? { mean: -mean, low: -high, high: -low } : { mean, low, high },
  )
}

/** The place with the least loss, and which places cannot be told from it. */
function comparable(effect: Effect, goal: 'minimize' | 'maximize') {
  const losses = lossesOf(effect, goal)
  const bestIndex = losses.reduce((best, { mean }, index) => (mean < losses[best].mean ? index : best), 0)
  return { bestIndex, alike: losses.map(({ low }) => low <= losses[bestIndex].high) }
}

function narrowerValues(
  column: Column,
  effect: Effect,
  best: number[],
  goal: 'minimize' | 'maximize',
  worse: ReadonlySet<string | undefined>,
): NarrowerParameter {
  const { bestIndex, alike } = comparable(effect, goal)
  const amongBest = new Set(best.map((trial) => column.cellOf[trial]))
  const keeps = column.cells.filter(({ label }, index) => (alike[index] && !worse.has(label)) || amongBest.has(index))
  if (keeps.length === column.cells.length)
    return kept(column, 'the intervals of its values overlap, or the best trials have them all')
  const left = column.cells.filter((cell) => !keeps.includes(cell)).map(({ label }) => label)
  return {
    name: column.name,
    configuration: keeps.length === 1 ? { value: keeps[0].value } : { values: keeps.map(({ value }) => value) },
    changed: true,
    reason: `${left.join(', ')} ${left.length === 1 ? 'is' : 'are'} clearly worse than ${column.cells[bestIndex].label}`,
  }
}

function narrowerRange(
  column: Column,
  effect: Effect,
  best: number[],
  goal: 'minimize' | 'maximize',
): NarrowerParameter {
  const { bestIndex, alike } = comparable(effect, goal)
  const count = alike.length
  let from = bestIndex
  let to = bestIndex
  while (from > 0 && alike[from - 1]) from--
  while (to < count - 1 && alike[to + 1]) to++
  for (const trial of best) {
    from = Math.min(from, column.cellOf[trial])
    to = Math.max(to, column.cellOf[trial])
  }
  const [low, high] = column.bounds as readonly [number, number]
  const forth = column.scale === 'log' ? Math.log : (x: number) => x
  const back = column.scale === 'log' ? Math.exp : (x: number) => x
  const at = (place: number) => back(forth(low) + (place / count) * (forth(high) - forth(low)))
  const narrow = to - from + 1 <= (1 - WORTHWHILE) * count

  // Where the best is at an end and the other end is clearly worse, the optimum may lie beyond.
  const beyond = count / 4
  const below = bestIndex < count / 16 && from === 0 && !alike[count - 1]
  const above = bestIndex >= count - count / 16 && to === count - 1 && !alike[0]
  if (!narrow && !below && !above) return kept(column, 'no part of its range is clearly worse')
  const digits = (place: number) => (place === 0 || place === count ? 3 : 2)
  const end = (place: number, direction: 'floor' | 'ceil') => outward(at(place), direction, column.whole, digits(place))
  const min = end(below ? -beyond : from, 'floor')
  const max = end(above ? count + beyond : to + 1, 'ceil')
  const side = below ? 'lower' : 'upper'
  return {
    name: column.name,
    configuration: rangeOf(column, min, max),
    changed: true,
    reason:
      below || above
        ? `the best is at the ${side} end of ${labelOf(low)} to ${labelOf(high)}, so it may lie beyond`
        : `outside of ${labelOf(min)} to ${labelOf(max)} it is clearly worse`,
  }
}

/** Rounded to few significant digits, away from the middle; whole numbers to whole numbers, and not below 1 from above it. */
function outward(x: number, direction: 'floor' | 'ceil', whole: boolean, digits: number): number {
  if (whole) return x >= 0.5 ? Math.max(Math[direction](x), 1) : Math[direction](x)
  if (x === 0) return 0
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(x))) - digits + 1)
  const slack = direction === 'floor' ? 1e-9 : -1e-9
  return Number((Math[direction](x / unit + slack) * unit).toPrecision(digits))
}

function nest(
  into: Record<string, ParameterConfiguration>,
  path: readonly string[],
  configuration: ParameterConfiguration,
): void {
  const [name, ...rest] = path
  if (rest.length === 0) {
    into[name] = configuration
    return
  }
  const inner = { ...into[name]?.parameters }
  nest(inner, rest, configuration)
  into[name] = { parameters: inner }
}
