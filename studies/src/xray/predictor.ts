import { compile, noGrad, type Tensor, wrapArray } from '@trainyard/core'
import type { Image, SegmentationObjective } from '@trainyard/vision'
import type { FilmUnet } from './model.ts'

/** Says of one film after the other where lung is. Nothing of the model changes. */
export type Predictor = (film: Image) => Promise<Image>

/** Makes a predictor of a model: a film of one channel becomes a map of probabilities of the same size. */
export function predictorOf(model: FilmUnet, { probability }: SegmentationObjective): Predictor {
  const run = compile((films: Tensor) => noGrad(() => probability(model.forward(films))))
  return async ({ data, width, height }) => {
    const training = model.training
    model.eval()
    try {
      const result = await run(wrapArray(data, [1, 1, height, width]))
      return { data: (await result.data()) as Float32Array<ArrayBuffer>, width, height, channels: 1 }
    } finally {
      if (training) model.train()
    }
  }
}

/** A map of probabilities cut at a threshold: 1 where it is at least that, else 0. */
export function cut({ data, width, height }: Image, threshold: number): Image {
  return { data: Float32Array.from(data, (value) => (value >= threshold ? 1 : 0)), width, height, channels: 1 }
}
