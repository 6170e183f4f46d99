import {
  countPixels,
  type Image,
  type PixelCounts,
  type SegmentationScores,
  type SegmentationSet,
  scoresFromCounts,
  summariseScores,
} from '@trainyard/vision'
import { THRESHOLD } from './metrics.ts'
import { cut, type Predictor } from './predictor.ts'

/** How well a film's mask was found. */
export interface FilmScore extends SegmentationScores {
  readonly name: string
  readonly patient: string
}

/** A film with what was found in it. */
export interface ShownFilm {
  readonly score: FilmScore
  readonly film: Image
  readonly truth: Image
  readonly probability: Image
  readonly predicted: Image
}

/** How a network does on films that it has not seen. */
export interface Evaluation {
  /** In the set's order. */
  readonly films: readonly FilmScore[]
  readonly counts: readonly PixelCounts[]
  /** The worst first. */
  readonly worst: readonly ShownFilm[]
  /** The best first. */
  readonly best: readonly ShownFilm[]
  /** The one whose F1 is the median. */
  readonly typical: ShownFilm
}

/** Which films a trained network is tested on: of the same source, or from elsewhere. */
export type TestPart = 'test' | 'external'

/** Films of each kind to be shown. */
export const SHOWN = 4

/** Measures every film of a set, and keeps those that a report shows. */
export async function evaluate(
  set: SegmentationSet,
  predict: Predictor,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Evaluation> {
  const counts: PixelCounts[] = []
  const films: FilmScore[] = []
  for (let place = 0; place < set.length; place++) {
    const { name, patient, image, mask } = await set.read(place)
    const probability = await predict(image)
    const counted = countPixels(probability.data, mask.data, THRESHOLD)
    counts.push(counted)
    films.push({ name, patient, ...scoresFromCounts(counted) })
    onProgress(place + 1, set.length)
  }
  const byScore = films.map((_, place) => place).sort((a, b) => films[a].f1 - films[b].f1 || a - b)
  const show = async (place: number): Promise<ShownFilm> => {
    const { image, mask } = await set.read(place)
    const probability = await predict(image)
    return { score: films[place], film: image, truth: mask, probability, predicted: cut(probability, THRESHOLD) }
  }
  const showAll = async (places: readonly number[]) => {
    const shown: ShownFilm[] = []
    for (const place of places) shown.push(await show(place))
    return shown
  }
  // With few films none is shown as both.
  const each = Math.min(SHOWN, Math.max(1, films.length >> 1))
  return {
    films,
    counts,
    worst: await showAll(byScore.slice(0, each)),
    best: await showAll(byScore.slice(Math.max(each, byScore.length - each)).reverse()),
    typical: await show(byScore[byScore.length >> 1]),
  }
}

/** What the films together say, each of them counting the same. */
export function totalOf(counts: readonly PixelCounts[]) {
  const { perImage } = summariseScores(counts)
  return {
    f1Mean: perImage.f1.mean,
    f1Std: perImage.f1.std,
    f1Min: perImage.f1.min,
    iouMean: perImage.iou.mean,
    accuracy: perImage.accuracy.mean,
  }
}

/**
 * What a network would reach that does not look at films at all: the mean mask of the training films, cut at a half, as the
 * answer to every test film. The mean F1 over the test films of all divisions.
 */
export async function withoutLooking(
  divisions: readonly { readonly train: SegmentationSet; readonly test: SegmentationSet }[],
): Promise<number> {
  const counts: PixelCounts[] = []
  for (const { train, test } of divisions) {
    const { width, height } = train.size
    const mean = new Float32Array(width * height)
    for (let place = 0; place < train.length; place++) {
      const { mask } = await train.read(place)
      for (let at = 0; at < mean.length; at++) mean[at] += mask.data[at] / train.length
    }
    const answer = cut({ data: mean, width, height, channels: 1 }, THRESHOLD).data
    for (let place = 0; place < test.length; place++)
      counts.push(countPixels(answer, (await test.read(place)).mask.data, THRESHOLD))
  }
  return totalOf(counts).f1Mean
}
