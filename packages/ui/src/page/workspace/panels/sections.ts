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

/** Puts what a person ordered first, in that order; the others follow as they were. */
export function ordered<T>(items: readonly T[], id: (item: T) => string, order: readonly string[]): T[] {
  const rank = new Map(order.map((name, index) => [name, index]))
  return items
    .map((item, index) => ({ item, key: rank.get(id(item)) ?? order.length + index }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

/** The machine's sections last, the nameless one first, the others by name as a person counts (`block2` before `block10`). */
function bySection(a: string, b: string): number {
  const rank = (name: string) => (name === '' ? 0 : name === 'system' || name.startsWith('system/') ? 2 : 1)
  return rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true })
}

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
  const names = ordered([...bySectionName.keys()].sort(bySection), (name) => name, state.sections)
  const closed = new Set(state.closed)
  return names.map((name) => ({
    name,
    title: sectionTitle(name),
    // Whoever searches wants to see what was found.
    open: words.length > 0 || !closed.has(name),
    panels: ordered(bySectionName.get(name)!, ({ id }) => id, state.places[name] ?? []),
  }))
}

/** The order after one item moved to where another is now. */
export function moved(order: readonly string[], item: string, to: number): string[] {
  const rest = order.filter((one) => one !== item)
  rest.splice(Math.max(0, Math.min(rest.length, to)), 0, item)
  return rest
}
