import { randomUUID } from 'node:crypto'
import { globSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { TrainyardError } from '@trainyard/core'
import type { Run } from '@trainyard/tracker'
import { latestIn } from '@trainyard/train'
import { DataError, type SegmentationSet } from '@trainyard/vision'
import { reportFolder, runStudy, type StudySession } from '../study/session.ts'
import { trialOrders } from '../study/trial.ts'
import { terminalTable } from '../terminal/table.ts'
import { loadFilms, type Parts, type XrayData } from './data.ts'
import { type Evaluation, evaluate, type TestPart, withoutLooking } from './evaluate.ts'
import { paddedSize } from './model.ts'
import { merged, type Outcome, resultOf } from './outcome.ts'
import { logTest } from './pictures.ts'
import { keepRecord, readRecord, type StudyRecord, type TrainingRecord } from './progress.ts'
import { xrayReport } from './report.ts'
import type { XrayResult } from './result.ts'
import { settingsOf, settingsToResume, type XraySettings, type XrayStudyOptions } from './settings.ts'
import { filmsTable, foldsTable, totalTable } from './tables.ts'
import { type Prepared, prepare, train } from './training.ts'

/** Test films in the table of the terminal. */
const TOLD = 20

/**
 * The study of chest X-rays: trains a U-Net to mark lungs, and measures it on films that it has not seen.
 *
 * A training that was stopped, or whose process died, is continued by `resume`, to the same bits as if nothing had happened.
 *
 * @throws `DataError` for films or weights that cannot be used, `TrainyardError` for settings that make no sense,
 * `Interrupted` where somebody stopped it.
 * @example
 * ```ts no-run
 * const { test } = await xrayStudy({ data: 'films/', epochs: 30, learningRate: 1e-3, batchSize: 8 })
 * console.log(test.f1Mean)
 * ```
 */
export async function xrayStudy(options: XrayStudyOptions = {}): Promise<XrayResult> {
  const stored = options.resume ? await readRecord(reportFolder('xray', options.out)) : null
  const settings = orderedBySweep(stored ? settingsToResume(stored.settings, options) : settingsOf(options))
  const seed = seedOf(stored, options)
  return runStudy('xray', { ...options, seed }, async (session) => {
    const say = (message: string) => process.stderr.write(`${message}\n`)
    const bar = session.bar('films', 0)
    const data = await loadFilms(settings, seed, (done, total) => bar.update(done, `of ${total} films read`)).finally(
      () => bar.close(),
    )
    if (stored && stored.fingerprint !== data.fingerprint)
      throw new DataError(
        `${settings.data}: these are not the films that the training in ${session.folder} began with; put those back, or begin anew without --resume`,
      )
    const study = new XrayStudy({ session, settings, data, stored, say })
    return study.run()
  })
}

function seedOf(stored: StudyRecord | null, { seed }: XrayStudyOptions): number {
  if (stored && seed !== undefined && seed !== stored.seed)
    throw new TrainyardError(`--resume: the training began with seed ${stored.seed}, not ${seed}; leave that out`)
  return stored?.seed ?? seed ?? 1
}

/** A sweep that stops trials at rungs says up to which epoch. */
function orderedBySweep(settings: XraySettings): XraySettings {
  const orders = trialOrders()
  if (!orders) return settings
  if (settings.folds !== null && settings.fold === null)
    throw new TrainyardError(
      'a trial of a sweep is one training: for a cross-validation let the sweep repeat it, "repeat: {count: 5, parameter: fold}" beside "folds: {value: 5}"',
    )
  return { ...settings, epochs: orders.iterations ?? settings.epochs }
}

class XrayStudy {
  readonly #session: StudySession
  readonly #settings: XraySettings
  readonly #data: XrayData
  readonly #say: (message: string) => void
  readonly #resuming: boolean
  #record: StudyRecord

  constructor(parts: {
    session: StudySession
    settings: XraySettings
    data: XrayData
    stored: StudyRecord | null
    say: (message: string) => void
  }) {
    const { session, settings, data, stored, say } = parts
    this.#session = session
    this.#settings = settings
    this.#data = data
    this.#say = say
    this.#resuming = stored !== null
    const { fingerprint } = data
    this.#record = { seed: session.seed, settings, fingerprint, trainings: stored?.trainings ?? [] }
  }

  async run(): Promise<XrayResult> {
    const { divisions, films, source } = this.#data
    const { folds, fold, size } = this.#settings
    const counts = (parts: Parts) =>
      `${parts.train.length} to train, ${parts.validation.length} to validate, ${parts.test.length} to test`
    const { external: further } = this.#data
    const apart = further ? `; ${further.films.length} kept apart, from ${further.source}` : ''
    this.#say(`${films.length} films from ${source}: ${counts(divisions[0])}${apart}`)
    // Perhaps with more epochs than it was begun with.
    if (this.#resuming) await keepRecord(this.#session.folder, this.#record)
    const outcomes: Outcome[] = []
    for (const [place, parts] of divisions.entries()) {
      const number = folds === null ? null : (fold ?? place)
      outcomes.push(await this.#training(number, parts))
    }
    const [first] = outcomes
    const { seed, seconds } = this.#session
    const session = this.#session
    const { external } = this.#data
    const result = resultOf(outcomes, {
      seed,
      source,
      external: external?.source,
      epochs: this.#settings.epochs,
      seconds,
    })
    session.print(`\n${terminalTable(filmsTable(result.test.perImage, 'test', TOLD))}`)
    if (result.external) session.print(`\n${terminalTable(filmsTable(result.external.perImage, 'external', TOLD))}`)
    if (result.folds) session.print(`\n${terminalTable(foldsTable(result.folds))}`)
    session.print(`\n${terminalTable(totalTable(result))}`)
    session.print(`\nweights of epoch ${first.bestEpoch}: ${first.bestFile}`)
    if (paddedSize(size, 32) !== size) session.print(paddingText(size))
    await session.report(
      await xrayReport({
        settings: this.#settings,
        data: this.#data,
        result,
        history: first.history,
        bestEpoch: first.bestEpoch,
        evaluation: merged(outcomes.map(({ evaluation }) => evaluation)),
        external: external && {
          ...external,
          evaluation: merged(outcomes.map((outcome) => outcome.external!)),
          withoutLooking: await withoutLooking(divisions.map(({ train }) => ({ train, test: external.films }))),
        },
        beginning: first.beginning,
        withoutLooking: await withoutLooking(divisions),
        plannedBytes: first.plannedBytes,
        bestFile: first.bestFile,
      }),
    )
    return result
  }

  /** Trains, or goes on with it, and tests. */
  async #training(fold: number | null, parts: Parts): Promise<Outcome> {
    const { seed, folder } = this.#session
    const label = fold === null ? 'xray' : `fold ${fold + 1}`
    const prepared = await prepare(this.#settings, seed, fold)
    const { multiple } = prepared.model
    const { size } = this.#settings
    if (paddedSize(size, multiple) !== size) this.#say(paddingText(size, multiple))
    const known = this.#record.trainings.find((training) => training.fold === fold)
    const config = { ...this.#settings, source: this.#data.source, parameters: prepared.parameters, fold }
    const run = { name: label, config, ...(known ? { continues: known.run } : {}) }
    return this.#session.track(run, async (tracked) => {
      const record = known ?? (await this.#begin(fold, tracked))
      const checkpoints = join(folder, record.checkpoints)
      removeLeftovers(checkpoints)
      if (known && globSync('*.safetensors', { cwd: checkpoints }).length === 0)
        this.#say(`${label}: there is no checkpoint in ${checkpoints}, so it begins from the beginning`)
      const trained = await train(prepared, {
        settings: this.#settings,
        seed,
        fold,
        parts,
        run: tracked,
        folder: checkpoints,
        resume: checkpointToContinue() ?? this.#resuming,
        resumeHint: `npx trainyard study xray --resume${folder === 'reports/xray' ? '' : ` --out ${folder}`}`,
        label,
        say: this.#say,
      })
      const { parameters, beginning } = prepared
      const evaluation = await this.#test(prepared, parts.test, 'test', tracked)
      const { external: further } = this.#data
      const external = further && (await this.#test(prepared, further.films, 'external', tracked))
      return { ...trained, fold, parts, parameters, beginning, evaluation, external }
    })
  }

  /** Writes down that a training begins, and where its checkpoints will be. */
  async #begin(fold: number | null, run: Run): Promise<TrainingRecord> {
    const { folder } = this.#session
    // Each run has a folder of its own: no training ever writes over another's weights.
    const checkpoints = run.folder === '' ? join(folder, 'checkpoints', randomUUID()) : join(run.folder, 'checkpoints')
    const record: TrainingRecord = { fold, run: run.id, checkpoints: relative(folder, checkpoints) }
    this.#record = { ...this.#record, trainings: [...this.#record.trainings, record] }
    await keepRecord(folder, this.#record)
    return record
  }

  async #test({ predict }: Prepared, films: SegmentationSet, part: TestPart, run: Run): Promise<Evaluation> {
    const bar = this.#session.bar(`${part} films`, films.length)
    const evaluation = await evaluate(films, predict, (done) => bar.update(done))
    bar.close()
    logTest(run, evaluation, part)
    return evaluation
  }
}

/** Of the trial that a sweep has this one go on from. */
function checkpointToContinue(): string | null {
  const folder = trialOrders()?.continuesFolder
  return folder ? latestIn(join(folder, 'checkpoints')) : null
}

function paddingText(size: number, multiple = 32): string {
  const padded = paddedSize(size, multiple)
  return `${size} is no multiple of ${multiple}: films are padded to ${padded} × ${padded} for the network, and its answers cut back`
}

/** What a process that was killed in the middle of a checkpoint has left; the checkpoint before it is untouched. */
function removeLeftovers(folder: string): void {
  for (const file of globSync('*.part', { cwd: folder })) void rm(join(folder, file), { force: true })
}
