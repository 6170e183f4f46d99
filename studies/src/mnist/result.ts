import type { nn } from '@trainyard/core'
import type { Evaluation } from './evaluate.ts'
import type { MnistModel } from './models.ts'

/** One network of the study in numbers. */
export interface MnistRow {
  readonly name: MnistModel
  readonly parameters: number
  readonly epochs: number
  readonly trainSeconds: number
  /** Share of right answers on all test images. */
  readonly accuracy: number
  /** The same for each class; null for a class without test images. */
  readonly perClass: readonly (number | null)[]
  /** confusion[truth][guess] */
  readonly confusion: readonly (readonly number[])[]
}

/** What `study mnist --json` prints. */
export interface MnistResult {
  readonly study: 'mnist'
  readonly seed: number
  readonly models: readonly MnistRow[]
  readonly seconds: number
}

/** A trained network with everything the report says of it. */
export interface TrainedModel {
  readonly name: MnistModel
  readonly title: string
  readonly summary: nn.Summary
  readonly epochs: number
  readonly trainSeconds: number
  /** Mean loss of the batches of each interval, by the step at its end. */
  readonly running: readonly { readonly step: number; readonly loss: number }[]
  readonly evaluation: Evaluation
}

export function rowOf({ name, summary, epochs, trainSeconds, evaluation }: TrainedModel): MnistRow {
  return {
    name,
    parameters: summary.parameters,
    epochs,
    trainSeconds,
    accuracy: evaluation.accuracy,
    perClass: evaluation.perClass.map((share) => (Number.isNaN(share) ? null : share)),
    confusion: evaluation.confusion,
  }
}

/** What the report that this study repeats found, counting 1,570 of the 10,000 test images. */
export const REPORTED: {
  readonly [name in MnistModel]: { readonly overall: string; readonly perClass: readonly number[] }
} = {
  mlp: {
    overall: '94 %',
    perClass: [0.986842, 0.978378, 0.918605, 0.942308, 0.943503, 0.888889, 0.929688, 0.945122, 0.951049, 0.964072],
  },
  cnn: {
    overall: '97 %',
    perClass: [0.993421, 0.983784, 0.982558, 0.980769, 0.988701, 0.960317, 0.96875, 0.963415, 0.972028, 0.97006],
  },
}

const MNIST_TEST_IMAGES = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]

/** Whether the test images are MNIST's own, all of them: only then the report's numbers are comparable. */
export function isMnist(images: readonly number[]): boolean {
  return images.length === 10 && images.every((count, digit) => count === MNIST_TEST_IMAGES[digit])
}
