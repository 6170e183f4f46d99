import * as Plot from '@observablehq/plot'
import type { Effect } from '@trainyard/tracker/analysis'
import { arrange } from '../report/arrange.ts'
import { colour, drawPlot, type Figure, mix } from '../report/index.ts'
import { axisFor } from './axis.ts'
import { roundValues } from './ticks.ts'
import { ranked, type SweepOutcome } from './trials.ts'

const WIDTH = 410
const HEIGHT = 250

const roundPowers = (values: readonly number[]) => roundValues(Math.min(...values), Math.max(...values), 'log')

/** What each parameter does to the metric: the trials themselves, and the mean over all other parameters. */
export function effectsFigure(outcome: SweepOutcome): Figure {
  const { analysis, metric } = outcome
  const trials = ranked(outcome)
  const values = trials.map(({ value }) => value)
  const logged = axisFor(metric, values).scale === 'log'
  const panels = analysis.effects.map((effect) => panel(effect, outcome, logged))
  return {
    name: 'effects',
    title: `What each parameter does to ${metric}`,
    caption: `Dots: the n = ${trials.length} trials. Line or bars: ${metric} to be expected there, averaged over all other parameters by a random forest; shaded: the middle 90 % of resamples of the trials; n: how many trials have this value. Where the shading is wide, the trials do not tell.${logged ? ` The axis of ${metric} is logarithmic.` : ''}`,
    svg: arrange(panels, 2),
  }
}

function panel({ name, scale, points }: Effect, outcome: SweepOutcome, logged: boolean): string {
  const { metric, space } = outcome
  const known = space.find((parameter) => parameter.name === name)
  const trials = ranked(outcome)
  const last = Math.max(1, trials.length - 1)
  const dots = trials.map(({ parameters, value, trial }, rank) => ({ x: parameters[name], value, trial, rank }))
  const fill = ({ rank }: (typeof dots)[number]) => mix(colour('first'), colour('second'), rank / last)
  const listed = scale === 'category' || known?.kind === 'categorical'
  const y = {
    label: metric,
    type: logged ? ('log' as const) : ('linear' as const),
    grid: true,
    ticks: logged ? roundPowers(trials.map(({ value }) => value)) : 4,
    tickFormat: '~g' as const,
  }
  const common = { width: WIDTH, height: HEIGHT, marginLeft: 54, marginRight: 16, marginBottom: 44, marginTop: 36, y }
  if (listed) {
    const labels = points.map(({ label }) => label)
    const labelled = dots.map((dot) => ({
      ...dot,
      x: labels.find((label) => label === String(dot.x)) ?? String(dot.x),
    }))
    return drawPlot({
      ...common,
      x: { type: 'band', domain: labels, label: name, labelAnchor: 'center', labelOffset: 40, padding: 0.3 },
      marks: [
        Plot.rect(points, { x: 'label', y1: 'low', y2: 'high', fill: colour('quiet'), fillOpacity: 0.22 } as never),
        Plot.tickY(points, { x: 'label', y: 'mean', stroke: colour('ink'), strokeWidth: 2 }),
        Plot.dot(labelled, { x: 'x', y: 'value', fill, r: 3.5 }),
        Plot.text(points, {
          x: 'label',
          text: ({ trials: n }: Effect['points'][number]) => `n = ${n}`,
          frameAnchor: 'top',
          dy: -17,
          fill: colour('quiet'),
        }),
      ],
    })
  }
  return drawPlot({
    ...common,
    x: {
      type: scale === 'log' ? 'log' : 'linear',
      label: name,
      labelAnchor: 'center',
      labelOffset: 40,
      ticks: scale === 'log' ? roundPowers(dots.map(({ x }) => x as number)) : 4,
      tickFormat: '~g',
    },
    marks: [
      Plot.areaY(points, { x: 'value', y1: 'low', y2: 'high', fill: colour('quiet'), fillOpacity: 0.22 }),
      Plot.line(points, { x: 'value', y: 'mean', stroke: colour('ink'), strokeWidth: 2 }),
      Plot.dot(dots, { x: 'x', y: 'value', fill, r: 3.5 }),
    ],
  })
}

/** How much of the differences each parameter accounts for. */
export function importanceFigure({ analysis, metric }: SweepOutcome): Figure {
  const rows = analysis.importance.parameters.map(({ names, ...row }) => ({ ...row, name: names[0] }))
  const svg = drawPlot({
    height: 60 + 46 * rows.length,
    marginLeft: 120,
    marginRight: 30,
    marginBottom: 44,
    x: {
      domain: [0, Math.max(1, ...rows.map(({ high }) => high))],
      label: 'share of the differences',
      tickFormat: '.0%',
      ticks: 5,
      labelAnchor: 'center',
      labelOffset: 40,
    },
    y: { type: 'band', domain: rows.map(({ name }) => name), label: null, padding: 0.45 },
    marks: [
      Plot.gridX({ stroke: colour('rule'), strokeOpacity: 1, ticks: 5 }),
      Plot.barX(rows, {
        x: 'importance',
        y: 'name',
        fill: ({ real }: (typeof rows)[number]) =>
          real ? colour('first') : mix(colour('paper'), colour('quiet'), 0.45),
      }),
      Plot.ruleY(rows, { x1: 'low', x2: 'high', y: 'name', stroke: colour('ink'), strokeWidth: 1.6 }),
      Plot.tickX(
        rows.filter(({ chance }) => chance !== undefined),
        { x: 'chance', y: 'name', stroke: colour('second'), strokeWidth: 3 },
      ),
    ],
  })
  return {
    name: 'importance',
    title: 'Which parameters matter',
    caption: `Share of the differences in ${metric} between n = ${analysis.trials} trials that comes from each parameter (functional analysis of variance of a random forest), with the middle 90 % of resamples. Orange marks: chance; where no parameter has any influence, all of them stay below their marks in 19 of 20 sweeps. Bars that do so are grey, and tell nothing.`,
    svg,
  }
}
