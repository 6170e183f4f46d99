/** What was taken for what. */
import { Media, MediaError, type MediaInput } from './input.ts'

/** The classes, and either how often each was taken for each, or truth and prediction of every example. */
export type ConfusionMatrixOptions = {
  /** Names of the classes, in the order of their numbers. */
  classes: string[]
} & (
  | { /** counts[truth][prediction] */ counts: ArrayLike<number>[] }
  | { /** Class numbers, one for each example. */ truth: ArrayLike<number>; predictions: ArrayLike<number> }
)

/**
 * A confusion matrix for `run.log`, from class numbers or from counts.
 * @throws MediaError where sizes do not fit or a class number is none.
 * @example
 * ```ts
 * const run = await init({ mode: 'disabled' })
 * const matrix = new ConfusionMatrix({ classes: ['cat', 'dog'], truth: [0, 1, 1], predictions: [0, 1, 0] })
 * console.log(matrix.counts) // [[1,0],[1,1]]
 * run.log({ matrix })
 * ```
 */
export class ConfusionMatrix extends Media {
  readonly classes: string[]
  readonly counts: number[][]

  constructor(options: ConfusionMatrixOptions) {
    super()
    this.classes = options.classes.map(String)
    const size = this.classes.length
    if ('counts' in options) {
      this.counts = Array.from(options.counts, (row) => Array.from(row))
      if (this.counts.length !== size || this.counts.some((row) => row.length !== size))
        throw new MediaError(`ConfusionMatrix: ${size} classes need ${size}×${size} counts`)
      if (!this.counts.flat().every(Number.isFinite)) throw new MediaError('ConfusionMatrix: counts must be finite')
      return
    }
    const { truth, predictions } = options
    if (truth.length !== predictions.length)
      throw new MediaError(`ConfusionMatrix: ${truth.length} truths and ${predictions.length} predictions`)
    this.counts = this.classes.map(() => new Array<number>(size).fill(0))
    for (let i = 0; i < truth.length; i++) {
      const row = this.counts[truth[i]]
      if (row === undefined || row[predictions[i]] === undefined)
        throw new MediaError(
          `ConfusionMatrix: example ${i} has truth ${truth[i]} and prediction ${predictions[i]}; classes are 0 to ${size - 1}`,
        )
      row[predictions[i]]++
    }
  }

  /** What is kept, in plain numbers and texts. */
  toInput(): MediaInput {
    return { kind: 'confusion-matrix', classes: this.classes, counts: this.counts }
  }
}
