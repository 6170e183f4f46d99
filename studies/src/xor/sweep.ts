import { TrainyardError } from '@trainyard/core'
import type { Report } from '../report/index.ts'
import { type StudySweepOptions, type StudySweepResult, sweepStudy } from '../sweep/study.ts'
import type { SweepOutcome, TrialResult } from '../sweep/trials.ts'
import { terminalTable } from '../terminal/table.ts'
import type { XorRow } from './result.ts'
import { TEST_SIZE } from './study.ts'
import { resultTable } from './tables.ts'

/**
 * A sweep over the study of noisy XOR, such as `studies/xor/sweep.yaml`: with the same settings it gives the study's table.
 *
 * @example
 * ```ts no-run
 * await xorSweep({ file: 'sweep.yaml', agents: 2 })
 * ```
 */
export function xorSweep(options: StudySweepOptions): Promise<StudySweepResult> {
  const add = (outcome: SweepOutcome) => {
    const table = resultTable(xorRows(outcome.trials), TEST_SIZE)
    return {
      print: [terminalTable(table)],
      before: (report: Report) => void report.section('The grid').table(table),
    }
  }
  return sweepStudy({ study: 'xor', further: ['accuracyMean', 'solved', 'parameters'], add }, options)
}

const NUMBERS = ['depth', 'width', 'parameters', 'repeats', 'accuracyMean', 'lossMean', 'solved'] as const

/** The rows of the study's table, one a finished trial, in the order of depth and width. */
export function xorRows(trials: readonly TrialResult[]): XorRow[] {
  const rows = trials
    .filter(({ state }) => state === 'finished')
    .map(({ trial, metrics }) => {
      const missing = NUMBERS.filter((name) => metrics[name] === undefined)
      if (missing.length > 0)
        throw new TrainyardError(`trial ${trial} did not log ${missing.join(', ')}: is its program the study of XOR?`)
      const { accuracyStd = null, lossStd = null } = metrics as { accuracyStd?: number; lossStd?: number }
      const [depth, width, parameters, repeats, accuracyMean, lossMean, solved] = NUMBERS.map((name) => metrics[name])
      return { depth, width, parameters, repeats, accuracyMean, accuracyStd, lossMean, lossStd, solved }
    })
  return rows.sort((a, b) => a.depth - b.depth || a.width - b.width)
}
