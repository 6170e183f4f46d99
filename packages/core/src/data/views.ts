import { TrainyardError } from '../errors.ts'
import { defaultGenerator, Generator } from '../random/generator.ts'
import { Dataset } from './dataset.ts'

/** Some samples of a data set, in an order of their own. */
export class Subset<Sample> extends Dataset<Sample> {
  readonly dataset: Dataset<Sample>
  readonly indices: Int32Array

  constructor(dataset: Dataset<Sample>, indices: ArrayLike<number>) {
    super()
    this.dataset = dataset
    this.indices = Int32Array.from(indices)
    for (const index of this.indices) checkIndex('Subset', index, dataset.length)
    // Batches can be had whole exactly where the data set gives them so.
    if (dataset.batch) this.batch = (wanted) => dataset.batch!(wanted.map((i) => this.indices[i]))
  }

  get length(): number {
    return this.indices.length
  }

  get(index: number): Sample | Promise<Sample> {
    checkIndex('Subset', index, this.length)
    return this.dataset.get(this.indices[index])
  }
}

/** Data sets one after another. */
export class ConcatDataset<Sample> extends Dataset<Sample> {
  readonly datasets: readonly Dataset<Sample>[]

  constructor(datasets: readonly Dataset<Sample>[]) {
    super()
    if (datasets.length === 0) throw new TrainyardError('ConcatDataset: wants at least one data set')
    this.datasets = datasets
  }

  get length(): number {
    return this.datasets.reduce((sum, { length }) => sum + length, 0)
  }

  get(index: number): Sample | Promise<Sample> {
    checkIndex('ConcatDataset', index, this.length)
    let at = index
    let part = 0
    while (at >= this.datasets[part].length) at -= this.datasets[part++].length
    return this.datasets[part].get(at)
  }
}

/** A data set whose samples are changed as they are taken: augmentation, normalisation, decoding. */
export class MappedDataset<Sample, Mapped> extends Dataset<Mapped> {
  readonly dataset: Dataset<Sample>
  readonly #transform: (sample: Sample, index: number) => Mapped | Promise<Mapped>

  constructor(dataset: Dataset<Sample>, transform: (sample: Sample, index: number) => Mapped | Promise<Mapped>) {
    super()
    this.dataset = dataset
    this.#transform = transform
  }

  get length(): number {
    return this.dataset.length
  }

  async get(index: number): Promise<Mapped> {
    return this.#transform(await this.dataset.get(index), index)
  }
}

/**
 * Deals the samples of a data set out to several, at random.
 *
 * @param lengths How many samples each gets; or shares that add up to 1, what is left by rounding going to the first ones.
 * @param options.seed Decides who gets what. Default: drawn from the generator that `manualSeed` seeds.
 * @example
 * ```ts
 * const set = new data.TensorDataset(rand([100, 3]))
 * const [train, validation] = data.randomSplit(set, [0.8, 0.2], { seed: 1 })
 * console.log(train.length, validation.length) // 80 20
 * ```
 */
export function randomSplit<Sample>(
  dataset: Dataset<Sample>,
  lengths: readonly number[],
  { seed }: { seed?: number } = {},
): Subset<Sample>[] {
  const counts = countsOf(lengths, dataset.length)
  const generator = seed === undefined ? defaultGenerator : new Generator(seed)
  const order = generator.permutation(dataset.length)
  let start = 0
  return counts.map((count) => new Subset(dataset, order.subarray(start, (start += count))))
}

function countsOf(lengths: readonly number[], total: number): number[] {
  const sum = lengths.reduce((a, b) => a + b, 0)
  if (lengths.every((n) => Number.isInteger(n) && n >= 0) && sum === total) return [...lengths]
  if (lengths.some((share) => !(share >= 0)) || Math.abs(sum - 1) > 1e-9) {
    throw new TrainyardError(
      `randomSplit: wants lengths that add up to ${total}, or shares that add up to 1, got [${lengths.join(', ')}]`,
    )
  }
  const counts = lengths.map((share) => Math.floor(share * total))
  const left = total - counts.reduce((a, b) => a + b, 0)
  for (let i = 0; i < left; i++) counts[i % counts.length]++
  return counts
}

function checkIndex(name: string, index: number, length: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    throw new TrainyardError(`${name}: there is no sample ${index} among ${length}`)
  }
}
