import type { CompiledFunction, Tensor } from '@trainyard/core'
import { type Batches, firstIsInput } from '../batches.ts'
import { BatchNormReestimation } from '../batchNorm/reestimate.ts'
import type { Callback } from '../callbacks/callback.ts'
import { checkpoints, latestIn } from '../callbacks/checkpoints.ts'
import { earlyStopping } from '../callbacks/earlyStopping.ts'
import { logging } from '../callbacks/logging.ts'
import { progress } from '../callbacks/progress.ts'
import type { EpochRecord, Metrics } from '../history.ts'
import { checkFit, checkOptions } from './checkOptions.ts'
import { Evaluation } from './evaluation.ts'
import { Fit } from './fit.ts'
import type { FitOptions, FitResult, TrainerOptions } from './options.ts'
import { freshProgress, type ProgressState } from './progressState.ts'
import { restoreNewest } from './restoreNewest.ts'
import { restoreTraining, saveTraining } from './trainingFile.ts'
import { TrainingStep } from './trainingStep.ts'

/**
 * Trains a model: epochs of compiled steps, validation, progress, logging, checkpoints, early stopping, and resuming that
 * continues bit for bit.
 *
 * @example
 * ```ts
 * const model = new nn.Linear(4, 1)
 * const samples = new data.TensorDataset(rand([48, 4]), zeros([48, 1]))
 * const [train, held] = data.randomSplit(samples, [32, 16])
 * const trainer = new Trainer({
 *   model,
 *   optimizer: new optim.SGD(model.parameters(), { lr: 0.002, momentum: 0.9 }),
 *   loss: new nn.MSELoss(),
 *   checkpoints: { folder: 'checkpoints' },
 * })
 * await trainer.fit(train.loader({ batchSize: 8, shuffle: true }), {
 *   epochs: 4,
 *   validation: held.loader({ batchSize: 16 }),
 * })
 * ```
 */
export class Trainer {
  readonly options: TrainerOptions
  readonly #callbacks: readonly Callback[]
  readonly #step: TrainingStep
  readonly #evaluation: Evaluation
  readonly #batchNorm: BatchNormReestimation
  #progress: ProgressState = freshProgress()
  /** The batches being trained on: their place is saved with the rest. */
  #batches: Batches<unknown> | null = null

  constructor(options: TrainerOptions) {
    checkOptions(options)
    const { model, optimizer, loss, clipGradNorm, clipGradValue, metrics = {}, unpack = firstIsInput } = options
    this.options = options
    this.#step = new TrainingStep({ model, optimizer, loss, clipGradNorm, clipGradValue })
    this.#evaluation = new Evaluation({ model, loss, metrics, unpack })
    this.#batchNorm = new BatchNormReestimation(model)
    this.#callbacks = callbacksOf(options)
  }

  /** The epochs that are over. */
  get history(): readonly EpochRecord[] {
    return this.#progress.history
  }

  /**
   * Trains up to an epoch. A trainer that has trained before, or was restored, goes on where it stands.
   *
   * @throws `NonFiniteLossError` naming step and layer where the loss becomes NaN or infinite; that step changes nothing.
   */
  async fit<Batch>(batches: Batches<Batch>, options: FitOptions<Batch>): Promise<FitResult> {
    checkFit(batches, options ?? {}, this.options)
    this.#batches = batches
    await this.#resume(options.resume)
    return new Fit<Batch>(
      {
        trainer: this,
        options: this.options,
        callbacks: this.#callbacks,
        step: this.#step,
        batchNorm: this.#batchNorm,
        progress: this.#progress,
        unpack: this.options.unpack ?? firstIsInput,
      },
      batches,
      options,
    ).run()
  }

  /** Mean loss and metrics over all samples, in evaluation mode. Nothing of the model changes. */
  evaluate<Batch>(batches: Batches<Batch>): Promise<Metrics> {
    return this.#evaluation.measure(batches)
  }

  /** As `evaluate`, with the names that validation has in the history: `validation/loss`, … */
  async validate<Batch>(batches: Batches<Batch>): Promise<Metrics> {
    const measured = await this.evaluate(batches)
    return Object.fromEntries(Object.entries(measured).map(([name, value]) => [`validation/${name}`, value]))
  }

  /** The model's outputs for all samples along the first axis, in evaluation mode. */
  predict<Batch>(batches: Batches<Batch>): Promise<Tensor> {
    return this.#evaluation.predict(batches)
  }

  /** The programs of the training step made so far, the last used one first: kernels, and the memory that was planned. */
  explain(): ReturnType<CompiledFunction<[], unknown>['explain']> {
    return this.#step.explain()
  }

  /** Saves everything that it takes to continue: the file is replaced whole or not at all. */
  save(file: string): Promise<void> {
    return saveTraining(file, this.#everything())
  }

  /** Takes over what was saved. Nothing is changed when anything does not fit. */
  async restore(file: string): Promise<void> {
    this.#progress = await restoreTraining(file, this.#everything())
  }

  #everything() {
    return {
      options: this.options,
      callbacks: this.#callbacks,
      progress: this.#progress,
      batches: this.#batches,
    }
  }

  async #resume(from: string | boolean | undefined): Promise<void> {
    const { checkpoints } = this.options
    if (typeof from === 'string') await this.restore(from)
    else if (from === true && checkpoints) {
      const { folder } = checkpoints
      const passedOver = await restoreNewest(folder, (file) => this.restore(file))
      // In place of what cannot be used.
      if (passedOver) await this.save(latestIn(folder))
    }
  }
}

/** The user's callbacks first; checkpoints last, when all others know what the epoch brought. */
function callbacksOf(options: TrainerOptions): Callback[] {
  const { progress: show = true, logger } = options
  return [
    ...(options.callbacks ?? []),
    ...(logger ? [logging(logger, options.logging)] : []),
    ...(show === false ? [] : [progress(show === true ? {} : show)]),
    ...(options.earlyStopping ? [earlyStopping(options.earlyStopping)] : []),
    ...(options.checkpoints ? [checkpoints(options.checkpoints)] : []),
  ]
}
