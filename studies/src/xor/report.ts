import { count, duration, percent, Report } from '../report/index.ts'
import { accuracyFigure, curvesFigure, type Point, pointsFigure, surfacesFigure } from './figures.ts'
import { SOLVED_AT, type XorCell, type XorSetting } from './grid.ts'
import type { XorRow } from './result.ts'
import { comparisonTable, resultTable, settingsTable } from './tables.ts'
import type { XorTraining } from './train.ts'

export interface XorReportParts {
  readonly setting: XorSetting
  /** The first of these is what tables and figures show. */
  readonly grids: readonly { readonly training: XorTraining; readonly cells: XorCell[]; readonly rows: XorRow[] }[]
  readonly points: readonly Point[]
  readonly seconds: number
}

/** Tables, figures and what they mean. */
export function xorReport({ setting, grids, points, seconds }: XorReportParts): Report {
  const { cells, rows, training } = grids[0]
  const { repeats, testSize, trainSize } = setting
  const networks = grids.length * cells.length * repeats
  const solved = rows.filter((row) => row.solved > 0)
  const smallest = solved.length > 0 ? solved.reduce((a, b) => (b.parameters < a.parameters ? b : a)) : null
  const report = new Report({
    title: 'Deep versus wide: noisy XOR',
    lead: `Does a small network need depth or width to learn exclusive or? Networks with 0 to 3 hidden layers of 1 to 3 tanh units, each trained **${repeats} times** from new weights: ${verdict(rows)}`,
    facts: [
      { label: 'networks trained', value: count(networks), detail: `n = ${repeats} of each shape` },
      {
        label: 'parameters has the smallest network that solved it',
        value: smallest ? String(smallest.parameters) : '–',
        ...(smallest ? { detail: `depth ${smallest.depth}, width ${smallest.width}` } : {}),
      },
      {
        label: 'networks that solved it',
        value: percent(rows.reduce((sum, row) => sum + row.solved, 0) / rows.length, 0),
        detail: `test accuracy of at least ${percent(SOLVED_AT, 0)}`,
      },
      { label: 'for everything', value: duration(seconds), detail: `seed ${setting.seed}` },
    ],
  })

  report
    .section('The task')
    .text(
      `${count(trainSize)} training and ${testSize} test points: a corner of the unit square, each coordinate 0 or 1 with equal chance, plus normal noise of deviation ${setting.deviation}. Class 1 where exactly one coordinate is 1. All networks see the same points; what differs from repeat to repeat is the first weights and the order of the points.`,
    )
    .figure(pointsFigure(points, setting.deviation))
    .text(
      `**Network.** 2 inputs → \`depth\` hidden layers of \`width\` units, each linear and tanh → 1 logit. Depth 0 is linear: 3 parameters whatever the width. Every layer has weights of its own.\n\n**Training.** Binary cross entropy with logits, SGD, learning rate ${training.learningRate}, shuffled batches of ${training.batchSize}, ${training.epochs} epochs. **Evaluation.** On the test points only, a probability of at least 0.5 counting as class 1.`,
    )

  report.section('Result').table(resultTable(rows, testSize)).figure(accuracyFigure(cells, testSize))
  for (const sentence of readings(rows)) report.text(sentence)
  report.note(
    `**How far this carries.** With n = ${repeats} a share of solved repeats is known to the interval in the table and no better: shapes whose intervals overlap widely are not shown to differ. A standard deviation here is that of single networks, not of the mean, and for results that pile up at ½, ¾ and 1 it says little; the figure above says more.`,
  )

  report
    .section('What they have learned')
    .figure(surfacesFigure(cells, points))
    .text(
      'Width 1 cannot do it at any depth: its first unit sees one weighted sum of the inputs, and everything behind it is a chain of monotone functions, so the border between the classes stays one straight line. Two units are two lines, and two lines are enough.',
    )
    .figure(curvesFigure(cells, training.epochs))

  report
    .section('Parameters')
    .text(
      'Depth 0: 2 + 1 = 3. Otherwise the first hidden layer has 2·w + w, each further one w·w + w, and the output w + 1. The table lists the number counted from the model beside the formula’s.',
    )

  report.section('Beside the original report').table(comparisonTable(rows))

  report.section('Influence of the training parameters')
  if (grids.length > 1) {
    report.table(settingsTable(grids)).text(influence(grids))
  } else {
    report.text(
      'Not asked for this time. The same grid over several settings: `trainyard study xor --lr 0.03,0.1,0.3 --batch-size 32,128 --epochs 100,200`.',
    )
  }
  return report
}

