import type { Value } from '../distributions/distribution.ts'
import { decompose } from './decomposition.ts'
import type { Forest } from './forest.ts'
import { mean, quantile } from './statistics.ts'
import type { Column } from './table.ts'

/** The metric to be expected at one place of a parameter's axis, averaged over all other parameters. */
export interface EffectPoint {
  readonly value: Value
  readonly label: string
  /** The metric as it is logged. */
  readonly mean: number
  /** The middle 90 % of the resamples. */
  readonly low: number
  readonly high: number
  /** How many trials lie here. */
  readonly trials: number
}

/** How the metric goes along one parameter. */
export interface Effect {
  readonly name: string
  readonly scale: Column['scale']
  readonly points: readonly EffectPoint[]
  /** How many trials it rests on. */
  readonly trials: number
}

function columnIndex({ table }: Forest, name: string): number {
  const index = table.columns.findIndex((column) => column.name === name)
  if (index !== -1) return index
  const known = table.columns.map((column) => column.name).join(', ')
  throw new RangeError(`no parameter "${name}" differs between these trials; there are: ${known || 'none'}`)
}

/**
 * The marginal effect of a parameter: the metric along its axis, averaged over all other parameters, with a band of
 * uncertainty.
 *
 * @throws RangeError where no parameter of that name differs between the trials.
 * @example marginalEffect(forest, 'lr').points // [{ value: 0.001, label: '0.001', mean: 0.4, low: 0.35, high: 0.47, trials: 3 }, …]
 */
export function marginalEffect(forest: Forest, name: string): Effect {
  const { table, trees, sizes, order } = forest
  const index = columnIndex(forest, name)
  const { scale, cells, cellOf } = table.columns[index]
  const sign = table.goal === 'maximize' ? -1 : 1
  const byResample = trees.map((resample) => {
    const marginals = resample.map((leaves) => decompose(leaves, sizes).marginal(index))
    return Float64Array.from(order[index], (place) => sign * mean(marginals.map((marginal) => marginal[place])))
  })
  const counts = new Uint32Array(cells.length)
  for (const cell of cellOf) counts[cell]++
  const points = cells.map(({ value, label }, cell): EffectPoint => {
    const samples = byResample.map((resample) => resample[cell])
    return {
      value,
      label,
      mean: mean(samples),
      low: quantile(samples, 0.05),
      high: quantile(samples, 0.95),
      trials: counts[cell],
    }
  })
  return { name, scale, points, trials: table.values.length }
}

/** The metric over two parameters, for a contour plot. */
export interface Contour {
  readonly x: { readonly name: string; readonly scale: Column['scale']; readonly values: readonly Value[] }
  readonly y: { readonly name: string; readonly scale: Column['scale']; readonly values: readonly Value[] }
  /** The metric to be expected, `means[yIndex][xIndex]`, averaged over all other parameters. */
  readonly means: readonly (readonly number[])[]
  /** Half the width of the middle 90 % of the resamples, in the same order. */
  readonly uncertainties: readonly (readonly number[])[]
  /** The trials themselves. */
  readonly trials: readonly { readonly id: string; readonly x: Value; readonly y: Value; readonly value: number }[]
}

/**
 * The metric over two parameters together, averaged over all others.
 *
 * @throws RangeError where a parameter does not differ between the trials.
 */
export function contour(forest: Forest, xName: string, yName: string): Contour {
  const { table, trees, sizes, order } = forest
  const x = columnIndex(forest, xName)
  const y = columnIndex(forest, yName)
  const sign = table.goal === 'maximize' ? -1 : 1
  const byResample = trees.map((resample) => {
    const pairs = resample.map((leaves) => decompose(leaves, sizes).pairMarginal(y, x))
    return pairs[0].map((_, cell) => sign * mean(pairs.map((pair) => pair[cell])))
  })
  const over = (read: (samples: number[]) => number) =>
    Array.from(order[y], (row) =>
      Array.from(order[x], (column) => read(byResample.map((resample) => resample[row * sizes[x] + column]))),
    )
  const axis = (column: number) => {
    const { name, scale, cells } = table.columns[column]
    return { name, scale, values: cells.map(({ value }) => value) }
  }
  return {
    x: axis(x),
    y: axis(y),
    means: over(mean),
    uncertainties: over((samples) => (quantile(samples, 0.95) - quantile(samples, 0.05)) / 2),
    trials: table.ids.map((id, trial) => ({
      id,
      x: table.columns[x].values[trial],
      y: table.columns[y].values[trial],
      value: table.values[trial],
    })),
  }
}
