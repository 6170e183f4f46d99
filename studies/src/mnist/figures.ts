import * as Plot from '@observablehq/plot'
import { createImage, encodePng, type LabelledImages } from '@trainyard/vision'
import { colour, count, drawPlot, type Figure, mix, percent } from '../report/index.ts'
import { wilsonInterval } from '../study/statistics.ts'
import type { TrainedModel } from './result.ts'

const colourOf = (models: readonly TrainedModel[], name: string) =>
  colour(models.length > 1 && models[1].name === name ? 'second' : 'first')

/** How the loss fell while training. */
export function lossFigure(models: readonly TrainedModel[], interval: number): Figure {
  const lines = models.flatMap(({ name, title, running }) => running.map((point) => ({ ...point, name, title })))
  const ends = models.map(({ name, title, running }) => ({ name, title, ...running.at(-1)! }))
  const svg = drawPlot({
    height: 340,
    marginRight: 150,
    marginBottom: 40,
    x: { label: 'step', labelAnchor: 'center', labelOffset: 34 },
    y: { label: 'mean loss', domain: [0, Math.max(...lines.map(({ loss }) => loss))], nice: true, grid: true },
    marks: [
      Plot.line(lines, {
        x: 'step',
        y: 'loss',
        z: 'name',
        stroke: ({ name }) => colourOf(models, name),
        strokeWidth: 2,
      }),
      Plot.text(ends, {
        x: 'step',
        y: 'loss',
        text: ({ title }) => title,
        fill: ({ name }) => colourOf(models, name),
        dx: 8,
        textAnchor: 'start',
        fontWeight: 600,
      }),
    ],
  })
  return {
    name: 'loss',
    title: 'Running loss',
    caption: `Mean negative log-likelihood of each ${interval} batches (n = ${interval} a point; the last point of a training may rest on fewer), as seen while training.`,
    svg,
  }
}

/** Right answers class by class. */
export function classFigure(models: readonly TrainedModel[]): Figure {
  const { images } = models[0].evaluation
  const points = models.flatMap(({ name, title, evaluation }, place) =>
    evaluation.perClass.flatMap((share, digit) => {
      if (Number.isNaN(share)) return []
      const [low, high] = wilsonInterval(Math.round(share * images[digit]), images[digit])
      return [{ name, title, digit, share, low, high, x: digit + (models.length > 1 ? (place - 0.5) * 0.22 : 0) }]
    }),
  )
  const svg = drawPlot({
    height: 340,
    marginBottom: 50,
    marginLeft: 56,
    x: {
      domain: [-0.5, images.length - 0.5],
      ticks: images.map((_, digit) => digit),
      tickFormat: (digit: number) => `${digit}\nn = ${count(images[digit])}`,
      label: null,
    },
    y: { label: 'right', tickFormat: (share: number) => percent(share, 0), grid: true, nice: true },
    marks: [
      Plot.ruleX(points, {
        x: 'x',
        y1: 'low',
        y2: 'high',
        stroke: ({ name }) => colourOf(models, name),
        strokeWidth: 1.5,
        strokeOpacity: 0.6,
      }),
      Plot.dot(points, {
        x: 'x',
        y: 'share',
        fill: ({ name }) => colourOf(models, name),
        symbol: ({ name }: (typeof points)[number]) =>
          colourOf(models, name) === colour('second') ? 'triangle' : 'circle',
        r: 4.5,
      }),
    ],
  })
  const legend = models
    .map(
      ({ title, name }) =>
        `${colourOf(models, name) === colour('second') ? 'Orange triangles' : 'Blue dots'}: ${title}`,
    )
    .join('. ')
  return {
    name: 'classes',
    title: 'Right answers by class',
    caption: `Share of the n test images of each class, with Wilson's 95 % interval; one training of each network. ${legend}.`,
    svg,
  }
}

/** What was taken for what. */
export function confusionFigure({ name, title, evaluation }: TrainedModel): Figure {
  const { confusion, images, mistakes } = evaluation
  const cells = confusion.flatMap((row, truth) => row.map((n, guess) => ({ truth, guess, n, right: truth === guess })))
  const worst = Math.max(1, ...cells.filter(({ right }) => !right).map(({ n }) => n))
  const fill = ({ n, right, truth }: (typeof cells)[number]) =>
    right
      ? mix(colour('paper'), colour('first'), 0.15 + 0.35 * (n / images[truth] || 0))
      : mix(colour('paper'), colour('second'), n === 0 ? 0.02 : 0.12 + 0.7 * (n / worst))
  const svg = drawPlot({
    width: 620,
    height: 560,
    marginLeft: 50,
    marginTop: 50,
    x: { type: 'band', axis: 'top', label: 'taken for', labelAnchor: 'center', padding: 0.04 },
    y: { type: 'band', label: 'it is', padding: 0.04 },
    marks: [
      Plot.cell(cells, { x: 'guess', y: 'truth', fill }),
      ...[true, false].map((diagonal) =>
        Plot.text(
          cells.filter(({ n, right }) => n > 0 && right === diagonal),
          { x: 'guess', y: 'truth', text: ({ n }) => count(n), fontWeight: diagonal ? 600 : 400 },
        ),
      ),
    ],
  })
  return {
    name: `confusion-${name}`,
    title: `${title}: what was taken for what`,
    caption: `n = ${count(evaluation.right.length)} test images, ${mistakes.length} mistakes. Rows: the class an image has; columns: the class it was given. Blue is right; the darker the orange, the more mistakes.`,
    svg,
  }
}

/** The mistakes that the network was surest of. */
export function mistakesFigure({ name, title, evaluation }: TrainedModel, test: LabelledImages, limit = 24): Figure {
  const shown = evaluation.mistakes.slice(0, limit)
  const columns = 8
  const placed = shown.map((mistake, i) => ({ ...mistake, column: i % columns, row: Math.floor(i / columns) }))
  const rows = Math.max(1, Math.ceil(shown.length / columns))
  const svg = drawPlot({
    height: 20 + rows * 124,
    margin: 0,
    marginTop: 6,
    x: { type: 'point', domain: Array.from({ length: columns }, (_, i) => i), axis: null, padding: 0.5 },
    y: { type: 'point', domain: Array.from({ length: rows }, (_, i) => i), axis: null, padding: 0.5 },
    marks: [
      Plot.image(placed, {
        x: 'column',
        y: 'row',
        src: ({ index }) => pictureOf(test, index),
        width: 76,
        height: 76,
        dy: -14,
        imageRendering: 'pixelated',
      }),
      Plot.text(placed, {
        x: 'column',
        y: 'row',
        text: ({ truth, guess }) => `${truth}, not ${guess}`,
        dy: 36,
        fontWeight: 600,
      }),
      Plot.text(placed, {
        x: 'column',
        y: 'row',
        text: ({ confidence }) => `${percent(confidence)} sure`,
        dy: 52,
        fill: colour('quiet'),
        fontSize: 11,
      }),
    ],
  })
  return {
    name: `mistakes-${name}`,
    title: `${title}: its worst mistakes`,
    caption: `The ${shown.length} of ${evaluation.mistakes.length} mistakes in ${count(evaluation.right.length)} test images of which the network was surest: what the image is, what it was taken for, and the probability given to that.`,
    svg,
  }
}

/** An image of the data set as a PNG in a data address. */
function pictureOf(set: LabelledImages, index: number): string {
  const { width, height, images } = set
  const picture = createImage(width, height)
  for (let i = 0; i < width * height; i++) picture.data[i] = images[index * width * height + i] / 255
  return `data:image/png;base64,${Buffer.from(encodePng(picture)).toString('base64')}`
}
