/** The panels of a workspace: one for each key that was logged, in sections by prefix, as a person arranged them. */
import type { Metric } from '@trainyard/tracker/api'
import type { PanelsState } from '../state.ts'

export interface Panel {
  id: string
  title: string
  section: string
  kind: Metric['kind']
  /** One for a panel that came by itself, several where a person put them together. */
  metrics: string[]
  custom: boolean
  stepMetric: string | null
  width: number
  height: number
}

export interface Section {
  name: string
  title: string
  open: boolean
  panels: Panel[]
}

export const usualSize: { [kind in Metric['kind']]: [number, number] } = {
  scalar: [1, 236],
  image: [2, 320],
  histogram: [1, 236],
  table: [2, 320],
  'confusion-matrix': [1, 320],
  html: [1, 260],
  plot: [1, 260],
  text: [1, 180],
  file: [1, 120],
}

export const sectionTitle = (name: string): string => (name === '' ? 'Charts' : name)

/** Sections of the machine start closed: they are many, and looked at seldom. */
const opensItself = (name: string): boolean => name !== 'system' && !name.startsWith('system/')

/** Puts what a person ordered first, in that order; the others follow as they were. */
export function ordered<T>(items: readonly T[], id: (item: T) => string, order: readonly string[]): T[] {
  const rank = new Map(order.map((name, index) => [name, index]))
  return items
    .map((item, index) => ({ item, key: rank.get(id(item)) ?? order.length + index }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

const counter = /^(global_)?(step|epoch|iteration|iter|batch)s?$/i

/**
 * Where a section stands until somebody moves it: what was measured first, then what has pictures and texts only, then what only counts,
 * the machine last. Alike ones stand by name, as a person counts (`block2` before `block10`).
 */
function rankOf(name: string, panels: readonly Panel[]): number {
  if (!opensItself(name)) return 4
  const charts = panels.filter(({ kind }) => kind === 'scalar')
  if (charts.length === 0) return panels.some(({ kind }) => kind === 'image') ? 2 : 2.5
  if (charts.every(({ metrics }) => metrics.every((metric) => counter.test(metric)))) return 3
  return name === '' ? 0 : 1
}

const chartsFirst = (panels: readonly Panel[]): Panel[] => [
  ...panels.filter(({ kind }) => kind === 'scalar'),
  ...panels.filter(({ kind }) => kind !== 'scalar'),
]

export function sections(metrics: readonly Metric[], state: PanelsState, search = ''): Section[] {
  const removed = new Set(state.removed)
  const known = new Map(metrics.map((metric) => [metric.key, metric]))
  const panels: Panel[] = []
  const add = (id: string, title: string, section: string, kind: Metric['kind'], keys: string[], custom: boolean) => {
    const [width, height] = state.sizes[id] ?? usualSize[kind]
    const stepMetric = known.get(keys[0])?.stepMetric ?? null
    panels.push({ id, title, section, kind, metrics: keys, custom, stepMetric, width, height })
  }
  for (const { id, title, section, metrics: keys } of state.custom) add(id, title, section, 'scalar', keys, true)
  for (const { key, kind, section, hidden } of metrics)
    if (!hidden && !removed.has(key)) add(key, key, section, kind, [key], false)
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const bySectionName = new Map<string, Panel[]>()
  for (const panel of panels) {
    const text = `${panel.title}\n${panel.metrics.join('\n')}`.toLowerCase()
    if (!words.every((word) => text.includes(word))) continue
    bySectionName.get(panel.section)?.push(panel) ?? bySectionName.set(panel.section, [panel])
  }
  const ranks = new Map([...bySectionName].map(([name, own]) => [name, rankOf(name, own)]))
  const byRank = [...ranks.keys()].sort(
    (a, b) => ranks.get(a)! - ranks.get(b)! || a.localeCompare(b, 'en', { numeric: true }),
  )
  const names = ordered(byRank, (name) => name, state.sections)
  const toggled = new Set(state.toggled)
  return names.map((name) => ({
    name,
    title: sectionTitle(name),
    // Whoever searches wants to see what was found.
    open: words.length > 0 || opensItself(name) !== toggled.has(name),
    panels: ordered(chartsFirst(bySectionName.get(name)!), ({ id }) => id, state.places[name] ?? []),
  }))
}

/** The order after one item moved to where another is now. */
export function moved(order: readonly string[], item: string, to: number): string[] {
  const rest = order.filter((one) => one !== item)
  rest.splice(Math.max(0, Math.min(rest.length, to)), 0, item)
  return rest
}
