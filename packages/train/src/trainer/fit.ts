import { io, TrainyardError } from '@trainyard/core'
import { type Batches, isResumable, type Parts } from '../batches.ts'
import type { BatchNormReestimation } from '../batchNorm/reestimate.ts'
import { type Callback, callAll, type FitContext } from '../callbacks/callback.ts'
import { bestIn, latestIn, previousIn } from '../callbacks/checkpoints.ts'
import { CheckpointError, NonFiniteLossError } from '../errors.ts'
import type { EpochRecord, Metrics } from '../history.ts'
import { Interrupt } from '../interrupt.ts'
import { defaultOutput, type ProgressOutput } from '../progress/output.ts'
import { explainLoss } from './explainLoss.ts'
import { fileExists } from './files.ts'
import { samplesOf } from './objective.ts'
import type { FitOptions, FitResult, TrainerOptions } from './options.ts'
import type { ProgressState } from './progressState.ts'
import type { Trainer } from './trainer.ts'
import type { TrainingStep } from './trainingStep.ts'

/** What the loop needs of the trainer beside its public methods. */
export interface FitParts {
  readonly trainer: Trainer
  readonly options: TrainerOptions
  readonly callbacks: readonly Callback[]
  readonly step: TrainingStep
  readonly batchNorm: BatchNormReestimation
  readonly progress: ProgressState
  readonly unpack: (batch: never) => Parts
}

/** One training: epochs of steps, each epoch followed by validation and callbacks. */
export class Fit<Batch> implements FitContext {
  readonly #parts: FitParts
  readonly #batches: Batches<Batch>
  readonly #options: FitOptions<Batch>
  readonly #interrupt: Interrupt
  readonly #output: ProgressOutput
  #stopped: string | null = null
  #epochStarted = 0
  /** Samples of this epoch that an earlier session did: no part of this session's speed. */
  #samplesBefore = 0
  batchLoss = Number.NaN
  gradientNorm = Number.NaN

  constructor(parts: FitParts, batches: Batches<Batch>, options: FitOptions<Batch>) {
    this.#parts = parts
    this.#batches = batches
    this.#options = options
    const { progress } = parts.options
    this.#output = (typeof progress === 'object' ? progress.output : undefined) ?? defaultOutput()
    this.#interrupt = new Interrupt(this.#output, options.signal)
  }

  // ——— What callbacks see

  get trainer(): Trainer {
    return this.#parts.trainer
  }

  get epoch(): number {
    const { progress } = this.#parts
    // While an epoch runs it is not complete yet; after it, it is the last complete one.
    return this.#epochStarted > 0 ? progress.epoch + 1 : progress.epoch
  }

  get epochs(): number {
    return this.#options.epochs
  }

  get step(): number {
    return this.#parts.progress.step
  }

  get batch(): number {
    return this.#parts.progress.batch
  }

  get batches(): number | undefined {
    return this.#batches.length
  }

  get samples(): number {
    return this.#parts.progress.samples - this.#samplesBefore
  }

  get loss(): number {
    const { lossSum, samples } = this.#parts.progress
    return samples > 0 ? lossSum / samples : Number.NaN
  }

  get learningRate(): number {
    return this.#parts.options.optimizer.paramGroups[0].lr
  }

  get seconds(): number {
    return (performance.now() - this.#epochStarted) / 1000
  }

  get history(): readonly EpochRecord[] {
    return this.#parts.progress.history
  }

  stop(reason: string): void {
    this.#stopped ??= reason
  }

  // ——— The loop

  async run(): Promise<FitResult> {
    const { progress, callbacks, options } = this.#parts
    const started = performance.now()
    options.model.train()
    options.optimizer.zeroGrad()
    try {
      await callAll(callbacks, 'onFitStart', this)
      while (progress.epoch < this.epochs && this.#stopped === null) await this.#runEpoch()
    } catch (error) {
      throw this.#explained(error)
    } finally {
      this.#interrupt.release()
      await callAll(callbacks, 'onFitEnd', this)
    }
    return {
      history: progress.history,
      epochs: progress.epoch,
      steps: progress.step,
      stopped: this.#stopped,
      seconds: (performance.now() - started) / 1000,
    }
  }

  /** Says of a checkpoint that cannot be written what is kept and how to go on. */
  #explained(error: unknown): unknown {
    const { checkpoints } = this.#parts.options
    if (!checkpoints || !(error instanceof io.FileError) || !error.path.startsWith(checkpoints.folder)) return error
    const kept = [latestIn, previousIn, bestIn].map((file) => file(checkpoints.folder)).find(fileExists)
    return new CheckpointError(error, kept ?? null, this.#resume)
  }

  get #resume(): string {
    return this.#options.resumeHint ?? 'fit(…, { resume: true })'
  }

  async #runEpoch(): Promise<void> {
    const { progress, callbacks } = this.#parts
    this.#epochStarted = performance.now()
    this.#samplesBefore = progress.samples
    await callAll(callbacks, 'onEpochStart', this)
    const whole = await this.#train()
    if (!whole) {
      await this.#keepUnfinished()
      return
    }
    await this.#finishEpoch()
    if (this.#interrupt.reason !== null && this.#stopped === null && progress.epoch < this.epochs) {
      this.#stopped = this.#interrupt.reason
      await this.#keepUnfinished()
    }
  }

