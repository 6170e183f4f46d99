/** What a person set up in a parallel-coordinates plot, and its form in an address. */
import type { Column, ColumnId, SweepParameter } from '@trainyard/tracker/api'
import { decodeJson, encodeJson } from '../address/json.ts'
import type { AxisSettings } from './axis.ts'
import type { Brush } from './brush.ts'

export interface ParallelState {
  axes: AxisSettings[]
  brushes: Brush[]
  /** Column that gives the colour. */
  color: ColumnId | null
  /** Share of the best that is shown, 1 for all. */
  top: number
}

/** A trial that ended is judged by the best value it had. */
export const metricColumn = ({ name, goal }: { name: string; goal: 'minimize' | 'maximize' }): ColumnId =>
  `${goal === 'maximize' ? 'max' : 'min'}.${name}`

/** Axes by themselves: what was swept, then the metric. */
export function sweepAxes(
  parameters: readonly SweepParameter[],
  metric: { name: string; goal: 'minimize' | 'maximize' } | null,
): AxisSettings[] {
  const swept = parameters.filter(({ kind }) => kind !== 'constant')
  return [
    ...swept.map(({ name, log }) => ({ column: `config.${name}`, log, flip: false, range: null })),
    ...(metric ? [{ column: metricColumn(metric), log: false, flip: false, range: null }] : []),
  ]
}

/** The same for runs of no sweep: config that differs, then the metrics that most have. */
export function runAxes(columns: readonly Column[], most = 6): AxisSettings[] {
  const config = columns.filter(
    (column) =>
      column.kind === 'config' && column.differs && (column.type === 'number' || (column.values?.length ?? 99) <= 20),
  )
  const swept = config.filter((column) => column.swept)
  const chosen = (swept.length > 0 ? swept : config.filter(({ key }) => !/seed$/i.test(key))).slice(0, most - 1)
  const metrics = columns.filter((column) => column.kind === 'metric' && !column.key.startsWith('system/'))
  const rank = (key: string) =>
    /(^|\/)(val|test|eval).*loss/.test(key) ? 0 : /loss/.test(key) ? 1 : /(val|test|eval)/.test(key) ? 2 : 3
  const [metric] = [...metrics].sort((a, b) => rank(a.key) - rank(b.key) || b.runs - a.runs)
  return [...chosen, ...(metric ? [metric] : [])].map((column) => ({
    column: column.id,
    log: column.kind === 'config' ? null : false,
    flip: false,
    range: null,
  }))
}

const isRange = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] < value[1]

export function writeParallel(state: ParallelState): string {
  return encodeJson([
    state.axes.map(({ column, log, flip, range }) => [
      column,
      Number(log ?? 4) + 2 * Number(flip),
      ...(range ? [range] : []),
    ]),
    state.brushes.map(({ column, from, to }) => [column, from, to]),
    state.color,
    state.top,
  ])
}

/** null when the text says nothing that can be read. */
export function readParallel(text: string): ParallelState | null {
  try {
    const [axes, brushes, color, top] = decodeJson(text) as unknown[]
    if (!Array.isArray(axes)) return null
    return {
      axes: axes.flatMap((axis): AxisSettings[] => {
        if (!Array.isArray(axis) || typeof axis[0] !== 'string') return []
        const flags = Number(axis[1]) || 0
        return [
          {
            column: axis[0],
            log: (flags & 4) === 4 ? null : (flags & 1) === 1,
            flip: (flags & 2) === 2,
            range: isRange(axis[2]) ? axis[2] : null,
          },
        ]
      }),
      brushes: (Array.isArray(brushes) ? brushes : []).flatMap((brush): Brush[] =>
        Array.isArray(brush) && typeof brush[0] === 'string' && Number.isFinite(brush[1]) && Number.isFinite(brush[2])
          ? [{ column: brush[0], from: brush[1], to: brush[2] }]
          : [],
      ),
      color: typeof color === 'string' ? color : null,
      top: typeof top === 'number' && top > 0 && top <= 1 ? top : 1,
    }
  } catch {
    return null
  }
}
