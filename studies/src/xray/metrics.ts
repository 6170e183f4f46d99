import type { Tensor } from '@trainyard/core'
import type { Metric } from '@trainyard/train'
import type { SegmentationObjective } from '@trainyard/vision'

/** From which probability on a pixel counts as lung. */
export const THRESHOLD = 0.5

/**
 * F1, intersection over union and pixel accuracy of each film, meant over films. The threshold is on the probability, as the
 * objective reads it: outputs trained by squared error are probabilities themselves, and a sigmoid would cut them at 0.
 */
export function filmMetrics({ probability }: SegmentationObjective): { [name: string]: Metric } {
  const counts = (outputs: Tensor, masks: Tensor) => {
    const found = probability(outputs).ge(THRESHOLD).cast('float32')
    const sum = (t: Tensor) => t.sum([1, 2, 3])
    return { both: sum(found.mul(masks)), found: sum(found), there: sum(masks), right: found.eq(masks) }
  }
  // Nothing found where nothing is: all right.
  const share = (part: Tensor, whole: Tensor) => whole.eq(0).where(1, part.div(whole)).mean()
  return {
    f1: (outputs: Tensor, masks: Tensor) => {
      const { both, found, there } = counts(outputs, masks)
      return share(both.mul(2), found.add(there))
    },
    iou: (outputs: Tensor, masks: Tensor) => {
      const { both, found, there } = counts(outputs, masks)
      return share(both, found.add(there).sub(both))
    },
    accuracy: (outputs: Tensor, masks: Tensor) => counts(outputs, masks).right.cast('float32').mean(),
  }
}
