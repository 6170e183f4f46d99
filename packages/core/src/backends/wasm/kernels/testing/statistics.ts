import { f32x4 } from '../../assembler/index.ts'
import { type Statistic, statisticFloats } from '../columnStatistics.ts'
import type { Epilogue, StoreSite } from '../epilogue.ts'
import { assertClose, type KernelBench } from './kernelBench.ts'

/** Both kinds of statistics: the sum of the squares of what is stored, and its moments. */
export const gatheredStatistics: readonly Statistic[] = ['sum', 'moments']
export const gatheredFloats = statisticFloats(gatheredStatistics)

/** Where `emitCombineStatistics` puts the results of `gatheredStatistics`. */
export const combinedNames = { 'sum 0': 'squares', 'sum 1': 'totals', 'squared distances 1': 'distances' }

/** The epilogue, which gathers statistics of what it stores as well. */
export function gathering<Site extends StoreSite>(epilogue: Epilogue<Site>): Epilogue<Site> {
  return {
    ...epilogue,
    statistics: gatheredStatistics,
    emit(f, values, site) {
      const stored = epilogue.emit(f, values, site).stored.map((value) => f.let(value))
      return { stored, gathered: [stored.map((value) => f32x4.mul(value, value)), stored] }
    },
  }
}

/** An epilogue that changes nothing. */
export const noEpilogue: Epilogue = { pointers: [], emit: (_, values) => ({ stored: values }) }

/** Buffers for the partial rows and what they are combined to. */
export function statisticBuffers(bench: KernelBench, partialRows: number, columns: number): void {
  bench.buffer('statistics', partialRows * gatheredFloats * columns).fill(9)
  for (const name of Object.values(combinedNames)) bench.buffer(name, columns)
}

/** Combines the partial rows and compares with the statistics of dense values, computed in float64. */
export function checkStatistics(bench: KernelBench, combine: number, values: ArrayLike<number>, columns: number): void {
  bench.run(combine, 2, { partials: 'statistics', ...combinedNames })
  bench.checkGuards()
  const column = (c: number): number[] =>
    Array.from({ length: values.length / columns }, (_, r) => values[r * columns + c]!)
  const total = (terms: readonly number[]): number => terms.reduce((sum, term) => sum + term, 0)
  const columnsOf = <T>(make: (terms: number[]) => T): T[] => Array.from({ length: columns }, (_, c) => make(column(c)))
  const squares = columnsOf((terms) => total(terms.map((x) => x * x)))
  const totals = columnsOf(total)
  const distances = columnsOf((terms) => {
    const mean = total(terms) / terms.length
    return total(terms.map((x) => (x - mean) ** 2))
  })
  assertClose(bench.view('squares'), squares, squares)
  assertClose(
    bench.view('totals'),
    totals,
    columnsOf((terms) => total(terms.map(Math.abs))),
  )
  // The mean of a tile is rounded by ε · |mean|, which is added up times the distances of the tiles' means: by Cauchy and
  // Schwarz at most ε · √(Σx² · Σ(x − mean)²). ε = 2⁻²⁴ is 0.03 of assertClose's tolerance, and two means are rounded.
  const scale = distances.map((d, c) => d + 0.06 * Math.sqrt(d * squares[c]!))
  assertClose(bench.view('distances'), distances, scale)
}
