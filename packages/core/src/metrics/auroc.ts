import { TrainyardError } from '../errors.ts'

/**
 * The area under the ROC curve: the probability that a positive sample has a higher score than a negative one, equal
 * scores counting half. Exact, by ranks (Mann and Whitney, 1947); NaN where one of the classes is missing.
 *
 * @param scores Any numbers: only their order counts.
 * @param labels 1 (or true) for positive samples, 0 (or false) for negative ones.
 * @example
 * ```ts
 * console.log(metrics.auroc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])) // 0.75
 * ```
 */
export function auroc(scores: ArrayLike<number>, labels: ArrayLike<number | boolean>): number {
  const size = scores.length
  if (labels.length !== size) throw new TrainyardError(`auroc: ${size} scores for ${labels.length} labels`)
  for (let i = 0; i < size; i++) {
    if (Number.isNaN(scores[i])) throw new TrainyardError(`auroc: score ${i} is NaN and has no rank`)
    if (Number(labels[i]) !== 0 && Number(labels[i]) !== 1) {
      throw new TrainyardError(`auroc: labels must be 0 or 1, label ${i} is ${labels[i]}`)
    }
  }
  const order = Array.from({ length: size }, (_, i) => i).sort((a, b) => scores[a] - scores[b])
  let positives = 0
  let rankSum = 0
  for (let start = 0; start < size; ) {
    let end = start
    while (end < size && scores[order[end]] === scores[order[start]]) end++
    // Equal scores share the mean of their ranks, start + 1 to end.
    const rank = (start + 1 + end) / 2
    for (let i = start; i < end; i++) {
      if (!labels[order[i]]) continue
      positives++
      rankSum += rank
    }
    start = end
  }
  const negatives = size - positives
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}
