import { count, meanAndDeviation, type Table } from '../report/index.ts'
import { summarise } from '../study/statistics.ts'
import type { Parts, XrayData } from './data.ts'
import type { FilmScore, TestPart } from './evaluate.ts'
import type { FoldResult, XrayResult } from './result.ts'
import type { XraySettings } from './settings.ts'

const patientsOf = (set: Parts['train']) => new Set(set.infos().map(({ patient }) => patient)).size

/** Who is where. */
export function divisionTable({ divisions, external }: XrayData): Table {
  const [parts] = divisions
  return {
    head: ['part', 'films', 'patients', 'what for'],
    rows: [
      ['training', parts.train.length, patientsOf(parts.train), 'the weights are fitted to these'],
      [
        'validation',
        parts.validation.length,
        patientsOf(parts.validation),
        'these choose the epoch whose weights are kept',
      ],
      ['test', parts.test.length, patientsOf(parts.test), 'looked at once, at the end'],
      ...(external
        ? [
            [
              'external',
              external.films.length,
              patientsOf(external.films),
              `${external.source}: looked at once, at the end`,
            ],
          ]
        : []),
    ],
    caption:
      divisions.length > 1
        ? `The first of ${divisions.length} folds. No patient is on two sides.`
        : 'No patient is on two sides.',
    textColumns: [0, 3],
  }
}

/** With what the network was trained. */
export function settingsTable(settings: XraySettings, seed: number, parameters: number, beginning: string): Table {
  const { encoder, loss, optimizer, learningRate, batchSize, epochs, size, augment } = settings
  return {
    head: ['setting', 'value'],
    rows: [
      ['network', `U-Net, encoder ${encoder}, ${count(parameters)} parameters`],
      ['begins with', beginning],
      ['films', `${size} × ${size} pixels, one channel, 0 to 1`],
      ['loss', `\`${loss}\``],
      ['optimizer', `${optimizer === 'adam' ? 'Adam' : 'SGD'}, learning rate ${learningRate}`],
      ['batches', `${batchSize} films`],
      ['epochs', epochs],
      ['augmentation', augment ? 'up to 8° turned, 10 % zoomed, 4 % moved; brightness, contrast, gamma' : 'none'],
      ['seed', seed],
    ],
    caption: 'What was asked for; with the same seed the same comes out, bit for bit on the same kind of machine.',
    textColumns: [0, 1],
  }
}

const score = (value: number) => value.toFixed(4)

/** The test set in one line, and the external films in another one where there are any. */
export function totalTable({ test, external, folds }: Pick<XrayResult, 'test' | 'external' | 'folds'>): Table {
  const parts = external
    ? ([
        ['test', test],
        ['external', external],
      ] as const)
    : ([['test', test]] as const)
  const often = external && folds ? ` Each external film is there ${folds.length} times, once from each network.` : ''
  return {
    head: ['films', 'n', 'F1 mean ± sd', 'F1 worst', 'IoU mean', 'pixel accuracy'],
    rows: parts.map(([name, { f1Mean, f1Std, f1Min, iouMean, accuracy, perImage }]) => [
      name,
      perImage.length,
      meanAndDeviation(f1Mean, f1Std, 4),
      ...[f1Min, iouMean, accuracy].map(score),
    ]),
    caption: `Each film counts the same; a pixel counts as lung from a probability of 0.5 on.${often}`,
  }
}

/** Every film that was tested, the worst first; for the terminal perhaps only so many. */
export function filmsTable(films: readonly FilmScore[], part: TestPart, most = films.length): Table {
  const sorted = [...films].sort((a, b) => a.f1 - b.f1).slice(0, most)
  const which =
    sorted.length < films.length
      ? `The ${sorted.length} worst of ${films.length} ${part} films; the report has all of them`
      : `All ${films.length} ${part} films, the worst first`
  return {
    head: ['film', 'F1', 'IoU', 'precision', 'recall', 'pixel accuracy'],
    rows: sorted.map(({ name, f1, iou, precision, recall, accuracy }) => [
      name,
      ...[f1, iou, precision, recall, accuracy].map(score),
    ]),
    caption: `${which}. Precision: which share of what was found is lung; recall: which share of the lung was found.`,
  }
}

/** The folds of a cross-validation. */
export function foldsTable(folds: readonly FoldResult[]): Table {
  const over = (means: readonly number[]) => {
    const { mean, deviation } = summarise(means)
    return `**${meanAndDeviation(mean, deviation ?? 0, 4)}**`
  }
  const further = folds.flatMap(({ external }) => (external ? [external] : []))
  const externally = further.length > 0
  return {
    head: [
      'fold',
      'train',
      'validation',
      'test',
      'best epoch',
      'F1 mean ± sd',
      'F1 worst',
      'IoU mean',
      'pixel accuracy',
      ...(externally ? ['external F1 mean ± sd'] : []),
    ],
    rows: [
      ...folds.map((fold) => [
        fold.fold,
        fold.train,
        fold.validation,
        fold.test,
        fold.bestEpoch,
        meanAndDeviation(fold.f1Mean, fold.f1Std, 4),
        score(fold.f1Min),
        score(fold.iouMean),
        score(fold.accuracy),
        ...(fold.external ? [meanAndDeviation(fold.external.f1Mean, fold.external.f1Std, 4)] : []),
      ]),
      [
        '**all**',
        ...['', '', '', ''],
        over(folds.map(({ f1Mean }) => f1Mean)),
        ...['', '', ''],
        ...(externally ? [over(further.map(({ f1Mean }) => f1Mean))] : []),
      ],
    ],
    caption: `n = ${folds.length} trainings, each from new weights on other films. In the last line: mean of the folds' means and their standard deviation (n − 1), which is how much the choice of films changes the result.`,
    textColumns: [],
  }
}
