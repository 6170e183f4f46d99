/** How charts draw: set for the whole workspace, and for one panel where that differs. */
import type { AggregateQuery, Smoothing, XAxis } from '@trainyard/tracker/api'
import type { XKind } from './line.ts'

export interface ChartSettings {
  /** `auto`: the metric's own step metric where it has one, else the step. */
  x: XAxis | 'auto'
  smoothing: Smoothing
  logX: boolean
  logY: boolean
  /** Leave out of the y range what lies far outside of the rest. */
  ignoreOutliers: boolean
  /** The unsmoothed line, faint behind the smoothed one; or the lowest and highest of each pixel. */
  showRange: boolean
  center: NonNullable<AggregateQuery['center']>
  band: NonNullable<AggregateQuery['band']>
}

export const defaultSettings: ChartSettings = {
  x: 'auto',
  smoothing: { kind: 'none' },
  logX: false,
  logY: false,
  ignoreOutliers: false,
  showRange: true,
  center: 'mean',
  band: 'deviation',
}

export const smoothingKinds = {
  none: 'None',
  'time-weighted-ema': 'Time-weighted EMA',
  ema: 'EMA',
  'running-mean': 'Running mean',
  gaussian: 'Gaussian',
} as const satisfies { [kind in Smoothing['kind']]: string }

/** The one number of each kind of smoothing, with its slider. `scale` bends the slider where the interesting part is at one end. */
export const strengths = {
  'time-weighted-ema': { name: 'weight', min: 0, max: 0.999, step: 0.001, usual: 0.6 },
  ema: { name: 'weight', min: 0, max: 0.999, step: 0.001, usual: 0.6 },
  'running-mean': { name: 'points', min: 1, max: 500, step: 1, usual: 20 },
  gaussian: { name: 'points', min: 0, max: 200, step: 0.5, usual: 4 },
} as const

export function strengthOf(smoothing: Smoothing): number {
  if (smoothing.kind === 'none') return 0
  if (smoothing.kind === 'running-mean') return smoothing.window
  return smoothing.kind === 'gaussian' ? smoothing.sigma : smoothing.weight
}

/** Makes a smoothing of a kind, clamped to what the server takes; without strength, its usual one. */
export function smoothingOf(kind: Smoothing['kind'], strength?: number): Smoothing {
  if (kind === 'none') return { kind }
  const { min, max, usual } = strengths[kind]
  const value = Math.min(max, Math.max(min, strength !== undefined && Number.isFinite(strength) ? strength : usual))
  if (kind === 'running-mean') return { kind, window: Math.round(value) }
  return kind === 'gaussian' ? { kind, sigma: value } : { kind, weight: value }
}

export const smoothingText = (smoothing: Smoothing): string =>
  smoothing.kind === 'none' ? 'none' : `${smoothing.kind}:${strengthOf(smoothing)}`

export function parseSmoothing(text: string): Smoothing {
  const [kind, strength] = text.split(':')
  return kind in smoothingKinds
    ? smoothingOf(kind as Smoothing['kind'], strength === undefined ? undefined : Number(strength))
    : { kind: 'none' }
}

export const xKindOf = (x: XAxis): XKind => (x === 'step' || x === 'relative' || x === 'wall' ? x : 'number')

export const axisText = (x: ChartSettings['x']): string => (typeof x === 'string' ? x : `metric:${x.metric}`)

export function parseAxis(text: string): ChartSettings['x'] {
  if (text === 'step' || text === 'relative' || text === 'wall') return text
  return text.startsWith('metric:') && text.length > 7 ? { metric: text.slice(7) } : 'auto'
}

export const axisName = (x: ChartSettings['x']): string =>
  typeof x === 'object'
    ? x.metric
    : { auto: 'Automatic', step: 'Step', relative: 'Relative time', wall: 'Wall time' }[x]

/** What the server is asked for. */
export const axisOf = (x: ChartSettings['x'], stepMetric: string | null = null): XAxis =>
  x === 'auto' ? (stepMetric ? { metric: stepMetric } : 'step') : x
