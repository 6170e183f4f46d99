import { summarise } from '../study/statistics.ts'
import { SOLVED_AT, type XorCell } from './grid.ts'
import type { XorTraining } from './train.ts'

/** One network shape in numbers. */
export interface XorRow {
  readonly depth: number
  readonly width: number
  readonly parameters: number
  readonly repeats: number
  readonly accuracyMean: number
  /** Of a sample (n − 1); null for a single repeat. */
  readonly accuracyStd: number | null
  readonly lossMean: number
  readonly lossStd: number | null
  /** Share of the repeats with an accuracy of at least 0.99. */
  readonly solved: number
  /** Given only where the grid was trained with several settings. */
  readonly learningRate?: number
  /** As `learningRate`. */
  readonly batchSize?: number
  /** As `learningRate`. */
  readonly epochs?: number
}

/** What `study xor --json` prints. */
export interface XorResult {
  readonly study: 'xor'
  readonly seed: number
  readonly rows: readonly XorRow[]
  readonly seconds: number
}

/** The numbers of a network shape; with the training's, where several were tried. */
export function rowOf({ depth, width, parameters, outcomes }: XorCell, training?: XorTraining): XorRow {
  const accuracy = summarise(outcomes.map((outcome) => outcome.accuracy))
  const loss = summarise(outcomes.map((outcome) => outcome.loss))
  return {
    depth,
    width,
    parameters,
    repeats: outcomes.length,
    accuracyMean: accuracy.mean,
    accuracyStd: accuracy.deviation,
    lossMean: loss.mean,
    lossStd: loss.deviation,
    solved: outcomes.filter((outcome) => outcome.accuracy >= SOLVED_AT).length / outcomes.length,
    ...training,
  }
}

/** The table of the report that this study repeats: mean accuracy and its deviation over three repeats, as printed there. */
export const REPORTED: readonly { depth: number; width: number; mean: number; deviation: number }[] = [
  { depth: 0, width: 1, mean: 0.744, deviation: 0.003 },
  { depth: 0, width: 2, mean: 0.775, deviation: 0.175 },
  { depth: 0, width: 3, mean: 0.906, deviation: 0.133 },
  { depth: 1, width: 1, mean: 0.665, deviation: 0.115 },
  { depth: 1, width: 2, mean: 0.811, deviation: 0.134 },
  { depth: 1, width: 3, mean: 0.901, deviation: 0.14 },
  { depth: 2, width: 1, mean: 0.742, deviation: 0.003 },
  { depth: 2, width: 2, mean: 1, deviation: 0 },
  { depth: 2, width: 3, mean: 1, deviation: 0 },
  { depth: 3, width: 1, mean: 0.585, deviation: 0.118 },
  { depth: 3, width: 2, mean: 0.825, deviation: 0.116 },
  { depth: 3, width: 3, mean: 0.915, deviation: 0.12 },
]
