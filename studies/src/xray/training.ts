import { rm } from 'node:fs/promises'
import { Generator, io, type nn, optim, ProgramTooLargeError } from '@trainyard/core'
import type { Run } from '@trainyard/tracker'
import { bestIn, type EpochRecord, previousIn, Trainer } from '@trainyard/train'
import {
  LIGHT_AUGMENTATION,
  loadPretrained,
  SegmentationBatches,
  type SegmentationObjective,
  segmentationObjective,
} from '@trainyard/vision'
import { deriveSeed } from '../study/deriveSeed.ts'
import { Interrupted } from '../study/session.ts'
import type { Parts } from './data.ts'
import { filmMetrics } from './metrics.ts'
import { type FilmUnet, filmUnet } from './model.ts'
import { Pace } from './pace.ts'
import { validationPictures } from './pictures.ts'
import { type Predictor, predictorOf } from './predictor.ts'
import type { XraySettings } from './settings.ts'
import { settingsCallback } from './weights.ts'

/** A network that is ready to be trained. */
export interface Prepared {
  readonly model: FilmUnet
  readonly objective: SegmentationObjective
  readonly predict: Predictor
  readonly generator: Generator
  readonly parameters: number
  /** In words: what the weights begin with. */
  readonly beginning: string
}

/** What a training came to. Its network has the weights of the best epoch. */
export interface Trained {
  readonly history: readonly EpochRecord[]
  /** The epoch with the least validation loss, whose weights the network has now. */
  readonly bestEpoch: number
  readonly bestFile: string
  /** The median of this session; null where it took no step. */
  readonly secondsPerStep: number | null
  /** Bytes that the training step was planned to need; null where it took no step. */
  readonly plannedBytes: number | null
}

/**
 * Makes the network and gives it its first weights.
 *
 * @throws `TrainyardError` for a loss that is not known, `DataError` for weights that cannot be used.
 */
export async function prepare(settings: XraySettings, seed: number, fold: number | null): Promise<Prepared> {
  const objective = segmentationObjective(settings.loss)
  const generator = new Generator(deriveSeed(seed, 'xray', 'weights', fold ?? 'all'))
  const model = filmUnet(settings, generator)
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0)
  let beginning = 'random weights'
  if (settings.weights !== null) {
    const { part, adapted } = await loadPretrained(model, settings.weights)
    beginning = `the ${part}'s weights of ${settings.weights}${adapted ? ` (${adapted})` : ''}`
  }
  return { model, objective, predict: predictorOf(model, objective), generator, parameters, beginning }
}

export interface TrainingOptions {
  readonly settings: XraySettings
  readonly seed: number
  readonly fold: number | null
  readonly parts: Parts
  readonly run: Run
  /** The folder of the checkpoints. */
  readonly folder: string
  /** Go on from the newest checkpoint in that folder, or from this file. */
  readonly resume: boolean | string
  readonly resumeHint: string
  /** Stands before every line of the progress. */
  readonly label: string
  /** Takes a line for a person. */
  readonly say: (message: string) => void
}

/**
 * Trains the network, and leaves it with the weights of the best epoch. A batch that does not fit into memory is gone
 * through in equal parts whose gradients are added up; batch norm then sees the parts.
 *
 * @throws `Interrupted` where somebody stopped it; what was done is kept.
 */
export async function train(prepared: Prepared, options: TrainingOptions): Promise<Trained> {
  const { batchSize } = options.settings
  let parts = 1
  for (;;) {
    try {
      return await trainInParts(prepared, options, parts)
    } catch (error) {
      if (!(error instanceof ProgramTooLargeError) || error.fittingBatch < 1) throw error
      parts = leastParts(batchSize, Math.min(error.fittingBatch, batchSize / parts - 1))
      options.say(
        `a batch of ${batchSize} films does not fit into memory at once: it is gone through in ${parts} parts of ${batchSize / parts}`,
      )
    }
  }
}

/** The fewest equal parts of a batch of which none is larger than `most`. */
export function leastParts(batchSize: number, most: number): number {
  let parts = Math.max(1, Math.ceil(batchSize / most))
  while (batchSize % parts !== 0) parts++
  return parts
}

async function trainInParts(prepared: Prepared, options: TrainingOptions, accumulate: number): Promise<Trained> {
  const { model, objective, predict, generator } = prepared
  const { settings, seed, fold, parts, run, folder, resume, resumeHint, label } = options
  const pace = new Pace()
  const optimizer = optimizerOf(model, settings)
  const trainer = new Trainer({
    model,
    optimizer,
    loss: objective.loss,
    metrics: filmMetrics(objective),
    accumulate,
    progress: { label, unit: 'films' },
    logger: run,
    callbacks: [
      pace.callback,
      validationPictures(run, parts.validation, predict),
      settingsCallback(settings, seed),
      // A sweep may have a training go on with another rate than that of its checkpoint.
      { onFitStart: () => setRate(optimizer, settings.learningRate) },
    ],
    checkpoints: { folder },
    generators: { model: generator },
  })
  const batchSize = settings.batchSize / accumulate
  const train = new SegmentationBatches(parts.train, {
    batchSize,
    shuffle: true,
    seed: deriveSeed(seed, 'xray', 'batches', fold ?? 'all'),
    augmentations: settings.augment ? LIGHT_AUGMENTATION : [],
  })
  const validation = new SegmentationBatches(parts.validation, { batchSize, workers: 0 })
  const { epochs } = settings
  const fitted = await trainer
    .fit(train, { epochs, validation, resume, resumeHint, signal: run.signal })
    .finally(() => train.close())
  if (fitted.stopped !== null)
    throw new Interrupted(`${label} was ${fitted.stopped} after epoch ${fitted.epochs} of ${epochs}`)
  // It was there for the case that the last one is damaged while the training goes on.
  await rm(previousIn(folder), { force: true })
  // A last batch that is shorter has a smaller program of its own.
  const planned = trainer
    .explain()
    .map(({ arenaBytes, bufferBytes, resultBytes }) => arenaBytes + bufferBytes + resultBytes)
  const bestFile = bestIn(folder)
  const pass = pace.secondsPerStep
  return {
    history: fitted.history,
    bestEpoch: await takeBest(model, bestFile),
    bestFile,
    secondsPerStep: pass === null ? null : pass * accumulate,
    plannedBytes: planned.length > 0 ? Math.max(...planned) : null,
  }
}

function optimizerOf(model: nn.AnyModule, { optimizer, learningRate }: XraySettings): optim.AnyOptimizer {
  const parameters = model.parameters()
  if (optimizer === 'adam') return new optim.Adam(parameters, { lr: learningRate })
  return new optim.SGD(parameters, { lr: learningRate })
}

function setRate({ paramGroups }: optim.AnyOptimizer, learningRate: number): void {
  for (const group of paramGroups) group.lr = learningRate
}

/** Takes over the weights of the best epoch, and answers which that was. */
async function takeBest(model: FilmUnet, file: string): Promise<number> {
  const checkpoint = await io.readCheckpoint(file)
  io.restoreCheckpoint(checkpoint, { model }, file)
  const { trainer } = checkpoint.progress as { trainer: { epoch: number } }
  return trainer.epoch
}
