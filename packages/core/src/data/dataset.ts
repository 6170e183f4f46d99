import type { Tensor } from '../tensor/tensor.ts'
import { DataLoader, type LoaderOptions } from './dataLoader.ts'

/**
 * A list of samples. A subclass says how many there are and how to get one; where whole batches can be had faster than
 * samples one by one, it also has `batch`.
 *
 * @example
 * ```ts
 * class Squares extends data.Dataset<[x: number, square: number]> {
 *   length = 100
 *   get(index: number): [number, number] {
 *     return [index, index * index]
 *   }
 * }
 * for await (const [x] of new Squares().loader({ batchSize: 50 })) console.log(x.shape) // [50], twice
 * ```
 */
export abstract class Dataset<Sample> {
  /** How many samples there are. */
  abstract readonly length: number

  /** One sample: a number, a typed array, a tensor, or a list or object of them. It may have to be waited for. */
  abstract get(index: number): Sample | Promise<Sample>

  /** The samples of a batch put together; left out where the loader is to do it from single samples. */
  batch?(indices: Int32Array): unknown

  /** Goes through the samples in batches; see `DataLoader`. */
  loader<Batch = Collated<Sample>>(options: LoaderOptions<Sample, Batch> = {}): DataLoader<Sample, Batch> {
    return new DataLoader<Sample, Batch>(this, options)
  }
}

/** What becomes of samples in a batch: numbers and arrays become tensors, lists and objects keep their form. */
export type Collated<Sample> = Sample extends number | boolean | ArrayBufferView
  ? Tensor
  : Sample extends Tensor
    ? Tensor
    : { -readonly [Key in keyof Sample]: Collated<Sample[Key]> }
