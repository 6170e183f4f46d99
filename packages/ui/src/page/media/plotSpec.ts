/** Observable Plot specifications as data: `{ marks: [{ mark: 'line', data: [...], x: 'step', y: 'loss' }], ... }`. */
import type { Json } from '@trainyard/tracker/api'

type JsonObject = { [key: string]: Json }
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export interface PlotMark {
  name: string
  data: Json[] | null
  options: JsonObject
}

export interface PlotSpec {
  marks: PlotMark[]
  options: JsonObject
}

/** Marks that draw data and load nothing. */
export const markNames = new Set([
  'areaX',
  'areaY',
  'arrow',
  'axisX',
  'axisY',
  'barX',
  'barY',
  'boxX',
  'boxY',
  'cell',
  'cellX',
  'cellY',
  'contour',
  'density',
  'dot',
  'dotX',
  'dotY',
  'frame',
  'gridX',
  'gridY',
  'hexgrid',
  'linearRegressionX',
  'linearRegressionY',
  'line',
  'lineX',
  'lineY',
  'link',
  'raster',
  'rect',
  'rectX',
  'rectY',
  'ruleX',
  'ruleY',
  'text',
  'textX',
  'textY',
  'tickX',
  'tickY',
  'vector',
  'waffleX',
  'waffleY',
])

/** @throws {Error} that says what is wrong with the specification */
export function readPlotSpec(spec: Json): PlotSpec {
  if (!isObject(spec)) throw new Error('The plot is no object.')
  const { marks, ...options } = spec
  if (!Array.isArray(marks) || marks.length === 0)
    throw new Error('The plot has no marks: expected { marks: [{ mark, data, … }] }.')
  return {
    options,
    marks: marks.map((entry, index) => {
      if (!isObject(entry)) throw new Error(`Mark ${index + 1} is no object.`)
      const { mark, type, data, options: nested, ...flat } = entry
      const name = mark ?? type
      if (typeof name !== 'string' || !markNames.has(name))
        throw new Error(`Mark ${index + 1}: "${String(name)}" is not known.`)
      if (data !== undefined && data !== null && !Array.isArray(data))
        throw new Error(`Mark ${index + 1}: data must be a list.`)
      return { name, data: data ?? null, options: { ...flat, ...(isObject(nested) ? nested : {}) } }
    }),
  }
}
