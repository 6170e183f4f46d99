import { TrainyardError } from '../../../errors.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { checkSameShape, type Reduction, reduce } from './reduction.ts'

/** How the losses of the elements become one. */
export interface LossOptions {
  /** Default 'mean'. */
  readonly reduction?: Reduction
}

/** (x − y)², of two tensors of one shape. */
export function mseLoss(input: Tensor, target: Tensor, { reduction = 'mean' }: LossOptions = {}): Tensor {
  checkSameShape('mseLoss', input, target)
  const difference = input.sub(target)
  return reduce(difference.mul(difference), reduction)
}

/** |x − y|, of two tensors of one shape. */
export function l1Loss(input: Tensor, target: Tensor, { reduction = 'mean' }: LossOptions = {}): Tensor {
  checkSameShape('l1Loss', input, target)
  return reduce(input.sub(target).abs(), reduction)
}

/** (x − y)² / 2β where |x − y| < β, else |x − y| − β / 2 (Girshick, "Fast R-CNN", 2015). Default β 1. */
export function smoothL1Loss(
  input: Tensor,
  target: Tensor,
  { beta = 1, reduction = 'mean' }: LossOptions & { beta?: number } = {},
): Tensor {
  checkSameShape('smoothL1Loss', input, target)
  if (!(beta >= 0)) throw new TrainyardError(`smoothL1Loss: beta must be at least 0, got ${beta}`)
  const difference = input.sub(target)
  const distance = difference.abs()
  if (beta === 0) return reduce(distance, reduction)
  const near = difference.mul(difference).mul(0.5 / beta)
  return reduce(distance.lt(beta).where(near, distance.sub(0.5 * beta)), reduction)
}

/** (x − y)² / 2 where |x − y| ≤ δ, else δ (|x − y| − δ / 2) (Huber, 1964). Default δ 1. */
export function huberLoss(
  input: Tensor,
  target: Tensor,
  { delta = 1, reduction = 'mean' }: LossOptions & { delta?: number } = {},
): Tensor {
  checkSameShape('huberLoss', input, target)
  if (!(delta > 0)) throw new TrainyardError(`huberLoss: delta must be above 0, got ${delta}`)
  const difference = input.sub(target)
  const distance = difference.abs()
  const near = difference.mul(difference).mul(0.5)
  return reduce(distance.le(delta).where(near, distance.sub(0.5 * delta).mul(delta)), reduction)
}
