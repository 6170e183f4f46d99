import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TrainyardError } from '@trainyard/core'
import { type CommandLineCheck, interruption, type RanSweep, runSweepFile } from '@trainyard/tracker/commands'
import { DataError } from '@trainyard/vision'
import { prepareFolder, type Report, writeReport } from '../report/index.ts'
import { Interrupted } from '../study/session.ts'
import { terminalTable } from '../terminal/table.ts'
import { nextSweep, sweepReport } from './report.ts'
import { trialsTable } from './tables.ts'
import { outcomeOf, type SweepOutcome, type TrialResult } from './trials.ts'

/** Which sweep, how many trials at once, and where the report goes. */
export interface StudySweepOptions {
  /** The sweep file. Not needed to go on with one. */
  readonly file?: string
  /** The folder of the report. Default `reports/STUDY-sweep`. */
  readonly out?: string
  /** Go on with the sweep that was begun in the folder of the report. */
  readonly resume?: boolean
  /** Trials at once on this machine. Default 1. */
  readonly agents?: number
  /** Further words for the command of every trial: `['--data', 'films/']`. */
  readonly words?: readonly string[]
  /** Folder of the tracker's built page, to look on meanwhile. */
  readonly page?: string | null
  /** Says whether a command that begins with `trainyard` can be understood. Default: none is looked at. */
  readonly commandLine?: CommandLineCheck
  /** Where tables and texts for the terminal go. Default: nowhere. */
  readonly print?: (text: string) => void
}

/** What `study … --sweep FILE --json` prints. */
export interface StudySweepResult {
  readonly study: string
  readonly sweep: string
  readonly metric: string
  readonly goal: 'minimize' | 'maximize'
  readonly best: TrialResult | null
  readonly trials: readonly TrialResult[]
  readonly analysis: SweepOutcome['analysis']
  readonly seconds: number
}

/** What a study adds to its sweeps. */
export interface SweptStudy {
  readonly study: string
  /** Names of further metrics worth a column. */
  readonly further: readonly string[]
  /** Prints what the study has to say of the trials, and puts it into the report. */
  readonly add?: (outcome: SweepOutcome) => { print: readonly string[]; before: (report: Report) => void }
}

/**
 * Runs a sweep over a study: its trials as processes of their own, then the report of what they teach.
 *
 * @throws `SweepConfigurationError` for a file with faults, `TrainyardError` where no trial came to anything, `Interrupted`
 * where somebody stopped it; it is continued by `resume`.
 */
export async function sweepStudy(swept: SweptStudy, options: StudySweepOptions): Promise<StudySweepResult> {
  const { study, further, add } = swept
  const { file, agents, words, page, commandLine, print = () => {} } = options
  const started = performance.now()
  const folder = options.out ?? `reports/${study}-sweep`
  const resume = options.resume ? await rememberedIn(folder) : undefined
  const takeBack = await prepareFolder(folder)
  const { signal, release } = interruption()
  try {
    const say = (line: string) => process.stderr.write(`${line}\n`)
    const ran = await runSweepFile({
      ...(resume === undefined ? { file, words } : { resume }),
      agents,
      page,
      commandLine,
      signal,
      out: process.stderr,
      say,
      onCreated: (id) => writeFile(join(folder, 'sweep.json'), `${JSON.stringify({ sweep: id })}\n`),
    })
    if (signal.aborted)
      throw new Interrupted(
        `the sweep was interrupted with ${ran.trials.filter(({ ended }) => ended !== null).length} trials done; go on with: trainyard study ${study} --sweep ${file} --resume${options.out ? ` --out ${folder}` : ''}`,
      )
    const outcome = outcomeOf(ran, metricOf(ran, file))
    refuseNothing(outcome, ran)
    const added = add?.(outcome)
    for (const text of added?.print ?? []) print(`\n${text}`)
    print(`\n${terminalTable(trialsTable(outcome, further))}\n`)
    for (const sentence of outcome.analysis.conclusions) print(`- ${sentence}`)
    const seconds = (performance.now() - started) / 1000
    const next = join(folder, 'next-sweep.yaml')
    await writeFile(next, nextSweep(outcome))
    const nextCommand = `trainyard study ${study} --sweep ${next}`
    const report = await writeReport(
      sweepReport({ outcome, further, seconds, nextCommand, ...(added ? { before: added.before } : {}) }),
      folder,
    )
    print(`\nreport: ${report}`)
    const { id, metric, goal, best, trials, analysis } = outcome
    return { study, sweep: id, metric, goal, best, trials, analysis, seconds }
  } catch (error) {
    await takeBack()
    throw error
  } finally {
    release()
  }
}

function metricOf({ detail }: RanSweep, file = 'the sweep'): NonNullable<RanSweep['detail']['metric']> {
  if (!detail.metric)
    throw new TrainyardError(`${file}: has no "metric", so nothing says which trial is better; add its name and goal`)
  return detail.metric
}

/** A report about nothing is none. */
function refuseNothing({ trials, analysis, metric }: SweepOutcome, { detail }: RanSweep): void {
  if (trials.length === 0)
    throw new TrainyardError('the sweep has no trials: its run_cap leaves none, or it was stopped')
  if (analysis.trials > 0) return
  const problem = detail.problems.find((text) => text.includes(metric))
  const reason = trials.find((trial) => trial.reason !== null)?.reason?.split('\n')[0]
  throw new TrainyardError(
    `none of the ${trials.length} trials has a finite ${metric}: ${problem ?? reason ?? 'look at their runs with trainyard ui'}`,
  )
}

async function rememberedIn(folder: string): Promise<string> {
  try {
    return (JSON.parse(await readFile(join(folder, 'sweep.json'), 'utf8')) as { sweep: string }).sweep
  } catch (cause) {
    throw new DataError(`${folder}: no sweep was begun here; give its folder by --out, or leave --resume out`, {
      cause,
    })
  }
}
