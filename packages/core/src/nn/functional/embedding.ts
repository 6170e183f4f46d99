import { DTypeError, ShapeError } from '../../errors.ts'
import { formatShape } from '../../tensor/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/**
 * Looks up rows of a table.
 *
 * @param index Row numbers, int32, of any shape. A number outside of the table gives a row of NaN, so that the mistake is
 * seen.
 * @param weight The table [rows, size].
 * @param options.paddingIndex A row that gets no gradient.
 * @returns [.., size].
 */
export function embedding(
  index: Tensor,
  weight: Tensor,
  { paddingIndex }: { paddingIndex?: number | null } = {},
): Tensor {
  if (index.dtype !== 'int32') {
    throw new DTypeError(`embedding: row numbers must be int32, got ${index.dtype}; convert with cast('int32')`)
  }
  if (weight.ndim !== 2)
    throw new ShapeError(`embedding: the table must be [rows, size], got ${formatShape(weight.shape)}`)
  const [rows, size] = weight.shape
  const flat = index.reshape([-1])
  const inside = flat.ge(0).logicalAnd(flat.lt(rows)).unsqueeze(1)
  const picked = inside.where(weight.indexSelect(0, flat), Number.NaN)
  const fixed =
    paddingIndex === undefined || paddingIndex === null
      ? picked
      : flat.eq(paddingIndex).unsqueeze(1).where(picked.detach(), picked)
  return fixed.reshape([...index.shape, size])
}
