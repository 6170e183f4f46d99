import { DTypeError } from '../errors.ts'
import type { Node } from '../graph/node.ts'
import { sizeOf } from '../tensor/shape.ts'
import type { Builders } from './builders.ts'
import type { OpSpec } from './spec.ts'

/** Axes over which mean and variance are taken (sorted), and what is added to the variance. */
export interface StandardizeAttrs {
  readonly axes: readonly number[]
  readonly eps: number
}

/**
 * Brings the elements along the axes to mean 0 and variance 1: (x − mean) / √(variance + eps), the heart of batch and
 * layer normalisation. An op of its own for its gradient: with the statistics' own dependence on x worked in
 * (Ioffe and Szegedy, 2015, section 3) it needs two sums in one pass, where the chain rule alone would take three passes.
 */
export const standardize: OpSpec<StandardizeAttrs> = {
  name: 'standardize',
  kind: 'other',
  infer([x]) {
    if (x.dtype !== 'float32')
      throw new DTypeError(`standardize: is defined for float32, got ${x.dtype}; convert with cast()`)
    return { shape: x.shape, dtype: 'float32' }
  },
  gradient({ g, inputs: [x], output, grad, attrs }) {
    const { deviation } = statistics(g, x, attrs)
    const meanGrad = meanOver(g, grad, attrs.axes)
    const meanProduct = meanOver(g, g.mul(grad, output), attrs.axes)
    return [g.mul(g.sub(g.sub(grad, meanGrad), g.mul(output, meanProduct)), deviation)]
  },
  samples: () => [
    { inputs: [{ shape: [4, 7] }], attrs: { axes: [1], eps: 1e-5 }, name: 'rows' },
    { inputs: [{ shape: [3, 5, 4, 2] }], attrs: { axes: [0, 2, 3], eps: 1e-3 }, name: 'channels' },
  ],
}

/** The mean over the axes, which stay with size 1. */
export function meanOver(g: Builders, x: Node, axes: readonly number[]): Node {
  const count = sizeOf(axes.map((axis) => x.shape[axis]))
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  return g.mul(g.reshape(g.sum(x, axes), kept), g.scalar(1 / count))
}

/** x less its mean, its variance, and one over its deviation, with the axes kept. */
export function statistics(g: Builders, x: Node, { axes, eps }: StandardizeAttrs) {
  const mean = meanOver(g, x, axes)
  const centered = g.sub(x, mean)
  const variance = meanOver(g, g.mul(centered, centered), axes)
  return { mean, centered, variance, deviation: g.rsqrt(g.add(variance, g.scalar(eps))) }
}
