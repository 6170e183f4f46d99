import { meanAndDeviation, percent, type Table } from '../report/index.ts'
import { wilsonInterval } from '../study/statistics.ts'
import { parametersByFormula } from './model.ts'
import { REPORTED, type XorRow } from './result.ts'
import type { XorTraining } from './train.ts'

const spread = (mean: number, deviation: number | null) =>
  deviation === null ? mean.toFixed(3) : meanAndDeviation(mean, deviation)

/** Every shape with its parameters, accuracy, loss, and how often it solved the task. */
export function resultTable(rows: readonly XorRow[], testSize: number): Table {
  return {
    head: ['depth', 'width', 'parameters', 'formula', 'n', 'test accuracy', 'test loss', 'solved', '95 % interval'],
    rows: rows.map((row) => {
      const hits = Math.round(row.solved * row.repeats)
      const [low, high] = wilsonInterval(hits, row.repeats)
      return [
        row.depth,
        row.width,
        row.parameters,
        parametersByFormula(row.depth, row.width),
        row.repeats,
        spread(row.accuracyMean, row.accuracyStd),
        spread(row.lossMean, row.lossStd),
        `${hits}/${row.repeats}`,
        `${percent(low, 0)} – ${percent(high, 0)}`,
      ]
    }),
    caption: `Mean ± standard deviation (n − 1) over n networks a row, each measured on the same ${testSize} test points; solved: accuracy of at least 99 %, with Wilson's interval for the share.`,
    textColumns: [],
  }
}

/** Ours beside the report's. */
export function comparisonTable(rows: readonly XorRow[]): Table {
  return {
    head: ['depth', 'width', 'here', 'n', 'report: its depth', 'report: accuracy', 'n'],
    rows: rows.flatMap(({ depth, width, accuracyMean, accuracyStd, repeats }) => {
      const ours = [depth, width, spread(accuracyMean, accuracyStd), repeats]
      // The report's code builds one hidden layer for depth 0 as well as for depth 1.
      const theirs = REPORTED.filter((other) => other.width === width && Math.max(1, other.depth) === depth)
      if (theirs.length === 0) return [[...ours, '–', 'not built', '–']]
      return theirs.map((other, i) => [
        ...(i === 0 ? ours : ['', '', '', '']),
        other.depth,
        spread(other.mean, other.deviation),
        3,
      ])
    }),
    caption:
      "Mean test accuracy ± standard deviation. The report's code builds one hidden layer for its depth 0 and its depth 1 alike, so both stand beside our depth 1; a linear network, our depth 0, it never trained. Its deviations divide by n, ours by n − 1.",
    textColumns: [],
  }
}

/** How the training's settings change the picture. */
export function settingsTable(grids: readonly { training: XorTraining; rows: readonly XorRow[] }[]): Table {
  const shapes = grids[0].rows.map(({ depth, width }) => `${depth}×${width}`)
  return {
    head: ['learning rate', 'batch', 'epochs', ...shapes],
    rows: grids.map(({ training, rows }) => [
      training.learningRate,
      training.batchSize,
      training.epochs,
      ...rows.map(({ solved, repeats }) => `${Math.round(solved * repeats)}/${repeats}`),
    ]),
    caption: `Networks that solved the task, of n = ${grids[0].rows[0].repeats} for each depth × width and each setting.`,
    textColumns: [],
  }
}
