import { TrainyardError } from '../errors.ts'
import { defaultGenerator, Generator } from '../random/generator.ts'
import { collate } from './collate.ts'
import type { Collated, Dataset } from './dataset.ts'

/** How a data set is gone through. `Dataset.loader` and `DataLoader` take the same. */
export interface LoaderOptions<Sample, Batch = Collated<Sample>> {
  /** Samples of a batch. Default 1. */
  readonly batchSize?: number
  /** Whether every epoch goes through the samples in another order. Default false. */
  readonly shuffle?: boolean
  /** Decides the orders. Default: drawn from the generator that `manualSeed` seeds. */
  readonly seed?: number
  /** Whether a last batch that is not full is left out. Default false. */
  readonly dropLast?: boolean
  /** How many batches are prepared ahead while one is worked on; of use where samples have to be waited for. Default 2. */
  readonly prefetch?: number
  /** Puts the samples of a batch together. Default: `collate`. */
  readonly collate?: (samples: Sample[]) => Batch
}

/** Where a loader stands, and what decides its orders. */
export interface LoaderState {
  readonly seed: number
  readonly epoch: number
  /** Batches of that epoch that were given out. */
  readonly batch: number
}

/**
 * Goes through a data set in batches, once for each `for await`. The order of an epoch is a function of the seed and the
 * epoch's number alone, so that a training that was interrupted continues with the same batches.
 *
 * @example
 * ```ts
 * const set = new data.TensorDataset(rand([100, 3]), zeros([100]))
 * for await (const [x, y] of new data.DataLoader(set, { batchSize: 32, shuffle: true, seed: 1 })) {
 *   console.log(x.shape, y.shape) // [32, 3] [32], at last [4, 3] [4]
 * }
 * ```
 */
export class DataLoader<Sample, Batch = Collated<Sample>> implements AsyncIterable<Batch> {
  readonly dataset: Dataset<Sample>
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  readonly #prefetch: number
  /** Of the samples' type; not said here, so that a loader of tuples is one of lists. */
  readonly #collate: ((samples: never[]) => Batch) | undefined
  #seed: number
  #epoch = 0
  #batch = 0
  /** Whether the next iteration goes on in the middle of an epoch. */
  #continues = false

  constructor(dataset: Dataset<Sample>, options: LoaderOptions<Sample, Batch> = {}) {
    const { batchSize = 1, shuffle = false, dropLast = false, prefetch = 2, seed } = options
    const whole = (value: number, name: string, least: number) => {
      if (!Number.isInteger(value) || value < least) {
        throw new TrainyardError(`DataLoader: ${name} must be an integer of at least ${least}, got ${value}`)
      }
      return value
    }
    this.dataset = dataset
    this.batchSize = whole(batchSize, 'batchSize', 1)
    this.#prefetch = whole(prefetch, 'prefetch', 0)
    this.shuffle = shuffle
    this.dropLast = dropLast
    this.#collate = options.collate
    this.#seed = seed === undefined ? drawSeed() : new Generator(seed).seed
  }

  /** Batches of an epoch. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches)
  }

  /** The samples of an epoch in their order, those of a batch next to one another. Default: the epoch that comes next. */
  order(epoch: number = this.#position().epoch): Int32Array {
    const size = this.dataset.length
    if (!this.shuffle) return Int32Array.from({ length: size }, (_, i) => i)
    const generator = new Generator()
    generator.state = { seed: this.#seed, counter: epoch }
    return generator.permutation(size)
  }

  /** Where it stands: after the batch that was given out last. */
  stateDict(): LoaderState {
    return { seed: this.#seed, epoch: this.#epoch, batch: this.#batch }
  }

  /** The next iteration continues where another loader of the same data stood. */
  loadStateDict({ seed, epoch, batch }: LoaderState): void {
    for (const number of [seed, epoch, batch]) {
      if (!Number.isSafeInteger(number) || number < 0) {
        throw new TrainyardError(
          `DataLoader: a state holds seed, epoch and batch, whole numbers of at least 0, got ${JSON.stringify({ seed, epoch, batch })}`,
        )
      }
    }
    if (batch > this.length) {
      throw new TrainyardError(
        `DataLoader: the state is of batch ${batch}, an epoch has ${this.length} here; is it of another data set or batch size?`,
      )
    }
    this.#seed = seed
    this.#epoch = epoch
    this.#batch = batch
    this.#continues = true
  }

  /** Where the next iteration begins. One that was broken off is not continued unless a state was loaded. */
  #position(): { epoch: number; batch: number } {
    if (this.#batch === 0 || this.#continues) return { epoch: this.#epoch, batch: this.#batch }
    return { epoch: this.#epoch + 1, batch: 0 }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    const { epoch, batch } = this.#position()
    this.#epoch = epoch
    this.#batch = batch
    this.#continues = false
    const order = this.order(epoch)
    const batches = this.length
    const ahead: Promise<Batch>[] = []
    let next = batch
    for (let current = batch; current < batches; current++) {
      while (next < batches && next <= current + this.#prefetch) {
        const promise = this.#load(order, next++)
        // Whoever waits for it hears of a failure; until then it must not end the process.
        promise.catch(() => {})
        ahead.push(promise)
      }
      const ready = await ahead.shift()!
      this.#batch = current + 1
      yield ready
    }
    this.#epoch = epoch + 1
    this.#batch = 0
  }

  async #load(order: Int32Array, batch: number): Promise<Batch> {
    const indices = order.subarray(batch * this.batchSize, (batch + 1) * this.batchSize)
    if (this.dataset.batch && !this.#collate) return (await this.dataset.batch(indices)) as Batch
    const samples = await Promise.all(Array.from(indices, (index) => this.#sample(index)))
    return this.#collate ? this.#collate(samples as never[]) : (collate(samples) as Batch)
  }

  async #sample(index: number): Promise<Sample> {
    try {
      return await this.dataset.get(index)
    } catch (error) {
      if (error instanceof Error) error.message = `sample ${index}: ${error.message}`
      throw error
    }
  }
}

/** A seed from the default generator: two numbers of 24 random bits. */
function drawSeed(): number {
  const [high, low] = defaultGenerator.uniform(2)
  return high * 2 ** 48 + low * 2 ** 24
}
