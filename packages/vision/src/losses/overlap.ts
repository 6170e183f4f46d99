import { ShapeError, type Tensor } from '@trainyard/core'

/** What keeps the division safe. */
export interface OverlapOptions {
  /** Added to overlap and size; makes small masks count less. Default 0. */
  readonly smooth?: number
}

/** What errors of either kind cost. The defaults make the Tversky index the Dice coefficient. */
export interface TverskyOptions extends OverlapOptions {
  /** What a pixel found in error costs. Default 0.5. */
  readonly alpha?: number
  /** What a pixel missed costs. Default 0.5. */
  readonly beta?: number
  /** Power of the loss; below 1 hard pictures count more (N. Abraham and N. Khan, "Focal Tversky loss", 2018). Default 1. */
  readonly gamma?: number
}

/**
 * 1 − Tversky index of sigmoid(logits) and target (S. Salehi, D. Erdogmus, A. Gholipour, 2017): overlap over overlap plus
 * weighted errors. Each class is taken over the whole batch; classes that are nowhere in the target do not count.
 *
 * @param logits [N, C, H, W].
 * @param target 0 or 1, of the same shape.
 * @throws `ShapeError` where the shapes differ.
 */
export function tverskyLoss(
  logits: Tensor,
  target: Tensor,
  { alpha = 0.5, beta = 0.5, gamma = 1, smooth = 0 }: TverskyOptions = {},
): Tensor {
  checkMasks('tverskyLoss', logits, target)
  const axes = [0, 2, 3]
  const probability = logits.sigmoid()
  const found = probability.sum(axes)
  const there = target.sum(axes)
  const overlap = probability.mul(target).sum(axes)
  const errors = found.sub(overlap).mul(alpha).add(there.sub(overlap).mul(beta))
  const score = overlap.add(smooth).div(overlap.add(errors).add(smooth).clamp(1e-7))
  const loss = score.neg().add(1).mul(there.gt(0).cast('float32')).mean()
  return gamma === 1 ? loss : loss.pow(gamma)
}

/**
 * 1 − Dice coefficient of sigmoid(logits) and target (F. Milletari, N. Navab, S. Ahmadi, "V-Net", 2016).
 *
 * @param logits [N, C, H, W].
 * @param target 0 or 1, of the same shape.
 * @example
 * ```ts
 * const sure = full([1, 1, 2, 2], 20)
 * console.log(await diceLoss(sure, ones([1, 1, 2, 2])).item() < 0.001) // true
 * ```
 */
export function diceLoss(logits: Tensor, target: Tensor, options: OverlapOptions = {}): Tensor {
  return tverskyLoss(logits, target, { ...options, alpha: 0.5, beta: 0.5 })
}

/** 1 − Jaccard index (intersection over union) of sigmoid(logits) and target. */
export function jaccardLoss(logits: Tensor, target: Tensor, options: OverlapOptions = {}): Tensor {
  return tverskyLoss(logits, target, { ...options, alpha: 1, beta: 1 })
}

/** Checks logits and target of a segmentation. */
export function checkMasks(name: string, logits: Tensor, target: Tensor): void {
  if (logits.ndim === 4 && logits.shape.every((size, axis) => size === target.shape[axis]) && target.ndim === 4) return
  throw new ShapeError(
    `${name}: wants logits and target of one shape [N, C, H, W], got [${logits.shape.join(', ')}] and [${target.shape.join(', ')}]`,
  )
}
