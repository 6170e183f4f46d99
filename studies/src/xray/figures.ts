import * as Plot from '@observablehq/plot'
import type { EpochRecord } from '@trainyard/train'
import { createImage, difference, type Image, overlay, type SegmentationSet } from '@trainyard/vision'
import { colour, drawPictures, drawPlot, type Figure, type GridPicture } from '../report/index.ts'
import type { FilmScore, ShownFilm, TestPart } from './evaluate.ts'

const SAMPLES = 8
const COLUMNS = 4

/** Some training films with the true lungs marked. */
export async function samplesFigure(train: SegmentationSet): Promise<Figure> {
  const count = Math.min(SAMPLES, train.length)
  // Spread over the whole set, which may be sorted by hospital.
  const places = Array.from({ length: count }, (_, i) => Math.floor((i * train.length) / count))
  const pictures: GridPicture[] = []
  for (const place of places) {
    const { name, image, mask } = await train.read(place)
    pictures.push({ image: overlay(image, { truth: mask }), caption: shortened(name) })
  }
  const rows = Array.from({ length: Math.ceil(count / COLUMNS) }, (_, row) => ({
    pictures: pictures.slice(row * COLUMNS, (row + 1) * COLUMNS),
  }))
  return {
    name: 'samples',
    title: 'Films that the network learns from',
    caption: `${count} of the ${train.length} training films, as the network sees them, before augmentation. Blue: the lungs as the data set marks them.`,
    svg: drawPictures({ rows }),
  }
}

/** How the loss fell, on training and validation films. */
export function lossFigure(
  history: readonly EpochRecord[],
  bestEpoch: number,
  films: { train: number; validation: number },
): Figure {
  const lines = ['train', 'validation'].flatMap((part) =>
    history.flatMap(({ epoch, metrics }) => {
      const loss = metrics[`${part}/loss`]
      return loss === undefined ? [] : [{ part, epoch, loss }]
    }),
  )
  return {
    name: 'loss',
    title: 'Loss, epoch by epoch',
    caption: `Training: mean over the ${films.train} training films as they were seen, augmented and with weights that still move. Validation: the ${films.validation} validation films at the end of the epoch, in evaluation mode. The vertical rule marks epoch ${bestEpoch}, the least validation loss, whose weights were kept.`,
    svg: drawPlot({
      height: 330,
      marginRight: 90,
      marginBottom: 44,
      x: epochAxis(history.length),
      y: { label: 'loss', grid: true, nice: true, domain: [0, Math.max(...lines.map(({ loss }) => loss))] },
      marks: curves(lines, 'loss', bestEpoch),
    }),
  }
}

/** How the validation scores rose. */
export function scoresFigure(history: readonly EpochRecord[], bestEpoch: number, films: number): Figure {
  const names = [
    ['f1', 'F1'],
    ['iou', 'IoU'],
  ] as const
  const lines = names.flatMap(([metric, part]) =>
    history.flatMap(({ epoch, metrics }) => {
      const value = metrics[`validation/${metric}`]
      return value === undefined ? [] : [{ part, epoch, value }]
    }),
  )
  return {
    name: 'scores',
    title: 'Validation scores, epoch by epoch',
    caption: `Mean over the ${films} validation films; F1 is the Dice coefficient, IoU the Jaccard index, both at a probability of 0.5. With so few films the curves tremble.`,
    svg: drawPlot({
      height: 310,
      marginRight: 90,
      marginBottom: 44,
      x: epochAxis(history.length),
      y: { label: 'score', grid: true, domain: [Math.min(0.8, ...lines.map(({ value }) => value)), 1], nice: true },
      marks: curves(lines, 'value', bestEpoch),
    }),
  }
}

const epochAxis = (count: number) =>
  ({ label: 'epoch', labelAnchor: 'center', labelOffset: 40, ticks: Math.min(10, count), tickFormat: 'd' }) as const

function curves<T extends { part: string; epoch: number }>(lines: readonly T[], y: keyof T & string, best: number) {
  const parts = [...new Set(lines.map(({ part }) => part))]
  const stroke = ({ part }: T) => colour(part === parts[0] ? 'first' : 'second')
  const ends = parts.flatMap((part) => lines.filter((line) => line.part === part).slice(-1))
  return [
    Plot.ruleX([best], { stroke: colour('quiet'), strokeDasharray: '3 3' }),
    Plot.line(lines, { x: 'epoch', y, z: 'part', stroke, strokeWidth: 2 }),
    ...(lines.length < 60 ? [Plot.dot(lines, { x: 'epoch', y, fill: stroke, r: 2.4 })] : []),
    ...ends.map((end, i) =>
      Plot.text([end], {
        x: 'epoch',
        y,
        text: 'part',
        fill: stroke,
        dx: 8,
        // Two ends that lie close are pulled apart.
        dy:
          ends.length === 2 && nearEnds(lines, ends, y)
            ? (ends[i][y] as number) >= (ends[1 - i][y] as number)
              ? -8
              : 8
            : 0,
        textAnchor: 'start',
        fontWeight: 600,
      }),
    ),
  ]
}

