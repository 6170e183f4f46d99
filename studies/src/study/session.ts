import { createWasmBackend, reference, useBackend } from '@trainyard/core'
import { type InitOptions, init, type Run } from '@trainyard/tracker'
import { ProgressBar } from '@trainyard/train'
import { prepareFolder, type Report, ReportError, writeReport } from '../report/index.ts'
import { trialOrders } from './trial.ts'

/** Somebody stopped the study before it was done. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

/** What every study can be told. */
export interface StudyOptions {
  /** Fixes everything random. Default 1. */
  readonly seed?: number
  /** The folder of the report. Default `reports/STUDY`. */
  readonly out?: string
  /** Threads of the wasm backend. Default: one a core. */
  readonly threads?: number
  /** What computes. Default `wasm`; `reference` is slow and exact. */
  readonly device?: 'wasm' | 'reference'
  /** Only instructions that give the same bits on every machine. Default false. */
  readonly strict?: boolean
  /** Where tables and texts for the terminal go. Default: nowhere. */
  readonly print?: (text: string) => void
}

export interface RunOptions {
  readonly name: string
  readonly config: object
  readonly notes?: string
  /** Continue the run of this id, or begin it where there is none. */
  readonly continues?: string
}

/** Where a study's report goes: each trial of a sweep has a folder of its own. */
export function reportFolder(study: string, out: string | undefined): string {
  const trial = trialOrders()
  return out ?? (trial ? `reports/${study}/trials/${trial.run}` : `reports/${study}`)
}

/** One run of a study: its backend, its report's folder, its tracked runs. */
export class StudySession {
  readonly study: string
  readonly seed: number
  readonly folder: string
  readonly print: (text: string) => void
  readonly #group: string
  readonly #started = performance.now()

  constructor(study: string, options: StudyOptions) {
    this.study = study
    this.seed = options.seed ?? 1
    this.folder = reportFolder(study, options.out)
    this.print = options.print ?? (() => {})
    this.#group = `${study}-${new Date().toISOString().replace(/[:.]/g, '-')}`
  }

  /** Since the study began. */
  get seconds(): number {
    return (performance.now() - this.#started) / 1000
  }

  /** A progress bar on standard error, above which lines can be printed. */
  bar(label: string, total: number): ProgressBar {
    return new ProgressBar({ label, total })
  }

  /** Tracks a piece of work as one run; a failure is written down with it. */
  async track<T>({ name, config, notes, continues }: RunOptions, work: (run: Run) => Promise<T>): Promise<T> {
    const run = await this.#start({
      // A sweep decides about both.
      ...(trialOrders() ? {} : { project: this.study, group: this.#group }),
      ...(continues === undefined ? {} : { id: continues, resume: 'allow' }),
      name,
      jobType: 'study',
      config: { seed: this.seed, ...config },
      ...(notes ? { notes } : {}),
      // Tables go to the terminal as they are; they are no log of the run.
      capture: { console: false },
    })
    try {
      const result = await work(run)
      await run.finish()
      return result
    } catch (error) {
      await run.finish({ error })
      throw error
    }
  }

  async #start(options: InitOptions): Promise<Run> {
    try {
      return await init(options)
    } catch (error) {
      const { message } = error as Error
      // The system's errors begin with their code; ours say themselves what to do.
      if (!/^E[A-Z]+: /.test(message)) throw error
      const folder = process.env.TRAINYARD_DIR ?? '.trainyard'
      throw new ReportError(
        `runs cannot be kept in ${folder} (${message}); set TRAINYARD_DIR to another folder, or TRAINYARD_MODE=disabled to track nothing`,
      )
    }
  }

  /** Writes the report and says where it lies. */
  async report(report: Report): Promise<string> {
    const page = await writeReport(report, this.folder)
    this.print(`\nreport: ${page}`)
    return page
  }
}

/** Runs a study: checks the folder before anything is trained, chooses the backend, and leaves nothing behind on failure. */
export async function runStudy<T>(
  study: string,
  options: StudyOptions,
  work: (session: StudySession) => Promise<T>,
): Promise<T> {
  const session = new StudySession(study, options)
  const takeBack = await prepareFolder(session.folder)
  try {
    useBackend(options.device === 'reference' ? reference : await createWasmBackend(options))
    return await work(session)
  } catch (error) {
    await takeBack()
    throw error
  }
}
