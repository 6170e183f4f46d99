import { TrainyardError } from '../errors.ts'

/** One number for each class, or brought to one: the mean over classes, by classes' sizes, or over all samples. */
export type Average = 'macro' | 'weighted' | 'micro'

/**
 * Counts which classes are taken for which. Everything else follows from it: accuracy, precision, recall, F1, IoU.
 * A value that is 0 / 0 (a class that never occurs) is NaN, and left out of means.
 *
 * @example
 * ```ts
 * const matrix = new metrics.ConfusionMatrix(3)
 * matrix.add([0, 1, 2, 2], [0, 1, 1, 2])
 * console.log(matrix.accuracy, matrix.recall()) // 0.75 [1, 0.5, 1]
 * ```
 */
export class ConfusionMatrix {
  readonly classes: number
  /** Row: the class it is; column: the class it was taken for. */
  readonly counts: readonly Float64Array[]

  constructor(classes: number) {
    if (!Number.isInteger(classes) || classes < 1) {
      throw new TrainyardError(`ConfusionMatrix: classes must be an integer of at least 1, got ${classes}`)
    }
    this.classes = classes
    this.counts = Array.from({ length: classes }, () => new Float64Array(classes))
  }

  /**
   * Counts samples.
   *
   * @param predicted Class numbers.
   * @param actual Class numbers, as many.
   */
  add(predicted: ArrayLike<number>, actual: ArrayLike<number>): this {
    if (predicted.length !== actual.length) {
      throw new TrainyardError(`ConfusionMatrix: ${predicted.length} predictions for ${actual.length} samples`)
    }
    // Checked first: a batch counts as a whole or not at all.
    for (const list of [predicted, actual]) {
      for (let i = 0; i < list.length; i++) {
        if (!(Number.isInteger(list[i]) && list[i] >= 0 && list[i] < this.classes)) {
          throw new TrainyardError(`ConfusionMatrix: ${list[i]} is not a class from 0 to ${this.classes - 1}`)
        }
      }
    }
    for (let i = 0; i < actual.length; i++) this.counts[actual[i]][predicted[i]]++
    return this
  }

  /** Samples counted. */
  get total(): number {
    return this.support().reduce((a, b) => a + b, 0)
  }

  /** Samples of each class. */
  support(): number[] {
    return this.counts.map((row) => row.reduce((a, b) => a + b, 0))
  }

  /** The share of samples that were taken for what they are. */
  get accuracy(): number {
    return this.#right().reduce((a, b) => a + b, 0) / this.total
  }

  /** Of the samples of each class, the share that was recognised: the accuracy by class. */
  recall(): number[]
  recall(average: Average): number
  recall(average?: Average): number[] | number {
    return this.#scores((right, actual) => [right, actual], average)
  }

  /** Of the samples taken for each class, the share that is of it. */
  precision(): number[]
  precision(average: Average): number
  precision(average?: Average): number[] | number {
    return this.#scores((right, _, predicted) => [right, predicted], average)
  }

  /** The harmonic mean of precision and recall; for pixels also called Dice. */
  f1(): number[]
  f1(average: Average): number
  f1(average?: Average): number[] | number {
    return this.#scores((right, actual, predicted) => [2 * right, actual + predicted], average)
  }

  /** Samples in both over samples in either: intersection over union, or Jaccard index. */
  iou(): number[]
  iou(average: Average): number
  iou(average?: Average): number[] | number {
    return this.#scores((right, actual, predicted) => [right, actual + predicted - right], average)
  }

  /** The counts as nested lists. */
  toArray(): number[][] {
    return this.counts.map((row) => [...row])
  }

  #right(): number[] {
    return this.counts.map((row, i) => row[i])
  }

  #predicted(): number[] {
    return this.counts.map((_, i) => this.counts.reduce((sum, row) => sum + row[i], 0))
  }

  /** Evaluates a fraction of counts for each class, or of the sums over classes. */
  #scores(
    fraction: (right: number, actual: number, predicted: number) => [above: number, below: number],
    average?: Average,
  ): number[] | number {
    const [right, actual, predicted] = [this.#right(), this.support(), this.#predicted()]
    const parts = right.map((r, i) => fraction(r, actual[i], predicted[i]))
    if (average === 'micro') {
      const [above, below] = [0, 1].map((k) => parts.reduce((sum, part) => sum + part[k], 0))
      return above / below
    }
    const scores = parts.map(([above, below]) => above / below)
    if (average === undefined) return scores
    const weights = scores.map((score, i) => (Number.isNaN(score) ? 0 : average === 'weighted' ? actual[i] : 1))
    const sum = scores.reduce((total, score, i) => total + (weights[i] > 0 ? weights[i] * score : 0), 0)
    return sum / weights.reduce((a, b) => a + b, 0)
  }
}
