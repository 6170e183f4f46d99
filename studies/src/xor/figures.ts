import * as Plot from '@observablehq/plot'
import { colour, drawPlot, type Figure, mix } from '../report/index.ts'
import { PLANE, SOLVED_AT, type XorCell } from './grid.ts'
import { REPORTED } from './result.ts'

export interface Point {
  readonly x: number
  readonly y: number
  readonly label: number
}

const classColour = (label: number) => colour(label === 1 ? 'second' : 'first')
const symbolOf = (label: number) => (label === 1 ? 'triangle' : 'circle')

/** The two classes in the plane. */
export function pointsFigure(points: readonly Point[], deviation: number): Figure {
  const svg = drawPlot({
    width: 440,
    height: 430,
    marginBottom: 40,
    x: { domain: [PLANE.low, PLANE.high], ticks: [-0.5, 0, 0.5, 1, 1.5], label: 'x₁', labelOffset: 34 },
    y: { domain: [PLANE.low, PLANE.high], ticks: [-0.5, 0, 0.5, 1, 1.5], label: 'x₂' },
    color: { domain: [0, 1], range: [classColour(0), classColour(1)] },
    marks: [
      Plot.gridX({ stroke: colour('rule'), strokeOpacity: 1 }),
      Plot.gridY({ stroke: colour('rule'), strokeOpacity: 1 }),
      Plot.dot(points, {
        x: 'x',
        y: 'y',
        symbol: ({ label }: Point) => symbolOf(label),
        stroke: ({ label }: Point) => classColour(label),
        r: 3.2,
        strokeWidth: 1.3,
      }),
    ],
  })
  return {
    name: 'points',
    title: 'Noisy XOR',
    caption: `n = ${points.length} points: corners of the unit square with normal noise of deviation ${deviation}. Triangles (class 1): exactly one coordinate of the corner is 1. No straight line parts the classes; the best one puts three of the four corners on the right side.`,
    svg,
  }
}

/** What the best network of each shape has learned. */
export function surfacesFigure(cells: readonly XorCell[], points: readonly Point[]): Figure {
  const best = cells.map((cell) => ({
    ...cell,
    outcome: cell.outcomes.reduce((a, b) => (b.loss < a.loss ? b : a)),
  }))
  const outcomeAt = new Map(best.map(({ depth, width, outcome }) => [`${depth}/${width}`, outcome]))
  const { low, high, side } = PLANE
  const sample = (x: number, y: number, facet: { fx?: number; fy?: number }) => {
    const { surface } = outcomeAt.get(`${facet.fy}/${facet.fx}`)!
    return bilinear(surface, side, ((x - low) / (high - low)) * (side - 1), ((y - low) / (high - low)) * (side - 1))
  }
  const bands = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95]
  const fills = Array.from({ length: bands.length + 1 }, (_, i) => {
    const towards = (i - bands.length / 2) / (bands.length / 2)
    return mix(colour('paper'), classColour(towards > 0 ? 1 : 0), 0.12 + Math.abs(towards) * 0.48)
  })
  const corners = points.filter((_, i) => i % 2 === 0)
  const svg = drawPlot({
    width: 760,
    height: 880,
    marginLeft: 60,
    marginRight: 70,
    x: { domain: [low, high], ticks: [0, 1], label: null },
    y: { domain: [low, high], ticks: [0, 1], label: null },
    fx: { label: null, padding: 0.06, tickFormat: (width: number) => `width ${width}` },
    fy: { label: null, padding: 0.1, tickFormat: (depth: number) => `depth ${depth}` },
    color: { type: 'threshold', domain: bands, range: fills },
    marks: [
      Plot.contour({
        x1: low,
        x2: high,
        y1: low,
        y2: high,
        fill: sample as never,
        fx: best.map(({ width }) => width),
        fy: best.map(({ depth }) => depth),
        thresholds: [0, ...bands],
        pixelSize: 4,
      } as never),
      Plot.dot(
        best.flatMap(({ depth, width }) => corners.map((point) => ({ ...point, depth, width }))),
        {
          x: 'x',
          y: 'y',
          fx: 'width',
          fy: 'depth',
          r: 1.6,
          symbol: ({ label }: Point) => symbolOf(label),
          fill: ({ label }: Point) => classColour(label),
        },
      ),
      Plot.text(best, {
        fx: 'width',
        fy: 'depth',
        frameAnchor: 'top-left',
        dx: 6,
        dy: 8,
        fontWeight: 600,
        stroke: colour('paper'),
        strokeWidth: 4,
        fill: colour('ink'),
        text: ({ outcome, outcomes }: (typeof best)[number]) =>
          `best ${outcome.accuracy.toFixed(3)}, solved ${outcomes.filter((o) => o.accuracy >= SOLVED_AT).length}/${outcomes.length}`,
      }),
      Plot.frame({ stroke: colour('rule') }),
    ],
  })
  const n = cells[0].outcomes.length
  return {
    name: 'surfaces',
    title: 'Where networks of each depth and width say class 1',
    caption: `The network with the lowest test loss of n = ${n} repeats of each shape: probability of class 1 from blue (0) to orange (1) in eight bands, with ${corners.length} of the training points. Above: its test accuracy, and how many of the ${n} solved the task. Depth 0 is the same linear network whatever the width.`,
    svg,
  }
}

