/** Joins what a chart has with what is new, as the server's cursors say. */
import type { SeriesData } from '@trainyard/tracker/api'

const parts = ['x', 'y', 'min', 'max', 'raw'] as const

/** The whole series after an answer: `keep` buckets of before, then those of the answer. */
export function merge(before: SeriesData | undefined, answer: SeriesData): SeriesData {
  if (!before || answer.keep === 0) return answer
  const keep = Math.min(answer.keep, before.x.length)
  const merged: SeriesData = { ...answer, keep: 0 }
  for (const part of parts) {
    const fresh = answer[part] as number[] | undefined
    const old = before[part] as number[] | undefined
    if (!fresh && !old) continue
    // Without a range of its own a bucket is one point.
    const own = (data: SeriesData, values: number[] | undefined) => values ?? (data.y as number[])
    const joined = own(before, old).slice(0, keep)
    for (const value of own(answer, fresh)) joined.push(value)
    Object.assign(merged, { [part]: joined })
  }
  return merged
}

/** Name of a series in a chart. */
export const seriesKey = (run: string, metric: string): string => `${run}\n${metric}`
