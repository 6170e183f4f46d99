/**
 * What a sweep's trials teach: importance, correlations, effects, contours, a narrower sweep, conclusions. Pure functions
 * without input or output, for reports and for workers in a browser alike.
 *
 * @module
 */
import { conclusions } from './conclusions.ts'
import { type Correlation, correlations } from './correlations.ts'
import { type Effect, marginalEffect } from './effects.ts'
import { type Forest, type ForestOptions, growForest } from './forest.ts'
import { type ImportanceReport, importance } from './importance.ts'
import { type NarrowerSweep, suggestNarrower } from './narrower.ts'
import { analysisTable, type TableOptions, type TrialRow } from './table.ts'

export type { Value } from '../distributions/distribution.ts'
export { conclusions } from './conclusions.ts'
export { type Correlation, correlations } from './correlations.ts'
export { type Contour, contour, type Effect, type EffectPoint, marginalEffect } from './effects.ts'
export { type Forest, type ForestOptions, growForest } from './forest.ts'
export { type Importance, type ImportanceReport, importance } from './importance.ts'
export { type NarrowerParameter, type NarrowerSweep, suggestNarrower } from './narrower.ts'
export { analysisTable, type Column, labelOf, type Table, type TableOptions, type TrialRow } from './table.ts'

/** Everything that is known about a sweep's trials. Plain data: it can be sent between workers and kept as JSON. */
export interface Analysis {
  readonly metric: string
  readonly goal: 'minimize' | 'maximize'
  /** How many trials all of it rests on. */
  readonly trials: number
  readonly leftOut: number
  readonly importance: ImportanceReport
  readonly correlations: readonly Correlation[]
  /** Of every parameter, the most important first. */
  readonly effects: readonly Effect[]
  readonly narrower: NarrowerSweep
  readonly conclusions: readonly string[]
}

/**
 * Analyses trials in one call. For contours, grow the forest yourself and ask `contour` for the two parameters.
 *
 * @example
 * const { conclusions } = analyse(runs.map((run) => ({ id: run.id, parameters: run.config, value: run.summary.loss })), {
 *   metric: 'loss',
 *   goal: 'minimize',
 * })
 */
export function analyse(rows: readonly TrialRow[], options: TableOptions & ForestOptions): Analysis {
  return analyseForest(growForest(analysisTable(rows, options), options))
}

/** The same for a forest that has been grown already, and is kept for contours. */
export function analyseForest(forest: Forest): Analysis {
  const { table } = forest
  const report = importance(forest)
  const correlated = correlations(table)
  const narrower = suggestNarrower(forest, report, correlated)
  return {
    metric: table.metric,
    goal: table.goal,
    trials: table.values.length,
    leftOut: table.leftOut,
    importance: report,
    correlations: correlated,
    effects: report.parameters.map(({ names }) => marginalEffect(forest, names[0])),
    narrower,
    conclusions: conclusions(forest, report, correlated, narrower),
  }
}
