import { metrics } from '@trainyard/core'

/** A test image that was taken for something else. */
export interface Mistake {
  readonly index: number
  readonly truth: number
  readonly guess: number
  /** The probability that the network gave to its guess. */
  readonly confidence: number
}

/** How a network did on the test images. */
export interface Evaluation {
  readonly accuracy: number
  /** Share of right answers for each class; NaN for a class without images. */
  readonly perClass: readonly number[]
  /** Images of each class. */
  readonly images: readonly number[]
  /** Row: the class it is; column: the class it was taken for. */
  readonly confusion: readonly (readonly number[])[]
  /** For each image whether it was right. */
  readonly right: Uint8Array
  /** All of them, the surest first. */
  readonly mistakes: readonly Mistake[]
}

/**
 * Compares log-probabilities with labels, over every image.
 *
 * @param logProbabilities [images × classes], row by row.
 */
export function evaluate(logProbabilities: Float32Array, labels: Uint8Array, classes: number): Evaluation {
  const count = labels.length
  const guesses = new Uint8Array(count)
  const right = new Uint8Array(count)
  const mistakes: Mistake[] = []
  for (let index = 0; index < count; index++) {
    const row = logProbabilities.subarray(index * classes, (index + 1) * classes)
    let guess = 0
    for (let c = 1; c < classes; c++) if (row[c] > row[guess]) guess = c
    guesses[index] = guess
    right[index] = guess === labels[index] ? 1 : 0
    if (!right[index]) mistakes.push({ index, truth: labels[index], guess, confidence: Math.exp(row[guess]) })
  }
  // Equal confidences keep the order of the images: the same list on every machine.
  mistakes.sort((a, b) => b.confidence - a.confidence || a.index - b.index)
  const matrix = new metrics.ConfusionMatrix(classes).add(guesses, labels)
  return {
    accuracy: (count - mistakes.length) / count,
    perClass: [...matrix.recall()],
    images: matrix.counts.map((row) => row.reduce((sum, n) => sum + n, 0)),
    confusion: matrix.counts.map((row) => [...row]),
    right,
    mistakes,
  }
}
