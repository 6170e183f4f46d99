import { Table as TrackedTable } from '@trainyard/tracker'
import { count, duration } from '../report/index.ts'
import { runStudy, type StudyOptions } from '../study/session.ts'
import { terminalTable } from '../terminal/table.ts'
import type { Point } from './figures.ts'
import { DEPTHS, trainGrid, WIDTHS, type XorSetting, xorSets } from './grid.ts'
import { xorReport } from './report.ts'
import { rowOf, type XorResult } from './result.ts'
import { comparisonTable, resultTable, settingsTable } from './tables.ts'

/** Which networks are trained, how often, and with which settings: every combination. */
export interface XorOptions extends StudyOptions {
  /** Networks of each shape. Default 10. */
  readonly repeats?: number
  /** Numbers of hidden layers to try. Default 0 to 3. */
  readonly depths?: readonly number[]
  /** Numbers of units a layer to try. Default 1 to 3. */
  readonly widths?: readonly number[]
  /** Learning rates to try. Default 0.1. */
  readonly learningRates?: readonly number[]
  /** Batch sizes to try. Default 128. */
  readonly batchSizes?: readonly number[]
  /** Numbers of epochs to try. Default 200. */
  readonly epochs?: readonly number[]
}

const POINTS_SHOWN = 200

/** Points that networks are measured on. */
export const TEST_SIZE = 500

/**
 * The study "deep versus wide": depth 0–3 × width 1–3 on noisy XOR, each shape trained several times, with every combination
 * of the training settings given.
 *
 * @returns Mean and deviation of accuracy and loss for each shape. The report lies in `options.out`.
 * @example
 * ```ts no-run
 * const { rows } = await xorStudy({ seed: 1, repeats: 10, out: 'reports/xor' })
 * ```
 */
export function xorStudy(options: XorOptions = {}): Promise<XorResult> {
  const {
    repeats = 10,
    depths = DEPTHS,
    widths = WIDTHS,
    learningRates = [0.1],
    batchSizes = [128],
    epochs = [200],
  } = options
  return runStudy('xor', options, async (session) => {
    const trainings = learningRates.flatMap((learningRate) =>
      batchSizes.flatMap((batchSize) => epochs.map((e) => ({ learningRate, batchSize, epochs: e }))),
    )
    const setting: XorSetting = {
      seed: session.seed,
      repeats,
      depths,
      widths,
      training: trainings[0],
      deviation: 0.1,
      trainSize: 1000,
      testSize: TEST_SIZE,
    }
    const config = { ...setting, trainings }
    return session.track({ name: `xor ${repeats} repeats`, config }, async (run) => {
      const sets = await xorSets(setting)
      const total = trainings.length * depths.length * widths.length * repeats
      const bar = session.bar('networks', total)
      let done = 0
      const grids = []
      for (const training of trainings) {
        const cells = await trainGrid(
          { ...setting, training },
          sets,
          ({ depth, width, parameters }, repeat, outcome) => {
            const { accuracy, loss } = outcome
            bar.update(++done, `depth ${depth}, width ${width}: accuracy ${accuracy.toFixed(3)}`)
            run.log({ depth, width, parameters, repeat, ...training, 'test/accuracy': accuracy, 'test/loss': loss })
          },
        )
        const rows = cells.map((cell) => rowOf(cell, trainings.length > 1 ? training : undefined))
        grids.push({ training, cells, rows })
      }
      bar.close()

      const rows = grids.flatMap((grid) => grid.rows)
      const columns = Object.keys(rows[0])
      run.log({
        results: new TrackedTable(
          columns,
          rows.map((row) => columns.map((key) => row[key as keyof typeof row])),
        ),
      })
      // One shape alone is a trial of a sweep, or might be: its numbers stand in the run's summary.
      if (rows.length === 1) run.log({ ...rows[0] })
      const first = grids[0].rows
      session.print(`\n${terminalTable(resultTable(first, setting.testSize))}\n`)
      session.print(`${terminalTable(comparisonTable(first))}\n`)
      if (grids.length > 1) session.print(`${terminalTable(settingsTable(grids))}\n`)
      session.print(`${count(total)} networks in ${duration(session.seconds)}`)

      const points = await shownPoints(sets.train)
      await session.report(xorReport({ setting, grids, points, seconds: session.seconds }))
      return { study: 'xor', seed: session.seed, rows, seconds: session.seconds }
    })
  })
}

async function shownPoints({ points, labels }: Awaited<ReturnType<typeof xorSets>>['train']): Promise<Point[]> {
  const [xy, classes] = await Promise.all([points.data(), labels.data()])
  return Array.from({ length: Math.min(POINTS_SHOWN, classes.length) }, (_, i) => ({
    x: xy[2 * i],
    y: xy[2 * i + 1],
    label: classes[i],
  }))
}
