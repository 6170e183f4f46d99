import type { DType } from '../tensor/dtype.ts'
import type { OpSpec } from './spec.ts'

/** Converts the element type. float32 → int32 cuts the fraction off (saturating; NaN becomes 0); anything but 0 is true. */
export const cast: OpSpec<{ dtype: DType }> = {
  name: 'cast',
  kind: 'pointwise',
  infer: ([x], { dtype }) => ({ shape: x.shape, dtype }),
  gradient: ({ g, inputs: [x], grad }) => [x.dtype === 'float32' ? g.cast(grad, 'float32') : null],
  samples: () => [
    { inputs: [{ shape: [3, 5], differentiable: false }], attrs: { dtype: 'int32' } },
    { inputs: [{ shape: [7], dtype: 'int32' }], attrs: { dtype: 'float32' } },
    { inputs: [{ shape: [7], dtype: 'int32' }], attrs: { dtype: 'bool' } },
    { inputs: [{ shape: [7], dtype: 'bool' }], attrs: { dtype: 'float32' } },
  ],
}

/** Passes the elements on and stops gradients. */
export const detach: OpSpec<Record<string, never>> = {
  name: 'detach',
  kind: 'pointwise',
  infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  gradient: null,
  samples: () => [{ inputs: [{ shape: [2, 3], differentiable: false }], attrs: {} }],
}

/** Passes elements and gradients on: a node of its own for a value that is to be differentiated by. */
export const identity: OpSpec<Record<string, never>> = {
  name: 'identity',
  kind: 'pointwise',
  infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  gradient: ({ grad }) => [grad],
  samples: () => [{ inputs: [{ shape: [2, 3] }], attrs: {} }],
}