  /** Goes through the batches; answers whether the epoch came to its end. */
  async #train(): Promise<boolean> {
    const { progress, callbacks, step, unpack, options } = this.#parts
    const { accumulate = 1 } = options
    const total = this.#batches.length
    // A loader that cannot be continued begins the epoch anew: what is done already is passed over.
    let toSkip = isResumable(this.#batches) ? 0 : progress.batch
    // One that can begins a new epoch after a loop was left, unless it is told to go on: `fit` called again after a stop.
    if (progress.batch > 0 && isResumable(this.#batches))
      this.#batches.loadStateDict(this.#batches.stateDict() as never)
    for await (const batch of this.#batches) {
      if (toSkip > 0) {
        toSkip--
        continue
      }
      const parts = unpack(batch as never)
      const samples = samplesOf(parts)
      // The last window of an epoch may be shorter; where its length is unknown its gradient is a little small.
      const window = Math.floor(progress.batch / accumulate) * accumulate
      const together = total === undefined ? accumulate : Math.min(accumulate, total - window)
      const update = progress.batch + 1 === window + together
      const { loss, gradientNorm } = await step.run(parts, 1 / together, update)
      if (!Number.isFinite(loss)) await this.#refuse(loss, parts)
      progress.batch++
      progress.step++
      progress.samples += samples
      progress.lossSum += loss * samples
      this.batchLoss = loss
      this.gradientNorm = gradientNorm
      if (update) this.#moveSchedule('step')
      const waiting = callAll(callbacks, 'onStep', this)
      if (waiting) await waiting
      if (update) this.#stopped ??= this.#interrupt.reason
      if (update && this.#stopped !== null && (total === undefined || progress.batch < total)) return false
    }
    if (progress.batch === 0) {
      throw new TrainyardError(
        `Trainer: there is nothing to train on: no batch was given in epoch ${this.epoch}; a generator is used up after one epoch, a list or a loader is not`,
      )
    }
    return true
  }

  async #finishEpoch(): Promise<void> {
    const { progress, callbacks } = this.#parts
    const epoch = progress.epoch + 1
    const metrics: Metrics = { 'train/loss': this.loss }
    const { validation, validateEvery = 1 } = this.#options
    await this.#reestimateBatchNorms()
    if (validation && (epoch % validateEvery === 0 || epoch === this.epochs || this.#stopped !== null)) {
      const measured = await this.trainer.evaluate(validation)
      for (const [name, value] of Object.entries(measured)) metrics[`validation/${name}`] = value
    }
    const learningRate = this.learningRate
    this.#moveSchedule('epoch', metrics['validation/loss'] ?? metrics['train/loss'])
    progress.history.push({ epoch, step: progress.step, learningRate, seconds: this.seconds, metrics })
    progress.epoch = epoch
    progress.batch = 0
    progress.samples = 0
    progress.lossSum = 0
    this.#samplesBefore = 0
    this.#epochStarted = 0
    await callAll(callbacks, 'onEpochEnd', this)
  }

  async #reestimateBatchNorms(): Promise<void> {
    const { options, batchNorm, unpack } = this.#parts
    const { preciseBatchNorm = true } = options
    if (preciseBatchNorm === false || !batchNorm.applies) return
    const batches = this.#batches
    const limit = preciseBatchNorm === true ? 200 : preciseBatchNorm.batches
    // This is no epoch: the order of the next one must be what it would have been without it.
    const state = isResumable(batches) ? batches.stateDict() : null
    await batchNorm.run(batches, unpack, limit)
    if (isResumable(batches)) batches.loadStateDict(state as never)
  }

  #moveSchedule(when: 'epoch' | 'step', value?: number): void {
    const { schedule, scheduleEvery } = this.#parts.options
    if (!schedule) return
    const wanted = scheduleEvery ?? (schedule.constructor.name === 'OneCycleLR' ? 'step' : 'epoch')
    if (when === wanted) schedule.step(value as number)
  }

  async #refuse(loss: number, parts: Parts): Promise<never> {
    const { options, progress } = this.#parts
    const { layer, text } = await explainLoss(options.model, options.loss, parts)
    throw new NonFiniteLossError({
      loss,
      step: progress.step + 1,
      epoch: progress.epoch + 1,
      layer,
      cause: text,
    })
  }

  /** Saves a training that was stopped and says how to go on. */
  async #keepUnfinished(): Promise<void> {
    const { options, progress } = this.#parts
    const where = `${this.#stopped} after step ${progress.step}, ${progress.epoch} of ${this.epochs} epochs complete`
    const output = this.#output
    const batches = this.#batches
    // A loader that was broken off would begin the next epoch; told where it stands, it goes on there.
    if (isResumable(batches)) batches.loadStateDict(batches.stateDict() as never)
    if (!options.checkpoints) {
      output.write(`${where}; nothing was saved, since the Trainer has no \`checkpoints\` folder\n`)
      return
    }
    const file = latestIn(options.checkpoints.folder)
    await this.trainer.save(file)
    output.write(`${where}; saved to ${file}; continue with ${this.#resume}\n`)
  }
}
