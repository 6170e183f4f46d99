import { type PixelCounts, type SegmentationScores, scoresFromCounts } from './segmentation.ts'

/** One score over many pictures. */
export interface ScoreSummary {
  mean: number
  /** Of the pictures at hand (divided by their number, as NumPy does). */
  std: number
  min: number
  max: number
}

/** Scores over a set, in both meanings that the literature has for it. */
export interface SetScores {
  count: number
  /** Every picture counts the same. */
  perImage: Record<keyof SegmentationScores, ScoreSummary>
  /** Every pixel counts the same: as if all pictures were one. */
  pooled: SegmentationScores
}

/**
 * Sums up the counts of many pictures.
 *
 * @throws `RangeError` when there are none.
 * @example
 * ```ts
 * const { perImage, pooled } = summariseScores([countPixels([0.9, 0.2], [1, 0]), countPixels([0.9, 0.2], [0, 0])])
 * console.log([perImage.precision.mean, pooled.precision]) // [0.5, 0.5]
 * ```
 */
export function summariseScores(counts: readonly PixelCounts[]): SetScores {
  if (counts.length === 0) throw new RangeError('summariseScores: no pictures')
  const scores = counts.map(scoresFromCounts)
  const of = (score: keyof SegmentationScores) => summary(scores.map((one) => one[score]))
  const pooled = counts.reduce((sum, one) => ({
    truePositive: sum.truePositive + one.truePositive,
    falsePositive: sum.falsePositive + one.falsePositive,
    falseNegative: sum.falseNegative + one.falseNegative,
    trueNegative: sum.trueNegative + one.trueNegative,
  }))
  return {
    count: counts.length,
    perImage: {
      f1: of('f1'),
      iou: of('iou'),
      precision: of('precision'),
      recall: of('recall'),
      accuracy: of('accuracy'),
    },
    pooled: scoresFromCounts(pooled),
  }
}

function summary(values: number[]): ScoreSummary {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length
  return { mean, std: Math.sqrt(variance), min: Math.min(...values), max: Math.max(...values) }
}
