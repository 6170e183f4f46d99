import type { EpochRecord } from '@trainyard/train'
import type { FilmScore } from './evaluate.ts'

/** One epoch in numbers, under the names that the tracker has. */
export type HistoryRow = {
  readonly epoch: number
  readonly step: number
  readonly learningRate: number
  readonly seconds: number
} & { readonly [metric: string]: number }

/** How many films are where. */
export interface Counts {
  readonly train: number
  readonly validation: number
  readonly test: number
}

/** Scores of films that were not trained on: each film counts the same. */
export interface MeanScores {
  readonly f1Mean: number
  /** Of these films (divided by their number). */
  readonly f1Std: number
  readonly f1Min: number
  readonly iouMean: number
  readonly accuracy: number
}

/** The same, with the films one by one. */
export interface TestScores extends MeanScores {
  readonly perImage: readonly FilmScore[]
}

/** One fold of a cross-validation. */
export interface FoldResult extends Counts, MeanScores {
  /** Counted from 1. */
  readonly fold: number
  readonly bestEpoch: number
  readonly history: readonly HistoryRow[]
  /** Of this fold's network on the films that were kept apart, where there are any. */
  readonly external?: MeanScores
}

/** What `study xray --json` prints. */
export interface XrayResult {
  readonly study: 'xray'
  readonly seed: number
  readonly data: Counts & { readonly source: string }
  /** Numbers in the network. */
  readonly parameters: number
  readonly epochs: number
  /** Of the first fold, in a cross-validation. */
  readonly history: readonly HistoryRow[]
  /** Over all folds, in a cross-validation: every film is in one test set. */
  readonly test: TestScores
  /**
   * Given only where films were kept apart: in the form of `test`. In a cross-validation each of them is there as often as there
   * are folds, once from each network.
   */
  readonly external?: TestScores & { readonly source: string }
  /** Given only for a cross-validation. */
  readonly folds?: readonly FoldResult[]
  /** What the process needed at most. */
  readonly peakMemoryBytes: number
  /** Median of this session; null where everything was trained already. */
  readonly secondsPerStep: number | null
  readonly seconds: number
}

export function historyRow({ epoch, step, learningRate, seconds, metrics }: EpochRecord): HistoryRow {
  return { epoch, step, learningRate, seconds, ...metrics }
}