function nearEnds<T>(lines: readonly T[], [a, b]: readonly T[], y: keyof T): boolean {
  const values = lines.map((line) => line[y] as number)
  const range = Math.max(...values) - Math.min(...values)
  return Math.abs((a[y] as number) - (b[y] as number)) < 0.06 * range
}

/** One test film in detail. */
export function typicalFigure({ score, film, truth, predicted, probability }: ShownFilm, films: number): Figure {
  return {
    name: 'typical',
    title: `One test film: ${score.name}`,
    caption: `A film in the middle of the ${films} test films by its F1, ${score.f1.toFixed(4)}. Blue outline: true mask; orange: predicted; green where both agree. Probability: black 0, white 1, cut at 0.5.`,
    svg: drawPictures({
      heads: ['film', 'true mask', 'true and predicted', 'probability of lung'],
      rows: [
        {
          pictures: [
            { image: film },
            { image: overlay(film, { truth }) },
            { image: overlay(film, { truth, predicted }) },
            { image: probability },
          ],
        },
      ],
    }),
  }
}

/** The films at one end of the list, with what is wrong about them. */
export function endFigure(
  which: 'worst' | 'best',
  shown: readonly ShownFilm[],
  films: number,
  part: TestPart = 'test',
): Figure {
  const title = which === 'worst' ? 'Where it does worst' : 'Where it does best'
  return {
    name: part === 'test' ? which : `${part}-${which}`,
    title: part === 'test' ? title : `${title} elsewhere`,
    caption: `The ${shown.length} of ${films} ${part} films with the ${which === 'worst' ? 'lowest' : 'highest'} F1. Difference: grey where both masks say lung, blue what was missed, orange what was taken for lung and is none.`,
    svg: drawPictures({
      heads: ['film', 'true', 'predicted', 'difference'],
      rows: shown.map(({ score, film, truth, predicted }) => ({
        label: [
          shortened(score.name, 15),
          `F1 ${score.f1.toFixed(4)}`,
          `precision ${score.precision.toFixed(3)}`,
          `recall ${score.recall.toFixed(3)}`,
        ],
        pictures: [
          { image: film },
          { image: overlay(film, { truth }) },
          { image: overlay(film, { predicted }) },
          { image: framed(difference(truth, predicted)) },
        ],
      })),
    }),
  }
}

/** Every test film as a dot. */
export function filmsFigure(films: readonly FilmScore[], mean: number): Figure {
  const sorted = [...films].sort((a, b) => a.f1 - b.f1).map((film, place) => ({ ...film, place: place + 1 }))
  const low = Math.min(0.9, Math.floor(sorted[0].f1 * 20) / 20)
  return {
    name: 'films',
    title: 'Every test film, from worst to best',
    caption: `n = ${films.length} films, one dot each; the rule is their mean, ${mean.toFixed(4)}. A mean hides how far the worst lie below it.`,
    svg: drawPlot({
      height: 310,
      marginRight: 60,
      marginBottom: 44,
      x: { ...epochAxis(films.length), label: 'films, sorted' },
      y: { label: 'F1', domain: [low, 1], grid: true },
      marks: [
        Plot.ruleY([mean], { stroke: colour('second'), strokeWidth: 1.5 }),
        Plot.text([mean], {
          x: sorted.length,
          y: (value: number) => value,
          text: () => 'mean',
          dx: 12,
          textAnchor: 'start',
          fill: colour('second'),
          fontWeight: 600,
        }),
        Plot.dot(sorted, { x: 'place', y: 'f1', r: films.length > 150 ? 2 : 4, fill: colour('first') }),
        Plot.text(sorted.slice(0, 1), {
          x: 'place',
          y: 'f1',
          text: ({ name }: FilmScore) => shortened(name),
          dx: 9,
          textAnchor: 'start',
        }),
      ],
    }),
  }
}

/** A black picture on a black page has no edge of its own. */
function framed(image: Image): Image {
  const { width, height } = image
  const result = createImage(width, height, 3)
  result.data.set(image.data)
  for (let at = 0; at < width * height; at++) {
    const x = at % width
    const y = (at - x) / width
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) result.data.fill(0.25, 3 * at, 3 * at + 3)
  }
  return result
}

/** A name that fits beside or below a picture. */
function shortened(name: string, most = 18): string {
  const head = Math.ceil((most - 1) / 2)
  return name.length > most ? `${name.slice(0, head)}…${name.slice(head + 1 - most)}` : name
}
