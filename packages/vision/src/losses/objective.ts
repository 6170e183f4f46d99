import { nn, type Tensor, TrainyardError } from '@trainyard/core'
import { focalLoss } from './focal.ts'
import { checkMasks, diceLoss, jaccardLoss, tverskyLoss } from './overlap.ts'

/** Compares a network's outputs with the truth. */
export type SegmentationLoss = (outputs: Tensor, target: Tensor) => Tensor

/** What a segmentation network is trained towards, and how its outputs are therefore to be read. */
export interface SegmentationObjective {
  /** As it was asked for, such as `bce+dice`. */
  readonly name: string
  readonly loss: SegmentationLoss
  /**
   * Turns outputs into probabilities: the sigmoid for losses on logits, but a cut to 0..1 for outputs that were trained to be 0
   * and 1 themselves (`mse`). To apply the sigmoid there would put the threshold in the wrong place.
   */
  readonly probability: (outputs: Tensor) => Tensor
}

const LOSSES: Record<string, SegmentationLoss> = {
  bce: (outputs, target) => {
    checkMasks('bce', outputs, target)
    return nn.functional.binaryCrossEntropyWithLogits(outputs, target)
  },
  dice: diceLoss,
  jaccard: jaccardLoss,
  focal: focalLoss,
  tversky: (outputs, target) => tverskyLoss(outputs, target, { alpha: 0.3, beta: 0.7 }),
  mse: (outputs, target) => {
    checkMasks('mse', outputs, target)
    return nn.functional.mseLoss(outputs, target)
  },
}

/** The names that an objective can be made of. */
export const LOSS_NAMES = Object.keys(LOSSES)

/** The sum of losses, each with its weight. */
export function weightedSum(parts: readonly { loss: SegmentationLoss; weight: number }[]): SegmentationLoss {
  if (parts.length === 0) throw new TrainyardError('weightedSum: no losses')
  return (outputs, target) =>
    parts
      .map(({ loss, weight }) => (weight === 1 ? loss(outputs, target) : loss(outputs, target).mul(weight)))
      .reduce((sum, part) => sum.add(part))
}

/**
 * Makes an objective from its description: names of losses, joined by `+`, each perhaps with a weight before it.
 *
 * @param description Such as `bce+dice`, `0.5*bce+dice`, `focal` or `mse`. Tversky weighs what is missed 0.7 and what is found
 * in error 0.3.
 * @throws `TrainyardError` for a name that is not known, a weight that is not positive, or `mse` in a sum (its outputs are read
 * differently).
 * @example
 * ```ts
 * const { loss, probability } = segmentationObjective('bce+dice')
 * ```
 */
export function segmentationObjective(description: string): SegmentationObjective {
  const parts = description.split('+').map((part) => {
    const [, weight = '1', name] = /^\s*(?:([\d.eE-]+)\s*\*)?\s*(\w+)\s*$/.exec(part) ?? []
    const loss = LOSSES[name]
    if (!loss)
      throw new TrainyardError(
        `loss "${description}": no loss "${part.trim()}"; there are ${LOSS_NAMES.join(', ')}, and sums such as 0.5*bce+dice`,
      )
    if (!(Number(weight) > 0))
      throw new TrainyardError(`loss "${description}": the weight ${weight} of ${name} must be above 0`)
    return { name, loss, weight: Number(weight) }
  })
  const raw = parts.some(({ name }) => name === 'mse')
  if (raw && parts.length > 1)
    throw new TrainyardError(
      `loss "${description}": mse trains raw outputs towards 0 and 1, the others logits; they cannot be added`,
    )
  return {
    name: description,
    loss: weightedSum(parts),
    probability: raw ? (outputs) => outputs.clamp(0, 1) : (outputs) => outputs.sigmoid(),
  }
}
