/** Series, aggregates and points, computed anew for every question. */
import type {
  AggregateAnswer,
  AggregateQuery,
  PointsQuery,
  SeriesAnswer,
  SeriesData,
  SeriesQuery,
} from '@trainyard/tracker/api'
import { points, type WorldRun } from '../world/run.ts'

type Runs = Map<string, WorldRun>

interface Line {
  x: number[]
  y: number[]
}

function line(run: WorldRun | undefined, metric: string, x: SeriesQuery['x']): Line {
  const data = run && points(run, metric)
  if (!data) return { x: [], y: [] }
  if (x === 'relative') return { x: data.time.map((time) => time - run.created), y: data.value }
  if (x === 'wall') return { x: data.time, y: data.value }
  if (typeof x === 'object') {
    const other = points(run, x.metric)
    const byStep = new Map(other?.step.map((step, i) => [step, other.value[i]]))
    const kept = data.step.map((step, i) => [byStep.get(step), data.value[i]]).filter(([at]) => at !== undefined)
    return { x: kept.map(([at]) => at!), y: kept.map(([, value]) => value!) }
  }
  return { x: data.step, y: data.value }
}

function smooth(values: number[], smoothing: SeriesQuery['smoothing']): number[] {
  if (!smoothing || smoothing.kind === 'none') return values
  const weight =
    'weight' in smoothing
      ? smoothing.weight
      : 1 - 1 / Math.max(1, smoothing.kind === 'gaussian' ? smoothing.sigma * 2 : smoothing.window)
  let sum = 0
  let mass = 0
  return values.map((value) => {
    if (!Number.isFinite(value)) return value
    sum = sum * weight + value * (1 - weight)
    mass = mass * weight + 1 - weight
    return sum / mass
  })
}

const finite = (value: number) => (Number.isFinite(value) ? value : null)

function series(run: WorldRun | undefined, metric: string, query: SeriesQuery, cursor?: string): SeriesData {
  const { x, y } = line(run, metric, query.x)
  const smoothed = smooth(y, query.smoothing)
  const extent: [number, number] | null = x.length ? [x[0], x.at(-1)!] : null
  const [from, to] = query.range ?? extent ?? [0, 1]
  let first = x.findIndex((at) => at >= from)
  first = first < 0 ? x.length : Math.max(0, first - 1)
  let end = x.findIndex((at) => at > to)
  end = end < 0 ? x.length : Math.min(x.length, end + 1)
  const ordered = typeof query.x !== 'object'
  const width =
    ordered && end - first > (query.pixels ?? 1000)
      ? 2 ** Math.ceil(Math.log2((Math.min(to, extent![1]) - Math.max(from, extent![0])) / (query.pixels ?? 1000)))
      : 0
  const out: SeriesData = {
    run: run?.id ?? '',
    metric,
    keep: 0,
    x: [],
    y: [],
    bucket: width,
    points: x.length,
    nonFinite: y.filter((value) => !Number.isFinite(value)).length,
    extent,
    cursor: `${width}:${x.length}`,
  }
  const withRange = width > 0 || (query.smoothing?.kind ?? 'none') !== 'none'
  if (withRange) Object.assign(out, { min: [], max: [] })
  if (query.smoothing && query.smoothing.kind !== 'none') out.raw = []
  const [knownWidth, knownPoints] = cursor?.split(':').map(Number) ?? []
  const resume =
    cursor !== undefined && knownWidth === width && !query.range && knownPoints > 1 && knownPoints <= x.length
  let bucket = Number.NaN
  for (let i = first; i < end; ) {
    bucket = width > 0 ? Math.floor(x[i] / width) : i
    let stop = i + 1
    if (width > 0) while (stop < end && Math.floor(x[stop] / width) === bucket) stop++
    if (resume && stop <= knownPoints - 1) {
      out.keep++
      i = stop
      continue
    }
    let min = Infinity
    let max = -Infinity
    let sum = 0
    let lineSum = 0
    let count = 0
    for (let k = i; k < stop; k++)
      if (Number.isFinite(y[k])) {
        min = Math.min(min, y[k])
        max = Math.max(max, y[k])
        sum += y[k]
        lineSum += smoothed[k]
        count++
      }
    out.x.push(x[i])
    out.y.push(count ? lineSum / count : null)
    out.min?.push(finite(min))
    out.max?.push(finite(max))
    out.raw?.push(count ? sum / count : null)
    i = stop
  }
  return out
}

export function querySeries(runs: Runs, query: SeriesQuery): SeriesAnswer {
  return {
    series: query.series.map(({ run, metric, cursor }) => ({ ...series(runs.get(run), metric, query, cursor), run })),
  }
}

export function queryAggregate(runs: Runs, query: AggregateQuery): AggregateAnswer {
  let bucket = 1
  const groups = query.groups.map((group) => {
    const lines = group.runs.map((id) => {
      const { x, y } = line(runs.get(id), query.metric, query.x)
      return { x, y: smooth(y, query.smoothing) }
    })
    const longest = Math.max(1, ...lines.map(({ x }) => (x.at(-1) ?? 0) - (x[0] ?? 0)))
    bucket = 2 ** Math.ceil(Math.log2(longest / Math.min(query.pixels ?? 500, 400)))
    const cells = new Map<number, number[]>()
    for (const { x, y } of lines) {
      const own = new Map<number, number[]>()
      x.forEach((at, i) => {
        if (!Number.isFinite(y[i])) return
        const cell = Math.floor(at / bucket)
        own.get(cell)?.push(y[i]) ?? own.set(cell, [y[i]])
      })
      for (const [cell, values] of own) {
        const mean = values.reduce((a, b) => a + b, 0) / values.length
        cells.get(cell)?.push(mean) ?? cells.set(cell, [mean])
      }
    }
    const sorted = [...cells].sort(([a], [b]) => a - b)
    const spread = (values: number[]): [number, number, number] => {
      const mean = values.reduce((a, b) => a + b, 0) / values.length
      const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, values.length - 1))
      if (query.band === 'range') return [mean, Math.min(...values), Math.max(...values)]
      const half = query.band === 'error' ? deviation / Math.sqrt(values.length) : query.band === 'none' ? 0 : deviation
      return [mean, mean - half, mean + half]
    }
    const rows = sorted.map(([, values]) => spread(values))
    return {
      key: group.key,
      x: sorted.map(([cell]) => cell * bucket),
      center: rows.map(([center]) => center),
      low: rows.map(([, low]) => low),
      high: rows.map(([, , high]) => high),
      count: sorted.map(([, values]) => values.length),
      runs: lines.filter(({ x }) => x.length > 0).length,
    }
  })
  return { groups, bucket }
}

export function queryPoints(runs: Runs, query: PointsQuery) {
  return {
    points: query.series.map(({ run: id, metric }) => {
      const run = runs.get(id)
      const { x, y } = line(run, metric, query.x)
      const i = x.findLastIndex((at) => at <= query.at)
      if (!run || i < 0) return null
      const data = points(run, metric)!
      return { x: x[i], y: finite(y[i]), step: data.step[i] ?? 0, time: data.time[i] ?? 0 }
    }),
  }
}
