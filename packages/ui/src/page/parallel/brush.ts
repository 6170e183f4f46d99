/** Which runs are chosen by brushes on the axes, and how the same is said as a filter. */
import { type ColumnId, columnExpression } from '@trainyard/tracker/api'
import type { Axis } from './axis.ts'

/** Values from … to, both inclusive; of a category the indices of its first and last. */
export interface Brush {
  column: ColumnId
  from: number
  to: number
}

/** 1 for each run that is inside of all brushes. A brush on an axis that is not there chooses nothing away. */
export function chosen(axes: readonly Axis[], brushes: readonly Brush[], count: number): Uint8Array {
  const mask = new Uint8Array(count).fill(1)
  for (const brush of brushes) {
    const axis = axes.find(({ column }) => column === brush.column)
    if (!axis) continue
    const { values } = axis
    for (let i = 0; i < count; i++) if (!(values[i] >= brush.from && values[i] <= brush.to)) mask[i] = 0
  }
  return mask
}

/** The best share of runs by a metric, as a brush on its axis; null where nothing has a value. */
export function best(axis: Axis, goal: 'minimize' | 'maximize', part: number): Brush | null {
  const values = [...axis.values].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  if (values.length === 0) return null
  const count = Math.max(1, Math.round(values.length * part))
  return goal === 'minimize'
    ? { column: axis.column, from: values[0], to: values[count - 1] }
    : { column: axis.column, from: values[values.length - count], to: values[values.length - 1] }
}

/** Enough digits that exactly the same runs are chosen. */
const literal = (value: number): string => String(value)

/** The brushes in the filter language: what the runs table understands. */
export function whereOf(axes: readonly Axis[], brushes: readonly Brush[]): string {
  const parts: string[] = []
  for (const brush of brushes) {
    const axis = axes.find(({ column }) => column === brush.column)
    if (!axis) continue
    const name = columnExpression(brush.column)
    if (axis.kind === 'category') {
      const inside = axis.categories.filter((_, index) => index >= brush.from && index <= brush.to)
      if (inside.length === 1) parts.push(`${name} == ${JSON.stringify(inside[0])}`)
      else parts.push(`${name} in [${inside.map((value) => JSON.stringify(value)).join(', ')}]`)
    } else parts.push(`${name} >= ${literal(brush.from)} and ${name} <= ${literal(brush.to)}`)
  }
  return parts.join(' and ')
}

/** One brush an axis: the new one replaces the old; null takes it away. */
export const withBrush = (brushes: readonly Brush[], column: ColumnId, brush: Brush | null): Brush[] => {
  const others = brushes.filter((one) => one.column !== column)
  return brush ? [...others, brush] : others
}
