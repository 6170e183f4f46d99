import { received, ShapeError, TrainyardError } from '../errors.ts'
import { realize } from '../runtime/realize.ts'
import { wrapArray } from '../tensor/create.ts'
import { allocate } from '../tensor/dtype.ts'
import { formatShape, sizeOf } from '../tensor/shape.ts'
import { Tensor } from '../tensor/tensor.ts'
import { Dataset } from './dataset.ts'

/**
 * Samples that lie in memory: row i of each tensor is sample i. Batches are copied row by row from array to array.
 *
 * @example
 * ```ts
 * const set = new data.TensorDataset(rand([100, 3]), zeros([100]))
 * const [x, y] = await set.get(0)
 * console.log(set.length, x.shape, y.shape) // 100 [3] []
 * ```
 */
export class TensorDataset<Tensors extends readonly Tensor[]> extends Dataset<Tensors> {
  readonly tensors: Tensors
  readonly length: number

  /** @param tensors Their first sizes must be equal. */
  constructor(...tensors: Tensors) {
    super()
    if (tensors.length === 0) throw new TrainyardError('TensorDataset: wants at least one tensor')
    const wrong = tensors.find((entry) => !(entry instanceof Tensor))
    if (wrong !== undefined) throw new TrainyardError(`TensorDataset: wants tensors, got ${received(wrong)}`)
    const lengths = tensors.map(({ shape }) => shape[0])
    if (lengths.some((length) => length === undefined || length !== lengths[0])) {
      throw new ShapeError(
        `TensorDataset: tensors ${tensors.map(({ shape }) => formatShape(shape)).join(' and ')} must have one first size, the number of samples`,
      )
    }
    this.tensors = tensors
    this.length = lengths[0]
  }

  async get(index: number): Promise<Tensors> {
    const rows = await this.batch(Int32Array.of(index))
    return rows.map((row) => row.squeeze(0)) as unknown as Tensors
  }

  override async batch(indices: Int32Array): Promise<Tensors> {
    for (const index of indices) {
      if (index < 0 || index >= this.length) {
        throw new TrainyardError(`TensorDataset: there is no sample ${index} among ${this.length}`)
      }
    }
    await realize(this.tensors)
    return this.tensors.map((tensor) => rowsOf(tensor, indices)) as unknown as Tensors
  }
}

function rowsOf(tensor: Tensor, indices: Int32Array): Tensor {
  const shape = tensor.shape.slice(1)
  const size = sizeOf(shape)
  const source = tensor.storage.read()
  const rows = allocate(tensor.dtype, indices.length * size)
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * size
    rows.set(source.subarray(from, from + size), i * size)
  }
  return wrapArray(rows, [indices.length, ...shape], tensor.dtype)
}