function bilinear(values: Float32Array, side: number, column: number, row: number): number {
  const c = Math.min(side - 2, Math.max(0, Math.floor(column)))
  const r = Math.min(side - 2, Math.max(0, Math.floor(row)))
  const [u, v] = [column - c, row - r]
  const at = (i: number, j: number) => values[(r + i) * side + c + j]
  return (1 - v) * ((1 - u) * at(0, 0) + u * at(0, 1)) + v * ((1 - u) * at(1, 0) + u * at(1, 1))
}

/** Every repeat's accuracy, their mean, and the report's. */
export function accuracyFigure(cells: readonly XorCell[], testSize: number): Figure {
  const repeats = cells.flatMap(({ depth, width, outcomes }) => {
    const accuracies = outcomes.map(({ accuracy }) => accuracy)
    return accuracies.map((accuracy, i) => ({ depth, x: width + besideEquals(accuracies, i), accuracy }))
  })
  const means = cells.map(({ depth, width, outcomes }) => ({
    depth,
    width,
    accuracy: outcomes.reduce((sum, { accuracy }) => sum + accuracy, 0) / outcomes.length,
  }))
  const reported = REPORTED.filter(({ depth }) => depth > 0)
  const svg = drawPlot({
    height: 380,
    marginTop: 40,
    x: { domain: [0.5, 3.5], ticks: [1, 2, 3], tickFormat: 'd', label: 'width' },
    y: { domain: [0.42, 1.03], label: 'test accuracy', ticks: [0.5, 0.75, 1], tickFormat: '.2f' },
    fx: { label: null, tickFormat: (depth: number) => `depth ${depth}`, padding: 0.08 },
    marks: [
      Plot.ruleY([0.5, 0.75, 1], { stroke: colour('rule') }),
      Plot.dot(repeats, { x: 'x', y: 'accuracy', fx: 'depth', r: 2.6, fill: colour('first'), fillOpacity: 0.6 }),
      Plot.link(means, {
        x1: ({ width }) => width - 0.36,
        x2: ({ width }) => width + 0.36,
        y: 'accuracy',
        fx: 'depth',
        stroke: colour('ink'),
        strokeWidth: 2,
      }),
      Plot.dot(reported, {
        x: 'width',
        y: 'mean',
        fx: 'depth',
        symbol: 'diamond',
        stroke: colour('second'),
        fill: colour('paper'),
        strokeWidth: 1.8,
        r: 4,
      }),
    ],
  })
  const n = cells[0].outcomes.length
  return {
    name: 'accuracy',
    title: 'Every network, one by one',
    caption: `Each dot is one trained network (n = ${n} a shape), measured on the same ${testSize} test points; the bar is their mean. Results pile up at ½, ¾ and 1: two, three or four corners on the right side, which a mean hides. Diamonds: the report's means, n = 3 each, for the depths whose networks it did build.`,
    svg,
  }
}

/** How far to the side a dot stands so that nearly equal values do not hide each other: alternately left and right. */
function besideEquals(values: readonly number[], index: number): number {
  const equals = values.flatMap((value, i) => (Math.abs(value - values[index]) < 0.012 ? [i] : []))
  const place = equals.indexOf(index) - (equals.length - 1) / 2
  return place * Math.min(0.09, 0.8 / equals.length)
}

/** How the loss fell. */
export function curvesFigure(cells: readonly XorCell[], epochs: number): Figure {
  const step = Math.max(1, Math.floor(epochs / 60))
  const lines = cells.flatMap(({ depth, width, outcomes }) =>
    outcomes.flatMap(({ curve, accuracy }, repeat) =>
      Array.from(curve, (loss, epoch) => ({
        depth,
        width,
        repeat,
        loss,
        epoch: epoch + 1,
        solved: accuracy >= SOLVED_AT,
      })).filter(({ epoch }) => epoch === 1 || epoch === epochs || epoch % step === 0),
    ),
  )
  const svg = drawPlot({
    height: 560,
    marginRight: 64,
    x: { label: 'epoch', ticks: 4 },
    y: { label: 'training loss', domain: [0, 0.8], ticks: [0, 0.35, 0.69] },
    fx: { label: null, tickFormat: (width: number) => `width ${width}`, padding: 0.08 },
    fy: { label: null, tickFormat: (depth: number) => `depth ${depth}`, padding: 0.12 },
    marks: [
      Plot.ruleY([0, Math.LN2], { stroke: colour('rule') }),
      Plot.line(lines, {
        x: 'epoch',
        y: 'loss',
        z: 'repeat',
        fx: 'width',
        fy: 'depth',
        stroke: ({ solved }) => colour(solved ? 'first' : 'second'),
        strokeWidth: 1,
        strokeOpacity: 0.75,
        clip: true,
      }),
    ],
  })
  return {
    name: 'curves',
    title: 'The loss of every network while it trains',
    caption: `One line a network, n = ${cells[0].outcomes.length} a shape: blue where it solved the task in the end, orange where it did not. The upper rule is ln 2, the loss of a network that knows nothing.`,
    svg,
  }
}
