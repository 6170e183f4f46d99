import * as Plot from '@observablehq/plot'
import { colour, drawPlot, type Figure, mix } from '../report/index.ts'
import { type Axis, axisFor } from './axis.ts'
import { ranked, type SweepOutcome } from './trials.ts'

/** How far the best and the worst of the lines that meet in one value stand apart, as a share of the axis. */
const APART = 0.03

/** Every trial as a line across its parameters to the metric. */
export function parallelFigure(outcome: SweepOutcome, further: readonly string[] = []): Figure {
  const { searched, space, metric, goal } = outcome
  const trials = ranked(outcome)
  const axes = [
    ...searched.map((name) => {
      const { kind, log } = space.find((parameter) => parameter.name === name)!
      const values = trials.map(({ parameters }) => parameters[name])
      return axisFor(name, values, { list: kind === 'categorical', ...(log ? { scale: 'log' as const } : {}) })
    }),
    ...further.map((name) =>
      axisFor(
        name,
        trials.map(({ metrics }) => metrics[name] ?? Number.NaN),
      ),
    ),
    axisFor(
      metric,
      trials.map(({ value }) => value),
    ),
  ]
  const valueOn = (axis: Axis, trial: (typeof trials)[number]) =>
    axis.name === metric
      ? trial.value
      : axis.name in trial.metrics && !searched.includes(axis.name)
        ? trial.metrics[axis.name]
        : trial.parameters[axis.name]
  const lines = trials.flatMap((trial, rank) => {
    const share = trials.length > 1 ? rank / (trials.length - 1) : 0
    return axes.map((axis) => ({
      trial: trial.trial,
      axis: axis.name,
      // Lines that meet in one value would hide each other: each keeps a little to its own side.
      place: axis.place(valueOn(axis, trial)) + (axis.few ? APART * (0.5 - share) : 0),
      rank,
      share,
    }))
  })
  const stroke = ({ share }: (typeof lines)[number]) => mix(colour('first'), colour('second'), share)
  const ticks = axes.flatMap(({ name, ticks: marks }) => marks.map((tick) => ({ ...tick, axis: name })))
  const best = lines.filter(({ rank }) => rank === 0)
  const svg = drawPlot({
    height: 420,
    marginTop: 46,
    marginBottom: 16,
    marginLeft: 70,
    marginRight: 110,
    x: { type: 'point', domain: axes.map(({ name }) => name), axis: null, padding: 0 },
    y: { domain: [0, 1], axis: null },
    marks: [
      Plot.ruleX(axes, { x: 'name', stroke: colour('quiet'), strokeWidth: 1 }),
      Plot.line(
        lines.filter(({ rank }) => rank > 0),
        {
          x: 'axis',
          y: 'place',
          z: 'trial',
          stroke,
          strokeWidth: 1.6,
          strokeOpacity: 0.8,
          curve: 'monotone-x',
          sort: { channel: 'rank', reverse: true } as never,
        },
      ),
      Plot.line(best, {
        x: 'axis',
        y: 'place',
        z: 'trial',
        stroke: colour('first'),
        strokeWidth: 4,
        curve: 'monotone-x',
      }),
      Plot.text(ticks, {
        x: 'axis',
        y: 'place',
        text: 'label',
        dx: -6,
        textAnchor: 'end',
        stroke: colour('paper'),
        strokeWidth: 4,
        fill: colour('ink'),
        fontSize: 11,
      }),
      Plot.text(axes, {
        x: 'name',
        frameAnchor: 'top',
        dy: -26,
        text: ({ name, scale }: Axis) => `${name}${scale === 'log' ? ' (log)' : ''}`,
        fontWeight: 600,
      }),
      Plot.text(best.slice(-1), {
        x: 'axis',
        y: 'place',
        text: ({ trial }: (typeof lines)[number]) => `trial ${trial}`,
        dx: 8,
        textAnchor: 'start',
        fill: colour('first'),
        fontWeight: 600,
      }),
    ],
  })
  return {
    name: 'parallel',
    title: 'Every trial, from its settings to what came of it',
    caption: `n = ${trials.length} trials with a value, one line each, coloured by rank: blue the best, orange the worst; the thick one is the best, ${goal === 'minimize' ? 'lowest' : 'highest'} ${metric}. Each axis has a scale of its own.`,
    svg,
  }
}
