import type { Parts } from './data.ts'
import { type Evaluation, SHOWN, totalOf } from './evaluate.ts'
import { type FoldResult, historyRow, type XrayResult } from './result.ts'
import type { Trained } from './training.ts'

/** One training with its test. */
export interface Outcome extends Trained {
  /** Counted from 0; null where there is no cross-validation. */
  readonly fold: number | null
  readonly parts: Parts
  readonly parameters: number
  /** In words: what the weights began with. */
  readonly beginning: string
  readonly evaluation: Evaluation
  /** On the films that are kept apart; null where there are none. */
  readonly external: Evaluation | null
}

/** What the study prints as JSON. */
export function resultOf(
  outcomes: readonly Outcome[],
  {
    seed,
    source,
    external,
    epochs,
    seconds,
  }: { seed: number; source: string; external?: string; epochs: number; seconds: number },
): XrayResult {
  const [{ parts, parameters, history }] = outcomes
  const scoresOf = (evaluations: readonly Evaluation[]) => {
    const { films, counts } = merged(evaluations)
    return { ...totalOf(counts), perImage: films }
  }
  const paces = outcomes.flatMap(({ secondsPerStep }) => (secondsPerStep === null ? [] : [secondsPerStep]))
  return {
    study: 'xray',
    seed,
    data: { source, ...sizesOf(parts) },
    parameters,
    epochs,
    history: history.map(historyRow),
    test: scoresOf(outcomes.map(({ evaluation }) => evaluation)),
    ...(external === undefined
      ? {}
      : { external: { source: external, ...scoresOf(outcomes.map((outcome) => outcome.external!)) } }),
    ...(outcomes.length > 1 ? { folds: outcomes.map(foldResult) } : {}),
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    secondsPerStep: paces.length > 0 ? paces.reduce((sum, pace) => sum + pace, 0) / paces.length : null,
    seconds,
  }
}

const sizesOf = ({ train, validation, test }: Parts) => ({
  train: train.length,
  validation: validation.length,
  test: test.length,
})

function foldResult({ fold, parts, bestEpoch, history, evaluation, external }: Outcome): FoldResult {
  return {
    fold: (fold ?? 0) + 1,
    ...sizesOf(parts),
    bestEpoch,
    history: history.map(historyRow),
    ...totalOf(evaluation.counts),
    ...(external ? { external: totalOf(external.counts) } : {}),
  }
}

/** The films of all folds, each from a network that did not see it. */
export function merged(evaluations: readonly Evaluation[]): Evaluation {
  if (evaluations.length === 1) return evaluations[0]
  const ends = (which: 'worst' | 'best', sign: number) =>
    evaluations
      .flatMap((evaluation) => evaluation[which])
      .sort((a, b) => sign * (a.score.f1 - b.score.f1))
      .slice(0, SHOWN)
  const films = evaluations.flatMap((evaluation) => evaluation.films)
  const median = films.map(({ f1 }) => f1).sort((a, b) => a - b)[films.length >> 1]
  const distance = ({ typical }: Evaluation) => Math.abs(typical.score.f1 - median)
  return {
    films,
    counts: evaluations.flatMap(({ counts }) => counts),
    worst: ends('worst', 1),
    best: ends('best', -1),
    typical: evaluations.reduce((a, b) => (distance(b) < distance(a) ? b : a)).typical,
  }
}
