/** How many pixels fall where, with a mask compared to the truth. */
export interface PixelCounts {
  truePositive: number
  falsePositive: number
  falseNegative: number
  trueNegative: number
}

/** How well masks agree, each from 0 (not at all) to 1. */
export interface SegmentationScores {
  /** F1, which for masks is the Dice coefficient: twice the overlap over the sum of both areas. */
  f1: number
  /** Intersection over union (Jaccard index). */
  iou: number
  /** Which share of what was found is right. */
  precision: number
  /** Which share of what is there was found. */
  recall: number
  /** Which share of all pixels is right. */
  accuracy: number
}

/**
 * Counts right and wrong pixels of one picture or many.
 *
 * @param probability Probabilities 0..1, not raw outputs of a network: apply the sigmoid first.
 * @param truth 0 or 1 for each.
 * @param threshold A pixel counts as found where its probability is at least this. Default 0.5.
 * @throws `RangeError` when lengths differ or a probability is not between 0 and 1 (raw outputs, NaN).
 */
export function countPixels(probability: ArrayLike<number>, truth: ArrayLike<number>, threshold = 0.5): PixelCounts {
  if (probability.length !== truth.length)
    throw new RangeError(`countPixels: ${probability.length} predicted pixels, but ${truth.length} true ones`)
  let truePositive = 0
  let positive = 0
  let found = 0
  for (let at = 0; at < probability.length; at++) {
    const value = probability[at]
    if (!(value >= 0 && value <= 1))
      throw new RangeError(
        `countPixels: pixel ${at} is ${value}, not a probability; apply the sigmoid to a network's outputs first`,
      )
    const hit = value >= threshold
    const is = truth[at] > 0.5
    if (hit) found += 1
    if (is) positive += 1
    if (hit && is) truePositive += 1
  }
  return {
    truePositive,
    falsePositive: found - truePositive,
    falseNegative: positive - truePositive,
    trueNegative: probability.length - found - positive + truePositive,
  }
}

/**
 * Scores from counts. Where a score would be nothing over nothing it is 1: an empty mask is right where there is nothing to
 * be found, nothing found is all right, nothing there is all found.
 */
export function scoresFromCounts({
  truePositive,
  falsePositive,
  falseNegative,
  trueNegative,
}: PixelCounts): SegmentationScores {
  const share = (part: number, whole: number) => (whole === 0 ? 1 : part / whole)
  return {
    f1: share(2 * truePositive, 2 * truePositive + falsePositive + falseNegative),
    iou: share(truePositive, truePositive + falsePositive + falseNegative),
    precision: share(truePositive, truePositive + falsePositive),
    recall: share(truePositive, truePositive + falseNegative),
    accuracy: share(truePositive + trueNegative, truePositive + trueNegative + falsePositive + falseNegative),
  }
}

/**
 * Scores of one picture: `countPixels` (threshold by default 0.5), then `scoresFromCounts`.
 *
 * @example
 * ```ts
 * console.log(segmentationScores([0.9, 0.8, 0.2, 0.1], [1, 1, 1, 0]).recall) // 0.6666666666666666
 * ```
 */
export function segmentationScores(
  probability: ArrayLike<number>,
  truth: ArrayLike<number>,
  threshold = 0.5,
): SegmentationScores {
  return scoresFromCounts(countPixels(probability, truth, threshold))
}
