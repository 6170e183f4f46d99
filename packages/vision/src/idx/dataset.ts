import { data, type Tensor, wrapArray } from '@trainyard/core'
import type { LabelledImages } from './images.ts'
import { type MnistOptions, readMnist } from './mnist.ts'

/** How pixels become numbers. */
export interface Normalisation {
  /** Taken off after pixels have been brought to 0..1. Default 0.5. */
  readonly mean?: number
  /** What is left is divided by it. Default 0.5. */
  readonly deviation?: number
}

/**
 * Labelled images as a data set: batches are [images [N, 1, height, width] float32, labels [N] int32]. The images stay bytes
 * in memory, a quarter of what numbers would take; a table of 256 entries makes numbers of them.
 */
export class ImageDataset extends data.Dataset<[image: Tensor, label: number]> {
  readonly images: LabelledImages
  readonly #numberOf: Float32Array

  constructor(images: LabelledImages, { mean = 0.5, deviation = 0.5 }: Normalisation = {}) {
    super()
    this.images = images
    // Rounded to float32 after every operation, as PyTorch does.
    this.#numberOf = Float32Array.from(
      { length: 256 },
      (_, pixel) => Math.fround(Math.fround(pixel / 255) - mean) / deviation,
    )
  }

  get length(): number {
    return this.images.count
  }

  async get(index: number): Promise<[Tensor, number]> {
    const [images] = this.batch(Int32Array.of(index))
    return [images.squeeze(0), this.images.labels[index]]
  }

  override batch(indices: Int32Array): [images: Tensor, labels: Tensor] {
    const { images, labels, height, width } = this.images
    const size = height * width
    const pixels = new Float32Array(indices.length * size)
    const classes = new Int32Array(indices.length)
    const numberOf = this.#numberOf
    let to = 0
    for (let i = 0; i < indices.length; i++) {
      const from = indices[i] * size
      for (let at = from; at < from + size; at++) pixels[to++] = numberOf[images[at]]
      classes[i] = labels[indices[i]]
    }
    return [wrapArray(pixels, [indices.length, 1, height, width]), wrapArray(classes, [indices.length])]
  }
}

/** Where the images come from, how many, and how pixels become numbers. */
export interface MnistDatasetOptions extends MnistOptions, Normalisation {
  /** Keep only the first so many images of each half. */
  readonly limit?: number
}

/** MNIST, or a data set in its format, ready to be trained on. */
export interface MnistDatasets {
  readonly train: ImageDataset
  readonly test: ImageDataset
  readonly classes: number
  /** In words: where it came from. */
  readonly source: string
}

/**
 * MNIST, or any data set in the same format, as data sets of normalised images.
 *
 * @throws `DataError` as `readMnist` does.
 * @example
 * ```ts
 * const { train, test } = await mnist()
 * for await (const [images, labels] of train.loader({ batchSize: 64, shuffle: true })) console.log(images.shape)
 * ```
 */
export async function mnist({ limit, mean, deviation, ...options }: MnistDatasetOptions = {}): Promise<MnistDatasets> {
  const { train, test, classes, source } = await readMnist(options)
  const normalisation = { ...(mean === undefined ? {} : { mean }), ...(deviation === undefined ? {} : { deviation }) }
  const half = (images: LabelledImages) =>
    new ImageDataset(limit === undefined ? images : firstOf(images, limit), normalisation)
  return { train: half(train), test: half(test), classes, source }
}

function firstOf(images: LabelledImages, limit: number): LabelledImages {
  const count = Math.min(limit, images.count)
  return {
    ...images,
    count,
    images: images.images.subarray(0, count * images.height * images.width),
    labels: images.labels.subarray(0, count),
  }
}
