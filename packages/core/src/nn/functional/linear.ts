import { ShapeError } from '../../errors.ts'
import { formatShape } from '../../tensor/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/**
 * x · weightᵀ + bias.
 *
 * @param x [.., inputs].
 * @param weight [outputs, inputs].
 * @returns [.., outputs].
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  const [outputs, inputs] = weight.shape
  if (x.shape.at(-1) !== inputs) {
    throw new ShapeError(
      `linear: wants ${inputs} inputs on the last axis, got ${formatShape(x.shape)} for weights ${formatShape([outputs, inputs])}`,
    )
  }
  const y = x.matmul(weight.transpose())
  return bias ? y.add(bias) : y
}
