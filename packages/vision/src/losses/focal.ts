import { nn, type Tensor } from '@trainyard/core'
import { checkMasks } from './overlap.ts'

/** How much hard pixels count, and true ones. */
export interface FocalOptions {
  /** How much less sure pixels count. Default 2. */
  readonly gamma?: number
  /** The weight of true pixels; 1 − alpha is that of the others. Default: all count the same. */
  readonly alpha?: number
}

/**
 * Focal loss (T. Lin et al., 2017): binary cross entropy in which pixels that are right and sure hardly count.
 *
 * @param logits [N, C, H, W].
 * @param target 0 or 1, of the same shape.
 */
export function focalLoss(logits: Tensor, target: Tensor, { gamma = 2, alpha }: FocalOptions = {}): Tensor {
  checkMasks('focalLoss', logits, target)
  const entropy = nn.functional.binaryCrossEntropyWithLogits(logits, target, { reduction: 'none' })
  const wrongness = entropy.neg().exp().neg().add(1)
  const loss = wrongness.pow(gamma).mul(entropy)
  if (alpha === undefined) return loss.mean()
  return loss.mul(target.mul(2 * alpha - 1).add(1 - alpha)).mean()
}
