import { DTypeError, ShapeError } from '../errors.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'
import type { OpSpec } from './spec.ts'

/**
 * Picks along an axis by index: `out[i][j] = x[index[i][j]][j]` for axis 0, as PyTorch's gather; the index has as many
 * axes as x and, away from `axis`, the same sizes. An index out of range gives 0.
 */
export const gather: OpSpec<{ axis: number }> = {
  name: 'gather',
  kind: 'other',
  infer([x, index], { axis }) {
    checkIndex('gather', x.shape, index, axis)
    return { shape: index.shape, dtype: x.dtype }
  },
  gradient: ({ g, inputs: [x, index], grad, attrs: { axis } }) => [
    g.scatterAdd(grad, index, axis, x.shape[axis]),
    null,
  ],
  samples: () => [
    { inputs: [{ shape: [5, 3] }, { shape: [7, 3], dtype: 'int32', range: [0, 4] }], attrs: { axis: 0 }, name: 'rows' },
    {
      inputs: [{ shape: [2, 6] }, { shape: [2, 4], dtype: 'int32', range: [0, 5] }],
      attrs: { axis: 1 },
      name: 'columns',
    },
    { inputs: [{ shape: [2, 3, 4] }, { shape: [2, 5, 4], dtype: 'int32', range: [0, 2] }], attrs: { axis: 1 } },
  ],
}

/**
 * Adds elements to zeros where an index says: the gradient of gather. `size` is the size of the result along the axis.
 * Elements of one place are added in the order of the index; an index out of range adds nowhere.
 */
export const scatterAdd: OpSpec<{ axis: number; size: number }> = {
  name: 'scatterAdd',
  kind: 'other',
  infer([x, index], { axis, size }) {
    if (!sameShape(x.shape, index.shape)) {
      throw new ShapeError(`scatterAdd: elements ${formatShape(x.shape)} and index ${formatShape(index.shape)} differ`)
    }
    checkIndex('scatterAdd', x.shape, index, axis)
    return { shape: x.shape.map((s, a) => (a === axis ? size : s)), dtype: x.dtype }
  },
  gradient: ({ g, inputs: [, index], grad, attrs: { axis } }) => [g.gather(grad, index, axis), null],
  samples: () => [
    { inputs: [{ shape: [7, 3] }, { shape: [7, 3], dtype: 'int32', range: [0, 4] }], attrs: { axis: 0, size: 5 } },
    { inputs: [{ shape: [2, 4] }, { shape: [2, 4], dtype: 'int32', range: [0, 5] }], attrs: { axis: 1, size: 6 } },
  ],
}

function checkIndex(
  name: string,
  shape: readonly number[],
  index: { shape: readonly number[]; dtype: string },
  axis: number,
): void {
  if (index.dtype !== 'int32')
    throw new DTypeError(`${name}: the index must be int32, got ${index.dtype}; convert with cast('int32')`)
  if (index.shape.length !== shape.length || index.shape.some((size, a) => a !== axis && size !== shape[a])) {
    throw new ShapeError(
      `${name}: index ${formatShape(index.shape)} does not go with ${formatShape(shape)} along axis ${axis}: the other sizes must be equal`,
    )
  }
}
