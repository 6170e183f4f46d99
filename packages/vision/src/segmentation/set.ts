import type { Sample, SampleInfo } from './sample.ts'
import { readSource, type SampleSource, sourceInfo, sourceLength, sourceSize } from './source.ts'
import type { Split } from './split.ts'

/**
 * Pictures with masks, in an order, from a source that reads them when asked.
 *
 * @example
 * ```ts
 * // Files: { kind: 'files', samples: await listSegmentationFolder('xray'), options: { width: 256, height: 256 } }
 * const films = new SegmentationSet({ kind: 'phantoms', count: 40, width: 64, height: 64, seed: 1 })
 * const { train, validation, test } = films.split(splitByPatient(films.infos(), undefined, 42))
 * console.log(train.length + validation.length + test.length) // 40
 * ```
 */
export class SegmentationSet {
  readonly source: SampleSource
  /** Which of the source's samples are in the set, in the set's order. */
  readonly indices: readonly number[]

  constructor(source: SampleSource, indices?: readonly number[]) {
    this.source = source
    this.indices = indices ?? Array.from({ length: sourceLength(source) }, (_, index) => index)
  }

  /** Number of samples. */
  get length(): number {
    return this.indices.length
  }

  /** The size of every picture. */
  get size(): { width: number; height: number; channels: number } {
    const { width, height, channels } = sourceSize(this.source)
    return { width, height, channels }
  }

  /** Name and patient of a sample. */
  info(index: number): SampleInfo {
    return sourceInfo(this.source, this.#at(index))
  }

  /** Name and patient of every sample, in the set's order; nothing is read. */
  infos(): SampleInfo[] {
    return this.indices.map((index) => sourceInfo(this.source, index))
  }

  /** Reads a sample, unaugmented. Throws a `DataError` that names the file where it cannot be read. */
  read(index: number): Promise<Sample> {
    return readSource(this.source, this.#at(index))
  }

  /** The samples at some of this set's places. */
  subset(indices: readonly number[]): SegmentationSet {
    return new SegmentationSet(
      this.source,
      indices.map((index) => this.#at(index)),
    )
  }

  /** The three parts of a split. */
  split(split: Split): Record<keyof Split, SegmentationSet> {
    return {
      train: this.subset(split.train),
      validation: this.subset(split.validation),
      test: this.subset(split.test),
    }
  }

  #at(index: number): number {
    const at = this.indices[index]
    if (at === undefined) throw new RangeError(`SegmentationSet: no sample ${index}; there are ${this.length}`)
    return at
  }
}
