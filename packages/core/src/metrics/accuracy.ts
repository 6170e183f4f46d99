import { ShapeError } from '../errors.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The share of samples whose right class has the highest score.
 *
 * @param scores [N, C] or [N, C, ..]: logits or (log-)probabilities.
 * @param target Class numbers, int32, [N] or [N, ..].
 * @returns One number.
 * @example
 * ```ts
 * const scores = tensor([[2, 1], [0, 3]])
 * console.log(await metrics.accuracy(scores, tensor([0, 0], { dtype: 'int32' })).item()) // 0.5
 * ```
 */
export function accuracy(scores: Tensor, target: Tensor): Tensor {
  const expected = scores.shape.filter((_, axis) => axis !== 1)
  if (scores.ndim < 2 || !sameShape(target.shape, expected)) {
    throw new ShapeError(
      `accuracy: scores ${formatShape(scores.shape)} [N, C, ..] want targets ${formatShape(expected)}, got ${formatShape(target.shape)}`,
    )
  }
  return scores.argmax(1).eq(target).mean()
}

/**
 * The share of elements that are on the right side of a threshold.
 *
 * @param probabilities Any shape; give logits through `sigmoid()` first.
 * @param target Truths or numbers 0 and 1 of the same shape.
 * @param threshold From where on an element counts as positive. Default 0.5.
 */
export function binaryAccuracy(probabilities: Tensor, target: Tensor, threshold = 0.5): Tensor {
  if (!sameShape(probabilities.shape, target.shape)) {
    throw new ShapeError(
      `binaryAccuracy: probabilities ${formatShape(probabilities.shape)}, targets ${formatShape(target.shape)}`,
    )
  }
  return probabilities.ge(threshold).eq(target.cast('float32').ge(0.5)).mean()
}
