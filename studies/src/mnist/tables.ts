import type { nn } from '@trainyard/core'
import { count, duration, percent, type Table } from '../report/index.ts'
import { wilsonInterval } from '../study/statistics.ts'
import { isMnist, REPORTED, type TrainedModel } from './result.ts'

/** The networks side by side: size, time, accuracy. */
export function modelTable(models: readonly TrainedModel[]): Table {
  const comparable = isMnist(models[0].evaluation.images)
  const total = models[0].evaluation.right.length
  return {
    head: [
      'network',
      'parameters',
      'multiply-adds an image',
      'epochs',
      'training',
      'accuracy',
      '95 % interval',
      ...(comparable ? ['report'] : []),
    ],
    rows: models.map(({ name, title, summary, epochs, trainSeconds, evaluation }) => {
      const right = total - evaluation.mistakes.length
      const [low, high] = wilsonInterval(right, total)
      return [
        title,
        count(summary.parameters),
        count(summary.multiplyAdds),
        epochs,
        duration(trainSeconds),
        percent(evaluation.accuracy, 2),
        `${percent(low, 2)} – ${percent(high, 2)}`,
        ...(comparable ? [REPORTED[name].overall] : []),
      ]
    }),
    caption: `One training of each network (n = 1), measured on all ${count(total)} test images. The interval is Wilson's for these images; another training from other first weights moves the result as well, which one run cannot show.`,
  }
}

/** Right answers class by class, the networks side by side. */
export function classTable(models: readonly TrainedModel[]): Table {
  const { images } = models[0].evaluation
  const comparable = isMnist(images)
  const total = images.reduce((sum, n) => sum + n, 0)
  const difference = (shares: readonly number[]) =>
    shares.length === 2 ? [`${((shares[1] - shares[0]) * 100).toFixed(1).replace(/^(?=\d)/, '+')}`] : []
  const share = (value: number) => (Number.isNaN(value) ? '–' : percent(value))
  const line = (name: string, n: number, shares: readonly number[], reported: readonly string[]) => [
    name,
    count(n),
    ...shares.map(share),
    ...difference(shares),
    ...(comparable ? reported : []),
  ]
  return {
    head: [
      'class',
      'n',
      ...models.map(({ title }) => title),
      ...(models.length === 2 ? ['difference, points'] : []),
      ...(comparable ? models.map(({ title }) => `report: ${title}`) : []),
    ],
    rows: [
      ...images.map((n, digit) =>
        line(
          String(digit),
          n,
          models.map(({ evaluation }) => evaluation.perClass[digit]),
          models.map(({ name }) => percent(REPORTED[name].perClass[digit])),
        ),
      ),
      line(
        '**all**',
        total,
        models.map(({ evaluation }) => evaluation.accuracy),
        models.map(({ name }) => REPORTED[name].overall),
      ),
    ],
    caption: `Share of the n test images of each class that were recognised; one training of each network.${
      comparable
        ? ' The report counted only the first 10 images of every batch, 1,570 of the 10,000, so its numbers rest on about a sixth of the images.'
        : ''
    }`,
  }
}

/** A network layer by layer. */
export function layerTable({ title, summary }: { title: string; summary: nn.Summary }): Table {
  return {
    head: ['', 'layer', 'output', 'parameters'],
    rows: summary.layers
      .filter(({ isLayer }) => isLayer)
      .map(({ key, layer, outputShape, parameters }) => [
        key,
        `\`${layer}\``,
        outputShape ? outputShape.slice(1).join(' × ') : '',
        parameters === 0 ? '–' : count(parameters),
      ]),
    caption: `${title}, layer by layer: output of one image and number of parameters, ${count(summary.parameters)} together.`,
    textColumns: [0, 1],
  }
}

/** What is most often taken for what. */
export function confusionPairs({ evaluation, title }: TrainedModel, limit = 6): Table {
  const pairs = evaluation.confusion.flatMap((row, truth) =>
    row.flatMap((n, guess) => (n > 0 && guess !== truth ? [{ truth, guess, n }] : [])),
  )
  pairs.sort((a, b) => b.n - a.n || a.truth - b.truth || a.guess - b.guess)
  return {
    head: ['it is', 'taken for', 'images', 'of'],
    rows: pairs
      .slice(0, limit)
      .map(({ truth, guess, n }) => [String(truth), String(guess), n, count(evaluation.images[truth])]),
    caption: `${title}: the most frequent mistakes, of ${evaluation.mistakes.length} on ${count(evaluation.right.length)} test images.`,
    textColumns: [],
  }
}
