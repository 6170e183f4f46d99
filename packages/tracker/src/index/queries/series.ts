/** Lines of charts, over many runs. */

import { RunFold } from '../../log/runFold.ts'
import type {
  AggregateAnswer,
  AggregateData,
  AggregateQuery,
  PointsAnswer,
  PointsQuery,
  SeriesAnswer,
  SeriesData,
  SeriesQuery,
} from '../../server/api/index.ts'
import type { RunIndex } from '../runIndex.ts'
import { aggregateLines } from '../series/aggregate.ts'
import { RunClock } from '../series/clock.ts'
import type { Line, SeriesRun } from '../series/query.ts'

/** What the series of runs need to know of them, kept while the run does not change its sessions. */
export class SeriesRuns {
  private readonly index: RunIndex
  private readonly known = new Map<string, { rows: number; run: SeriesRun }>()

  constructor(index: RunIndex) {
    this.index = index
  }

  get(project: string, run: string): SeriesRun | null {
    const row = this.index.database.get(
      "SELECT id, json_array_length(fold, '$.sessions') AS sessions FROM run WHERE project = ? AND run = ?",
      project,
      run,
    )
    if (!row) return null
    const key = `${project}\0${run}`
    const sessions = Number(row.sessions)
    const known = this.known.get(key)
    if (known?.rows === sessions && known.run.id === Number(row.id)) return known.run
    const fold = RunFold.parse(
      String(this.index.database.get('SELECT fold FROM run WHERE id = ?', Number(row.id))?.fold),
    )
    const made = { id: Number(row.id), clock: new RunClock(fold.sessions) }
    if (this.known.size > 5000) this.known.clear()
    this.known.set(key, { rows: sessions, run: made })
    return made
  }
}

const none: Line = { keep: 0, x: [], y: [], bucket: 0, points: 0, nonFinite: 0, extent: null, cursor: '' }

export function querySeries(index: RunIndex, runs: SeriesRuns, project: string, query: SeriesQuery): SeriesAnswer {
  const lineQuery = {
    x: query.x ?? 'step',
    range: query.range,
    pixels: query.pixels ?? 1000,
    smoothing: query.smoothing ?? { kind: 'none' as const },
  }
  const series = query.series.map(({ run, metric, cursor }): SeriesData => {
    const found = runs.get(project, run)
    return { run, metric, ...(found ? index.series.line(found, metric, lineQuery, cursor) : none) }
  })
  return { series }
}

export function queryAggregate(
  index: RunIndex,
  runs: SeriesRuns,
  project: string,
  query: AggregateQuery,
): AggregateAnswer {
  const {
    metric,
    x = 'step',
    range,
    pixels = 500,
    smoothing = { kind: 'none' },
    center = 'mean',
    band = 'deviation',
  } = query
  const lineQuery = { x, range, pixels, smoothing }
  const groups = query.groups.map(({ key, runs: names }) => ({
    key,
    lines: names.flatMap((name) => {
      const run = runs.get(project, name)
      const line = run && index.series.line(run, metric, lineQuery)
      return line && line.x.length > 0 ? [line] : []
    }),
  }))
  const { width, results } = aggregateLines(
    groups.map(({ lines }) => lines),
    { range, pixels, center, band },
  )
  return {
    bucket: width,
    groups: groups.map(({ key, lines }, i): AggregateData => ({ key, ...results[i], runs: lines.length })),
  }
}

export function queryPoints(index: RunIndex, runs: SeriesRuns, project: string, query: PointsQuery): PointsAnswer {
  const { x = 'step', at } = query
  return {
    points: query.series.map(({ run, metric }) => {
      const found = runs.get(project, run)
      const point = found && index.series.pointAt(found, metric, x, at)
      if (!point) return null
      return { ...point, y: Number.isFinite(point.y) ? point.y : null }
    }),
  }
}
