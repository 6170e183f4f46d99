import type { Augmentation } from '../augment/augmentation.ts'
import { builtin, hasBuiltins } from '../platform/builtin.ts'
import { Random } from '../random/random.ts'
import { ahead } from '../workers/ahead.ts'
import { WorkerPool } from '../workers/pool.ts'
import { createArraySamples, putSample } from './arrays.ts'
import { type LoadJob, type LoadSettings, loadSample } from './load.ts'
import type { Sample } from './sample.ts'
import { SegmentationSet } from './set.ts'

/** How samples are read ahead. */
export interface LoaderOptions {
  /** What is done to every sample, anew each epoch. Nothing by default. */
  augmentations?: readonly Augmentation[]
  /** What augmentation and order are drawn from. */
  seed?: number
  /** Threads that read and augment; 0: none, all is done where it is asked for. Default: one less than there are cores, 1 to 4. */
  workers?: number
  /** How many samples may be ready or in the making ahead of the consumer. Default 16. */
  ahead?: number
}

/**
 * Reads and augments the samples of a set in worker threads, ahead of who uses them.
 *
 * What it gives depends on seed and epoch alone, not on the number of workers. Close it when done.
 *
 * @example
 * ```ts
 * const train = new SegmentationSet({ kind: 'phantoms', count: 4, width: 64, height: 64, seed: 1 })
 * const loader = new SampleLoader(train, { augmentations: LIGHT_AUGMENTATION, seed: 42 })
 * for await (const { image, mask } of loader.epoch(0, { shuffle: true })) console.log(image.width, mask.width)
 * await loader.close()
 * ```
 */
export class SampleLoader {
  readonly set: SegmentationSet
  readonly #settings: LoadSettings
  readonly #ahead: number
  readonly #pool: WorkerPool<LoadJob, Sample> | undefined

  constructor(set: SegmentationSet, options: LoaderOptions = {}) {
    this.set = set
    this.#settings = { source: set.source, augmentations: options.augmentations ?? [], seed: options.seed ?? 0 }
    this.#ahead = options.ahead ?? 16
    const threads = options.workers ?? defaultWorkers()
    if (threads > 0 && hasBuiltins)
      this.#pool = new WorkerPool(workerModule(), { threads: Math.min(threads, this.#ahead), data: this.#settings })
  }

  /**
   * The samples of one epoch, in the set's order or shuffled. Leaving the loop early stops the reading.
   *
   * @param epoch Which; augmentations and order are drawn anew for each.
   * @throws `DataError` naming the sample or file, in the place where the sample would have come.
   */
  epoch(epoch: number, options: { shuffle?: boolean } = {}): AsyncGenerator<Sample, void, undefined> {
    return ahead(this.order(epoch, options), (place) => this.load(place, epoch), this.#ahead)
  }

  /** The places of the set in an epoch's order. */
  order(epoch: number, options: { shuffle?: boolean } = {}): Uint32Array {
    if (options.shuffle) return new Random(this.#settings.seed, epoch, 0, SHUFFLE).permutation(this.set.length)
    return Uint32Array.from({ length: this.set.length }, (_, index) => index)
  }

  /** One sample of the set, as it is in an epoch. */
  load(place: number, epoch: number): Promise<Sample> {
    const job = { index: this.set.indices[place], place, epoch }
    return this.#pool ? this.#pool.ask(job) : loadSample(this.#settings, job)
  }

  /** Ends the threads. What is still being read is given up. */
  async close(): Promise<void> {
    await this.#pool?.close()
  }
}

/**
 * Reads a whole set into shared memory, so that every later epoch costs only the augmentation, and every file that cannot be
 * read is found before training begins.
 *
 * @param options `maxBytes`: give the set back as it is if it needs more (1 GiB by default). `onProgress`: called after each
 * sample.
 * @returns A set of the same samples in the same order.
 */
export async function intoMemory(
  set: SegmentationSet,
  options: { workers?: number; maxBytes?: number; onProgress?: (done: number, total: number) => void } = {},
): Promise<SegmentationSet> {
  const { width, height, channels } = set.size
  if (set.source.kind === 'arrays' || set.length * width * height * (4 * channels + 1) > (options.maxBytes ?? 2 ** 30))
    return set
  const samples = createArraySamples(set.infos(), width, height, channels)
  const loader = new SampleLoader(set, { workers: options.workers })
  try {
    let done = 0
    for await (const { image, mask } of loader.epoch(0)) {
      putSample(samples, done++, image, mask)
      options.onProgress?.(done, set.length)
    }
  } finally {
    await loader.close()
  }
  return new SegmentationSet({ kind: 'arrays', samples })
}

/** Which stream of random numbers orders the samples. */
const SHUFFLE = 999

function defaultWorkers(): number {
  return hasBuiltins ? Math.max(1, Math.min(4, builtin('node:os').availableParallelism() - 1)) : 0
}

/** The worker beside this module, TypeScript in the repository and JavaScript once built. */
function workerModule(): URL {
  return new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
}