/** The result in a sentence, from the rows. */
function verdict(rows: readonly XorRow[]): string {
  const always = rows.filter((row) => row.solved === 1)
  const never = rows.filter((row) => row.solved === 0)
  const name = ({ depth, width }: XorRow) => `depth ${depth} × width ${width}`
  const parts = []
  if (always.length > 0) parts.push(`**${always.map(name).join(', ')}** solved it in every repeat`)
  else {
    const best = rows.reduce((a, b) => (b.solved > a.solved ? b : a))
    parts.push(`**${name(best)}** solved it most often (${Math.round(best.solved * best.repeats)} of ${best.repeats})`)
  }
  if (never.length > 0) parts.push(`${never.length} of ${rows.length} shapes never did`)
  return `${parts.join('; ')}.`
}

/** What the numbers say, shape by shape; nothing is said that they do not. */
function readings(rows: readonly XorRow[]): string[] {
  const shares = (keep: (row: XorRow) => boolean) => {
    const kept = rows.filter(keep)
    const hits = kept.reduce((sum, row) => sum + Math.round(row.solved * row.repeats), 0)
    return `${hits} of ${kept.reduce((sum, row) => sum + row.repeats, 0)}`
  }
  const hidden = rows.filter((row) => row.depth > 0)
  const values = (of: (row: XorRow) => number) => [...new Set(hidden.map(of))].sort((a, b) => a - b)
  const widths = values((row) => row.width)
  const depths = values((row) => row.depth)
  const wide = widths.filter((width) => width > 1)
  const linear = rows.find((row) => row.depth === 0)
  const sentences = []
  if (widths.length > 0)
    sentences.push(
      `**Width.** Networks with hidden layers that solved it, by width: ${widths.map((width) => `width ${width}: ${shares((row) => row.depth > 0 && row.width === width)}`).join('; ')}.`,
    )
  if (wide.length > 0)
    sentences.push(
      `**Depth.** Among those of width ${wide.join(' and ')}, by depth: ${depths.map((depth) => `depth ${depth}: ${shares((row) => row.depth === depth && row.width > 1)}`).join('; ')}.`,
    )
  if (linear)
    sentences.push(
      `**No hidden layer.** A line cannot part the classes; cross entropy settles near ln 2 = 0.693 (here ${linear.lossMean.toFixed(3)}, mean of n = ${linear.repeats}) and the accuracy near ½ (${linear.accuracyMean.toFixed(3)}), since every line that favours one corner pays at another.`,
    )
  return sentences
}

/** For each setting that was varied, the share of solved networks at each of its values, whatever the others were. */
function influence(grids: XorReportParts['grids']): string {
  const settings: [name: string, of: (training: XorTraining) => number][] = [
    ['learning rate', ({ learningRate }) => learningRate],
    ['batch size', ({ batchSize }) => batchSize],
    ['epochs', ({ epochs }) => epochs],
  ]
  const sentences = settings.flatMap(([name, of]) => {
    const values = [...new Set(grids.map(({ training }) => of(training)))]
    if (values.length < 2) return []
    const shares = values.map((value) => {
      const rows = grids.filter(({ training }) => of(training) === value).flatMap((grid) => grid.rows)
      const networks = rows.reduce((sum, row) => sum + row.repeats, 0)
      const hits = rows.reduce((sum, row) => sum + Math.round(row.solved * row.repeats), 0)
      return `${value}: ${percent(hits / networks, 0)} (n = ${networks})`
    })
    return [`**By ${name}**, all shapes and other settings together, solved: ${shares.join('; ')}.`]
  })
  return sentences.join('\n\n')
}
