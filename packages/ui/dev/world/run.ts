/** A run of the made-up world: its facts, and curves that are computed when somebody asks. */
import type { Json, RunState } from '@trainyard/tracker/api'
import { random } from './random.ts'

export interface Curve {
  /** Logged every so many rows. */
  every: number
  value(row: number, noise: () => number): number
}

export interface WorldRun {
  id: string
  name: string
  project: string
  state: RunState
  created: number
  duration: number
  group: string | null
  jobType: string | null
  tags: string[]
  notes: string
  archived: boolean
  color: string | null
  sweep: string | null
  revision: number
  config: { [key: string]: Json }
  summary: { [key: string]: Json }
  rows: number
  curves: Map<string, Curve>
  seed: number
  error: string | null
  stopping: boolean
  console: string[]
  problems: string[]
}

export interface Points {
  step: number[]
  time: number[]
  value: number[]
}

const cache = new WeakMap<WorldRun, Map<string, Points>>()

/** All points of a metric of a run; grows in place while the run does. */
export function points(run: WorldRun, metric: string): Points | undefined {
  const curve = run.curves.get(metric)
  if (!curve) return undefined
  let own = cache.get(run)
  if (!own) cache.set(run, (own = new Map()))
  let known = own.get(metric)
  if (!known) own.set(metric, (known = { step: [], time: [], value: [] }))
  const secondsARow = run.duration / Math.max(1, run.rows)
  for (let row = known.step.length * curve.every; row < run.rows; row += curve.every) {
    const noise = random(run.seed ^ (row * 2654435761) ^ (metric.length * 7919 + metric.charCodeAt(metric.length - 1)))
    known.step.push(row)
    known.time.push(run.created + row * secondsARow)
    known.value.push(curve.value(row, noise.gauss))
  }
  return known
}

export interface Statistics {
  last: number
  first: number
  min: number
  max: number
  mean: number
  count: number
}

const statistics = new WeakMap<WorldRun, Map<string, Statistics>>()

export function statisticsOf(run: WorldRun, metric: string): Statistics | undefined {
  let own = statistics.get(run)
  if (!own) statistics.set(run, (own = new Map()))
  const known = own.get(metric)
  if (known && (run.state !== 'running' || known.count * (run.curves.get(metric)?.every ?? 1) >= run.rows)) return known
  const data = points(run, metric)
  if (!data?.value.length) return undefined
  let min = Infinity
  let max = -Infinity
  let sum = 0
  let count = 0
  for (const value of data.value)
    if (Number.isFinite(value)) {
      if (value < min) min = value
      if (value > max) max = value
      sum += value
      count++
    }
  const result = {
    last: data.value.at(-1)!,
    first: data.value[0],
    min,
    max,
    mean: sum / count,
    count: data.value.length,
  }
  own.set(metric, result)
  return result
}
