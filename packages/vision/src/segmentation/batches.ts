import { type Tensor, TrainyardError, wrapArray } from '@trainyard/core'
import { ahead } from '../workers/ahead.ts'
import { type LoaderOptions, SampleLoader } from './loader.ts'
import type { Sample } from './sample.ts'
import type { SegmentationSet } from './set.ts'

/** How batches are made. */
export interface BatchesOptions extends LoaderOptions {
  /** Samples of a batch. Default 8. */
  readonly batchSize?: number
  /** Whether every epoch goes through the samples in another order. Default false. */
  readonly shuffle?: boolean
  /** Whether a last batch that is not full is left out. Default false. */
  readonly dropLast?: boolean
}

/** Where batches stand, and what decides their order and augmentation. */
export interface BatchesState {
  readonly seed: number
  readonly epoch: number
  /** Batches of that epoch that were given out. */
  readonly batch: number
}

/** Pictures [N, C, H, W] with values 0..1, and their masks [N, 1, H, W] of zeros and ones. */
export type SegmentationBatch = [images: Tensor, masks: Tensor]

/**
 * A set of pictures and masks in batches, read and augmented ahead in worker threads: what a `Trainer` trains on. It goes once
 * through the set for each `for await`. Order and augmentation are functions of seed and epoch, so a training that was
 * interrupted continues with the same batches. Close it when done.
 *
 * @example
 * ```ts
 * const train = new SegmentationSet({ kind: 'phantoms', count: 8, width: 64, height: 64, seed: 1 })
 * const options = { batchSize: 4, shuffle: true, seed: 42, augmentations: LIGHT_AUGMENTATION }
 * const batches = new SegmentationBatches(train, options)
 * for await (const [images, masks] of batches) console.log(images.shape, masks.shape)
 * await batches.close()
 * ```
 */
export class SegmentationBatches implements AsyncIterable<SegmentationBatch> {
  readonly set: SegmentationSet
  readonly batchSize: number
  readonly #options: BatchesOptions
  #loader: SampleLoader
  #seed: number
  #epoch = 0
  #batch = 0
  /** Whether the next iteration goes on in the middle of an epoch. */
  #continues = false

  constructor(set: SegmentationSet, options: BatchesOptions = {}) {
    const { batchSize = 8, seed = 0 } = options
    if (!(Number.isInteger(batchSize) && batchSize >= 1))
      throw new TrainyardError(`SegmentationBatches: batchSize must be a whole number from 1 up, got ${batchSize}`)
    this.set = set
    this.batchSize = batchSize
    this.#options = { ...options, ahead: options.ahead ?? Math.max(16, 2 * batchSize) }
    this.#seed = seed
    this.#loader = new SampleLoader(set, { ...this.#options, seed })
  }

  /** Batches of an epoch. */
  get length(): number {
    const batches = this.set.length / this.batchSize
    return this.#options.dropLast ? Math.floor(batches) : Math.ceil(batches)
  }

  /** Where it stands: after the batch that was given out last. */
  stateDict(): BatchesState {
    return { seed: this.#seed, epoch: this.#epoch, batch: this.#batch }
  }

  /** The next iteration continues where others of the same set stood. */
  loadStateDict({ seed, epoch, batch }: BatchesState): void {
    for (const number of [seed, epoch, batch])
      if (!Number.isSafeInteger(number) || number < 0)
        throw new TrainyardError(
          `SegmentationBatches: a state holds seed, epoch and batch, whole numbers from 0 up, got ${JSON.stringify({ seed, epoch, batch })}`,
        )
    if (batch > this.length)
      throw new TrainyardError(
        `SegmentationBatches: the state is of batch ${batch}, an epoch has ${this.length} here; is it of another set or batch size?`,
      )
    if (seed !== this.#seed) {
      void this.#loader.close()
      this.#loader = new SampleLoader(this.set, { ...this.#options, seed })
    }
    this.#seed = seed
    this.#epoch = epoch
    this.#batch = batch
    this.#continues = true
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SegmentationBatch, void, undefined> {
    // One that was broken off is not continued unless a state was loaded.
    const goesOn = this.#batch === 0 || this.#continues
    const epoch = goesOn ? this.#epoch : this.#epoch + 1
    let batch = goesOn ? this.#batch : 0
    this.#epoch = epoch
    this.#batch = batch
    this.#continues = false
    const loader = this.#loader
    const order = loader.order(epoch, { shuffle: this.#options.shuffle })
    const end = Math.min(order.length, this.length * this.batchSize)
    const places = order.subarray(batch * this.batchSize, end)
    let samples: Sample[] = []
    for await (const sample of ahead(places, (place) => loader.load(place, epoch), this.#options.ahead!)) {
      samples.push(sample)
      if (samples.length < this.batchSize && batch * this.batchSize + samples.length < end) continue
      this.#batch = ++batch
      yield together(samples)
      samples = []
    }
    this.#epoch = epoch + 1
    this.#batch = 0
  }

  /** Ends the worker threads. */
  async close(): Promise<void> {
    await this.#loader.close()
  }
}

/** Channels come first in a network's pictures, last in ours. */
function together(samples: readonly Sample[]): SegmentationBatch {
  const { width, height, channels } = samples[0].image
  const pixels = width * height
  const images = new Float32Array(samples.length * channels * pixels)
  const masks = new Float32Array(samples.length * pixels)
  samples.forEach(({ image, mask }, index) => {
    masks.set(mask.data, index * pixels)
    const start = index * channels * pixels
    if (channels === 1) images.set(image.data, start)
    else
      for (let channel = 0; channel < channels; channel++)
        for (let pixel = 0; pixel < pixels; pixel++)
          images[start + channel * pixels + pixel] = image.data[pixel * channels + channel]
  })
  return [
    wrapArray(images, [samples.length, channels, height, width]),
    wrapArray(masks, [samples.length, 1, height, width]),
  ]
}
