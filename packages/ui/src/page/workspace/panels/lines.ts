/** Lines of a chart, out of what the server answered. */
import type { AggregateData, SeriesData } from '@trainyard/tracker/api'
import type { Line } from '../../charts/line.ts'
import { seriesKey } from '../../charts/merge.ts'

export interface LineSubject {
  key: string
  label: string
  color: string
  runs: readonly string[]
}

/** Several metrics in one chart: a run keeps its colour, each metric has its own dash. */
export const dashes: readonly (readonly number[])[] = [[], [5, 3], [2, 3], [8, 3, 2, 3], [1, 4]]

export function runLines(
  subjects: readonly LineSubject[],
  metrics: readonly string[],
  data: ReadonlyMap<string, SeriesData>,
): Line[] {
  const lines: Line[] = []
  for (const { key, label, color } of subjects)
    metrics.forEach((metric, index) => {
      const series = data.get(seriesKey(key, metric))
      if (!series || series.x.length === 0) return
      lines.push({
        key: metrics.length > 1 ? seriesKey(key, metric) : key,
        label: metrics.length > 1 ? `${label} · ${metric}` : label,
        run: key,
        color,
        x: series.x,
        y: series.y,
        // Smoothed, the line before is shown behind; else what a pixel holds.
        ...(series.raw ? { raw: series.raw } : { low: series.min, high: series.max }),
        dash: dashes[index % dashes.length],
      })
    })
  return lines
}

export function groupLines(
  subjects: readonly LineSubject[],
  metrics: readonly string[],
  data: ReadonlyMap<string, AggregateData>,
): Line[] {
  const lines: Line[] = []
  for (const { key, label, color } of subjects)
    metrics.forEach((metric, index) => {
      const group = data.get(seriesKey(key, metric))
      if (!group || group.x.length === 0) return
      lines.push({
        key: metrics.length > 1 ? seriesKey(key, metric) : key,
        label: metrics.length > 1 ? `${label} · ${metric}` : label,
        run: null,
        color,
        x: group.x,
        y: group.center,
        low: group.low,
        high: group.high,
        count: group.count,
        dash: dashes[index % dashes.length],
      })
    })
  return lines
}
