import { DTypeError, ShapeError, TrainyardError } from '../../../errors.ts'
import { formatShape, sameShape } from '../../../tensor/shape.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { checkSameShape, type Reduction, reduce } from './reduction.ts'

/** Which classes count how much, and how the losses of the samples become one. */
export interface NLLLossOptions {
  /** A factor for each class, [C]. */
  readonly weight?: Tensor | null
  /** Targets of this number do not count. Default -100. */
  readonly ignoreIndex?: number
  /** 'mean' divides by the sum of the weights of what counts. Default 'mean'. */
  readonly reduction?: Reduction
}

/** As for `nllLoss`, and how sure the target is. */
export interface CrossEntropyOptions extends NLLLossOptions {
  /** How much of the target is spread over all classes, 0 to 1. Default 0. */
  readonly labelSmoothing?: number
}

/**
 * The negative log-probability of the right class.
 *
 * @param logProbabilities [N, C] or [N, C, ..], as `logSoftmax` gives them.
 * @param target Class numbers, int32, [N] or [N, ..]. One that is no class makes the loss NaN, so that the mistake is seen.
 */
export function nllLoss(
  logProbabilities: Tensor,
  target: Tensor,
  { weight, ignoreIndex = -100, reduction = 'mean' }: NLLLossOptions = {},
): Tensor {
  checkClasses('nllLoss', logProbabilities, target, weight)
  const picked = logProbabilities.gather(1, target.unsqueeze(1)).squeeze(1).neg()
  return averageOver(target, logProbabilities.shape[1], picked, weight ?? null, ignoreIndex, reduction)
}

/**
 * Cross entropy between logits and targets: `logSoftmax` and the negative log-likelihood in one, without overflow.
 *
 * @param logits [N, C] or [N, C, ..].
 * @param target Class numbers, int32, [N] or [N, ..]; or probabilities, float32, of the shape of the logits.
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { weight = null, ignoreIndex = -100, labelSmoothing = 0, reduction = 'mean' } = options
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new TrainyardError(`crossEntropy: labelSmoothing must be from 0 to 1, got ${labelSmoothing}`)
  }
  const classes = logits.shape[1]
  const weights = weight?.reshape([1, -1, ...logits.shape.slice(2).map(() => 1)])
  if (target.dtype === 'float32' && target.ndim === logits.ndim) {
    checkSameShape('crossEntropy', logits, target)
    const smoothed = labelSmoothing > 0 ? target.mul(1 - labelSmoothing).add(labelSmoothing / classes) : target
    const products = logits.logSoftmax(1).mul(smoothed)
    const losses = (weights ? products.mul(weights) : products).sum(1).neg()
    return reduce(losses, reduction)
  }
  checkClasses('crossEntropy', logits, target, weight)
  const logProbabilities = logits.logSoftmax(1)
  const hard = nllLoss(logProbabilities, target, { weight, ignoreIndex, reduction })
  if (labelSmoothing === 0) return hard
  const all = (weights ? logProbabilities.mul(weights) : logProbabilities).sum(1).neg()
  // The spread part is weighted within its sum, but divided by the weights of the targets, as PyTorch does.
  const soft = averageOver(target, classes, all, null, ignoreIndex, reduction, weight)
  return hard.mul(1 - labelSmoothing).add(soft.mul(labelSmoothing / classes))
}

/** Weights, masks and reduces losses that belong to class numbers. */
function averageOver(
  target: Tensor,
  classes: number,
  losses: Tensor,
  weight: Tensor | null,
  ignoreIndex: number,
  reduction: Reduction,
  divisorWeight: Tensor | null = weight,
): Tensor {
  const ignored = target.eq(ignoreIndex)
  const valid = target.ge(0).logicalAnd(target.lt(classes)).logicalAnd(ignored.logicalNot())
  const factor = (of: Tensor) => of.indexSelect(0, target.reshape([-1])).reshape(target.shape)
  const weighted = weight ? losses.mul(factor(weight)) : losses
  const counted = valid.where(weighted, ignored.where(0, Number.NaN))
  if (reduction !== 'mean') return reduce(counted, reduction)
  const share = divisorWeight ? ignored.where(0, factor(divisorWeight)) : ignored.where(0, 1)
  return counted.sum().div(share.sum())
}

function checkClasses(name: string, scores: Tensor, target: Tensor, weight?: Tensor | null): void {
  if (target.dtype !== 'int32') {
    throw new DTypeError(
      `${name}: targets must be class numbers of type int32, got ${target.dtype} ${formatShape(target.shape)}; convert with cast('int32')`,
    )
  }
  const expected = scores.shape.filter((_, axis) => axis !== 1)
  if (scores.ndim < 2 || !sameShape(target.shape, expected)) {
    throw new ShapeError(
      `${name}: predictions ${formatShape(scores.shape)} [N, C, ..] want targets ${formatShape(expected)}, got ${formatShape(target.shape)}`,
    )
  }
  if (weight && !sameShape(weight.shape, [scores.shape[1]])) {
    throw new ShapeError(`${name}: ${scores.shape[1]} classes want as many weights, got ${formatShape(weight.shape)}`)
  }
}
