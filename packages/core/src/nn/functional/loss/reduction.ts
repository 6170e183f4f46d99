import { received, ShapeError, TrainyardError } from '../../../errors.ts'
import { formatShape, sameShape } from '../../../tensor/shape.ts'
import { Tensor } from '../../../tensor/tensor.ts'

/** What becomes of the losses of the single elements. */
export type Reduction = 'mean' | 'sum' | 'none'

/** Brings losses of single elements to one number, or leaves them. */
export function reduce(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === 'mean') return losses.mean()
  if (reduction === 'sum') return losses.sum()
  if (reduction === 'none') return losses
  throw new TrainyardError(`unknown reduction "${reduction}"; there is mean, sum and none`)
}

/** Broadcasting predictions [64, 1] against targets [64] would give 64 × 64 losses: such pairs are refused. */
export function checkSameShape(name: string, input: Tensor, target: Tensor): void {
  for (const [what, value] of Object.entries({ predictions: input, targets: target })) {
    if (!(value instanceof Tensor))
      throw new TrainyardError(`${name}: the ${what} must be a tensor, got ${received(value)}`)
  }
  if (sameShape(input.shape, target.shape)) return
  const hint =
    input.size === target.size
      ? '; bring them to one shape with squeeze() or reshape()'
      : '; there must be one target for each prediction'
  throw new ShapeError(`${name}: predictions ${formatShape(input.shape)}, targets ${formatShape(target.shape)}${hint}`)
}
