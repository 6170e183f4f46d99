import { type Run, Image as TrackedImage, Table as TrackedTable } from '@trainyard/tracker'
import type { Callback, Logger } from '@trainyard/train'
import { type Image, type SegmentationSet, segmentationScores } from '@trainyard/vision'
import { type Evaluation, type TestPart, totalOf } from './evaluate.ts'
import { THRESHOLD } from './metrics.ts'
import { cut, type Predictor } from './predictor.ts'

/** Films of the validation set that are looked at after every epoch. */
const LOOKED_AT = 4

/** A film for the tracker, the true and the predicted mask laid over it. */
function trackedFilm(film: Image, truth: Image, predicted: Image, name: string, f1: number): TrackedImage {
  const { data, width, height } = film
  const classes = { 1: 'lung' }
  return new TrackedImage(
    { data, width, height, channels: 1 },
    {
      caption: `${name}: F1 ${f1.toFixed(3)}`,
      masks: { truth: { data: truth.data, classes }, prediction: { data: predicted.data, classes } },
    },
  )
}

/** Logs some validation films after each epoch. */
export function validationPictures(logger: Logger, films: SegmentationSet, predict: Predictor): Callback {
  return {
    async onEpochEnd({ step }) {
      const pictures: TrackedImage[] = []
      for (let place = 0; place < Math.min(LOOKED_AT, films.length); place++) {
        const { name, image, mask } = await films.read(place)
        const probability = await predict(image)
        const { f1 } = segmentationScores(probability.data, mask.data, THRESHOLD)
        pictures.push(trackedFilm(image, mask, cut(probability, THRESHOLD), name, f1))
      }
      logger.log({ 'validation/films': pictures }, { step })
    },
  }
}

/** Logs what the test came to. */
export function logTest(run: Run, { films, counts, worst }: Evaluation, part: TestPart): void {
  const { f1Mean, f1Std, f1Min, iouMean, accuracy } = totalOf(counts)
  const columns = ['name', 'f1', 'iou', 'precision', 'recall', 'accuracy'] as const
  run.log({
    [`${part}/f1`]: f1Mean,
    [`${part}/f1Std`]: f1Std,
    [`${part}/f1Min`]: f1Min,
    [`${part}/iou`]: iouMean,
    [`${part}/accuracy`]: accuracy,
    [`${part}/films`]: new TrackedTable(
      [...columns],
      films.map((film) => columns.map((column) => film[column])),
    ),
    [`${part}/worst`]: worst.map(({ film, truth, predicted, score }) =>
      trackedFilm(film, truth, predicted, score.name, score.f1),
    ),
  })
}
