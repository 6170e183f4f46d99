import { f32x4, i32, type Local, type ModuleBuilder, type V128, v128 } from '../assembler/index.ts'
import { floatsOf, type Statistic, statisticFloats } from './columnStatistics.ts'
import { defineKernel, type Kernel } from './kernel.ts'
import { storeColumns } from './storeColumns.ts'

/** Columns that a unit of combining does. */
const unitColumns = 8

/**
 * Emits what puts partial rows together, one after the other: pointers `partials`, then for each statistic where its results
 * go: the sums, and for moments the sums of the squared distances from the mean as well.
 */
export function emitCombineStatistics(
  m: ModuleBuilder,
  {
    rows,
    columns,
    statistics,
  }: { readonly rows: number; readonly columns: number; readonly statistics: readonly Statistic[] },
): Kernel {
  const targets = statistics.flatMap((statistic, s) =>
    statistic === 'sum' ? [`sum ${s}`] : [`sum ${s}`, `squared distances ${s}`],
  )
  const floats = statisticFloats(statistics)
  const rowBytes = 4 * floats * columns
  const shape = {
    name: `combine ${statistics.join(' and ')} [${rows}, ${columns}]`,
    pointers: ['partials', ...targets] as readonly string[],
    units: Math.ceil(columns / unitColumns),
    flops: 2 * rows * columns * floats,
    bytes: rows * rowBytes,
  }
  return defineKernel(m, shape, (f, unit, pointers) => {
    const start = f.let(i32.mul(unit, 4 * unitColumns))
    const combine = (valid: number): void => {
      const vectors = Array.from({ length: Math.ceil(valid / 4) }, (_, v) => v)
      const first = f.let(i32.add(pointers.partials!, start))
      /** Runs over the partial rows with the vectors of some floats. */
      const forEachRow = (at: number, parts: number, body: (row: Local<'v128'>[][]) => void): void => {
        const row = f.let(first)
        f.for(f.local('i32'), 0, rows, 1, () => {
          body(
            Array.from({ length: parts }, (_, part) =>
              vectors.map((v) => f.let(v128.load(row, { offset: 4 * (at + part) * columns + 16 * v, align: 4 }))),
            ),
          )
          f.increment(row, rowBytes)
        })
      }
      const zeros = (): Local<'v128'>[] =>
        vectors.map(() => {
          const local = f.local('v128')
          f.set(local, f.constant(v128.zero()))
          return local
        })
      const store = (name: string, values: readonly V128[]): void =>
        storeColumns(f, f.let(i32.add(pointers[name]!, start)), values, valid)
      let at = 0
      statistics.forEach((statistic, s) => {
        const sums = zeros()
        if (statistic === 'sum') {
          forEachRow(at, 1, ([values]) => {
            for (const v of vectors) f.set(sums[v]!, f32x4.add(sums[v]!, values![v]!))
          })
        } else {
          const counts = zeros()
          forEachRow(at, 2, ([count, mean]) => {
            for (const v of vectors) {
              f.set(counts[v]!, f32x4.add(counts[v]!, count![v]!))
              f.set(sums[v]!, f.madd(count![v]!, mean![v]!, sums[v]!))
            }
          })
          const means = vectors.map((v) => f.let(f32x4.div(sums[v]!, counts[v]!)))
          const squares = zeros()
          forEachRow(at, 3, ([count, mean, own]) => {
            for (const v of vectors) {
              const step = f.let(f32x4.sub(mean![v]!, means[v]!))
              f.set(squares[v]!, f.madd(f32x4.mul(count![v]!, step), step, f32x4.add(squares[v]!, own![v]!)))
            }
          })
          store(`squared distances ${s}`, squares)
        }
        store(`sum ${s}`, sums)
        at += floatsOf[statistic]
      })
    }
    const rest = columns % unitColumns
    if (rest === 0) combine(unitColumns)
    else
      f.if(
        i32.eq(unit, Math.floor(columns / unitColumns)),
        () => combine(rest),
        () => combine(unitColumns),
      )
  })
}
