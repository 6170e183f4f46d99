import { fromArray } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/**
 * Replaces the elements along an axis of images by weighted sums of them: resampling as a small matrix product, whose
 * gradient is the product with the transpose.
 *
 * @param weights One row for each element of the result, one weight for each element along the axis.
 */
export function mixAxis(x: Tensor, axis: 2 | 3, weights: readonly (readonly number[])[]): Tensor {
  const matrix = fromArray(weights.flat(), [weights.length, x.shape[axis]])
  if (axis === 3) return x.matmul(matrix.transpose())
  return matrix.matmul(x)
}
