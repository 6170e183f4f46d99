import type { Tensor } from '../../../tensor/tensor.ts'
import { minusAbs, stableSoftplus } from '../activation.ts'
import { checkSameShape, type Reduction, reduce } from './reduction.ts'

/** What counts how much, and how the losses of the elements become one. */
export interface BCEWithLogitsOptions {
  /** A factor for each element; broadcast. */
  readonly weight?: Tensor | null
  /** A factor for the positive targets, for each class (last axis); broadcast. */
  readonly posWeight?: Tensor | null
  /** Default 'mean'. */
  readonly reduction?: Reduction
}

/**
 * Binary cross entropy of sigmoid(logits): −y log p − (1 − y) log(1 − p), computed without p, so that it holds for
 * logits of any size.
 *
 * @param logits Any shape.
 * @param target Probabilities of the same shape, mostly 0 and 1.
 */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  target: Tensor,
  { weight, posWeight, reduction = 'mean' }: BCEWithLogitsOptions = {},
): Tensor {
  checkSameShape('binaryCrossEntropyWithLogits', logits, target)
  const losses = posWeight
    ? logits.mul(target.neg().add(1)).add(stableSoftplus(logits.neg()).mul(target.mul(posWeight.sub(1)).add(1)))
    : // max(x, 0) − x y is exact where the answer is sure and right, and the rest is small there.
      logits.relu().sub(logits.mul(target)).add(minusAbs(logits).exp().log1p())
  return reduce(weight ? losses.mul(weight) : losses, reduction)
}
