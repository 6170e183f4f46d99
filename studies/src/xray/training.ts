import { Generator, io, type nn, optim } from '@trainyard/core'
import type { Run } from '@trainyard/tracker'
import { bestIn, type EpochRecord, Trainer } from '@trainyard/train'
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
  readonly resume: boolean
  readonly resumeHint: string
  /** Stands before every line of the progress. */
  readonly label: string
}

/**
 * Trains the network, and leaves it with the weights of the best epoch.
 *
 * @throws `Interrupted` where somebody stopped it; what was done is kept.
 */
export async function train(prepared: Prepared, options: TrainingOptions): Promise<Trained> {
  const { model, objective, predict, generator } = prepared
  const { settings, seed, fold, parts, run, folder, resume, resumeHint, label } = options
  const pace = new Pace()
  const trainer = new Trainer({
    model,
    optimizer: optimizerOf(model, settings),
    loss: objective.loss,
    metrics: filmMetrics(objective),
    progress: { label, unit: 'films' },
    logger: run,
    callbacks: [pace.callback, validationPictures(run, parts.validation, predict), settingsCallback(settings, seed)],
    checkpoints: { folder },
    generators: { model: generator },
    preciseBatchNorm: true,
  })
  const train = new SegmentationBatches(parts.train, {
    batchSize: settings.batchSize,
    shuffle: true,
    seed: deriveSeed(seed, 'xray', 'batches', fold ?? 'all'),
    augmentations: settings.augment ? LIGHT_AUGMENTATION : [],
  })
  const validation = new SegmentationBatches(parts.validation, { batchSize: settings.batchSize, workers: 0 })
  const { epochs } = settings
  const fitted = await trainer
    .fit(train, { epochs, validation, resume, resumeHint, signal: run.signal })
    .finally(() => train.close())
  if (fitted.stopped !== null)
    throw new Interrupted(`${label} was ${fitted.stopped} after epoch ${fitted.epochs} of ${epochs}`)
  const [program] = trainer.explain()
  const bestFile = bestIn(folder)
  const { bestEpoch } = await takeBest(model, bestFile)
  return {
    history: fitted.history,
    bestEpoch,
    bestFile,
    secondsPerStep: pace.secondsPerStep,
    plannedBytes: program ? program.arenaBytes + program.bufferBytes : null,
  }
}

function optimizerOf(model: nn.AnyModule, { optimizer, learningRate }: XraySettings): optim.AnyOptimizer {
  const parameters = model.parameters()
  if (optimizer === 'adam') return new optim.Adam(parameters, { lr: learningRate })
  return new optim.SGD(parameters, { lr: learningRate })
}

async function takeBest(model: FilmUnet, file: string): Promise<{ bestEpoch: number }> {
  const checkpoint = await io.readCheckpoint(file)
  io.restoreCheckpoint(checkpoint, { model }, file)
  const { trainer } = checkpoint.progress as { trainer: { epoch: number } }
  return { bestEpoch: trainer.epoch }
}
