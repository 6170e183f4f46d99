import { Generator, nn, optim } from '@trainyard/core'
import { ConfusionMatrix, type Run, Table, Image as TrackedImage } from '@trainyard/tracker'
import { type Callback, Trainer } from '@trainyard/train'
import { type MnistDatasets, mnist } from '@trainyard/vision'
import { deriveSeed } from '../study/deriveSeed.ts'
import { Interrupted, runStudy, type StudyOptions, type StudySession } from '../study/session.ts'
import { terminalTable } from '../terminal/table.ts'
import { evaluate } from './evaluate.ts'
import { type MnistModel, mnistModels } from './models.ts'
import { mnistReport } from './report.ts'
import { type MnistResult, rowOf, type TrainedModel } from './result.ts'
import { classTable, layerTable, modelTable } from './tables.ts'

/** What is trained, on which images, and for how long. */
export interface MnistStudyOptions extends StudyOptions {
  /** What is trained. Default `both`. */
  readonly model?: MnistModel | 'both'
  /** Default 4. */
  readonly epochs?: number
  /** Default 64. */
  readonly batchSize?: number
  /** Default 0.002. */
  readonly learningRate?: number
  /** A folder with four idx files. Default: MNIST. */
  readonly data?: string
  /** Use only the first so many training images and test images. */
  readonly limit?: number
}

const TITLES: { readonly [name in MnistModel]: string } = { mlp: 'MLP', cnn: 'CNN' }

/** Batches between two points of the running loss. */
const INTERVAL = 100

/**
 * The study "feed-forward against convolutional": trains one or both networks on MNIST or a data set in its format, and
 * measures them on all test images.
 *
 * @throws `DataError` for data that is missing or damaged.
 * @example
 * ```ts
 * const { models } = await mnistStudy({ model: 'cnn', epochs: 1, limit: 2000 })
 * ```
 */
export function mnistStudy(options: MnistStudyOptions = {}): Promise<MnistResult> {
  const { model = 'both', epochs = 4, batchSize = 64, learningRate = 0.002, data, limit } = options
  return runStudy('mnist', options, async (session) => {
    const say = (message: string) => process.stderr.write(`${message}\n`)
    const sets = await mnist({
      onProgress: say,
      ...(data === undefined ? {} : { data }),
      ...(limit === undefined ? {} : { limit }),
    })
    const names: MnistModel[] = model === 'both' ? ['mlp', 'cnn'] : [model]
    const models: TrainedModel[] = []
    for (const name of names) {
      const config = {
        model: name,
        epochs,
        batchSize,
        learningRate,
        momentum: 0.9,
        data: sets.source,
        limit: limit ?? null,
      }
      models.push(await session.track({ name: TITLES[name], config }, (run) => train(name, config, sets, session, run)))
    }
    const seconds = session.seconds
    for (const trained of models) session.print(`\n${terminalTable(layerTable(trained))}`)
    session.print(`\n${terminalTable(classTable(models))}`)
    session.print(`\n${terminalTable(modelTable(models))}`)
    const { train: trainSet, test: testSet, source } = sets
    await session.report(
      mnistReport({
        models,
        train: trainSet.images,
        test: testSet.images,
        source,
        seed: session.seed,
        batchSize,
        learningRate,
        interval: INTERVAL,
        seconds,
      }),
    )
    return { study: 'mnist', seed: session.seed, models: models.map(rowOf), seconds }
  })
}

interface TrainingConfig {
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly momentum: number
}

/** Trains one network and measures it on all test images. */
async function train(
  name: MnistModel,
  { epochs, batchSize, learningRate, momentum }: TrainingConfig,
  { train, test, classes }: MnistDatasets,
  session: StudySession,
  run: Run,
): Promise<TrainedModel> {
  const { height, width } = train.images
  const generator = new Generator(deriveSeed(session.seed, 'mnist', name, 'weights'))
  const model = mnistModels[name]({ generator, height, width, classes })
  const summary = nn.summary(model, [1, 1, height, width])
  run.setModelSummary(String(summary))
  const running: { step: number; loss: number }[] = []
  const trainer = new Trainer({
    model,
    optimizer: new optim.SGD(model.parameters(), { lr: learningRate, momentum }),
    loss: new nn.NLLLoss(),
    progress: { label: TITLES[name], unit: 'images' },
    logger: run,
    logging: { every: 10 },
    callbacks: [runningLoss(running)],
  })
  const seed = deriveSeed(session.seed, 'mnist', name, 'order')
  const fitted = await trainer.fit(train.loader({ batchSize, shuffle: true, seed }), { epochs, signal: run.signal })
  if (fitted.stopped !== null) throw new Interrupted(`${TITLES[name]}: ${fitted.stopped} after step ${fitted.steps}`)
  const outputs = await trainer.predict(test.loader({ batchSize: 500 }))
  const evaluation = evaluate((await outputs.data()) as Float32Array, test.images.labels, classes)
  logEvaluation(run, evaluation, test.images)
  return { name, title: TITLES[name], summary, epochs, trainSeconds: fitted.seconds, running, evaluation }
}

/** Notes the mean loss of every interval; a last, shorter interval has its own mean. */
function runningLoss(running: { step: number; loss: number }[]): Callback {
  let sum = 0
  let batches = 0
  const note = (step: number) => {
    running.push({ step, loss: sum / batches })
    sum = 0
    batches = 0
  }
  return {
    onStep({ step, batchLoss }) {
      sum += batchLoss
      if (++batches === INTERVAL) note(step)
    },
    onFitEnd({ step }) {
      if (batches > 0) note(step)
    },
  }
}

function logEvaluation(
  run: Run,
  { accuracy, perClass, images: counts, confusion, mistakes }: TrainedModel['evaluation'],
  { images, width, height }: MnistDatasets['test']['images'],
): void {
  const size = width * height
  const pictures = mistakes
    .slice(0, 24)
    .map(
      ({ index, truth, guess, confidence }) =>
        new TrackedImage(
          { data: images.subarray(index * size, (index + 1) * size), width, height, channels: 1 },
          { caption: `${truth}, taken for ${guess} (${(confidence * 100).toFixed(1)} %)` },
        ),
    )
  run.log({
    'test/accuracy': accuracy,
    'test/classes': new Table(
      ['class', 'images', 'accuracy'],
      perClass.map((share, digit) => [digit, counts[digit], Number.isNaN(share) ? null : share]),
    ),
    'test/confusion': new ConfusionMatrix({
      classes: perClass.map((_, i) => String(i)),
      counts: confusion as number[][],
    }),
    ...(pictures.length > 0 ? { 'test/mistakes': pictures } : {}),
  })
}
