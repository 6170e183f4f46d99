import type { Tensor } from '../../../tensor/tensor.ts'
import { checkSameShape, type Reduction, reduce } from './reduction.ts'

/** How the losses of the elements become one, and what the targets are. */
export interface KLDivOptions {
  /** 'batchmean' divides the sum by the first size, which is the divergence's definition. Default 'mean'. */
  readonly reduction?: Reduction | 'batchmean'
  /** Whether the targets are log-probabilities as well. Default false. */
  readonly logTarget?: boolean
}

/**
 * Kullback-Leibler divergence: target · (log target − input), 0 where the target is 0.
 *
 * @param input Log-probabilities.
 * @param target Probabilities of the same shape.
 */
export function klDiv(
  input: Tensor,
  target: Tensor,
  { reduction = 'mean', logTarget = false }: KLDivOptions = {},
): Tensor {
  checkSameShape('klDiv', input, target)
  // The logarithm of 1 in place of that of 0: its gradient is finite as well.
  const losses = logTarget
    ? target.exp().mul(target.sub(input))
    : target.mul(target.gt(0).where(target, 1).log().sub(input))
  return reduction === 'batchmean' ? losses.sum().div(input.shape[0]) : reduce(losses, reduction)
}
