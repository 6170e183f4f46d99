/** A metric that every run logged once is no curve: it is shown as bars. */
import type { Line } from '../../charts/line.ts'

export interface Bar {
  line: Line
  value: number
  /** Ends of the bar, as shares of the width. */
  from: number
  to: number
}

/** Whether every line is a single point, so that a curve would say nothing. One line alone stays a point that may grow. */
export function areSingle(lines: readonly Line[]): boolean {
  return lines.length > 1 && lines.every(({ x, y }) => x.length === 1 && y[0] !== null)
}

/**
 * Bars from zero; where all values lie close together far from zero, from a little below the lowest, so that their differences can be seen
 * (then `cut` is true, and has to be said).
 */
export function bars(lines: readonly Line[]): { bars: Bar[]; cut: boolean; base: number } {
  const values = lines.map(({ y }) => y[0] ?? 0)
  const low = Math.min(...values)
  const high = Math.max(...values)
  const cut = low > 0 && high > low && (high - low) / high < 0.2
  const base = cut ? Math.max(0, low - (high - low) * 0.5) : Math.min(0, low)
  const span = Math.max(high, base) - base || 1
  const at = (value: number) => (value - base) / span
  const zero = cut ? 0 : at(0)
  return {
    bars: lines.map((line, i) => ({
      line,
      value: values[i],
      from: Math.min(zero, at(values[i])),
      to: Math.max(zero, at(values[i])),
    })),
    cut,
    base,
  }
}
