/**
 * Everything a person has set up in a workspace, and its form in the address. Only what differs from the defaults is written; what cannot be
 * read is left out, so that an old or mangled address still opens.
 */
import type { ColumnId } from '@trainyard/tracker/api'
import { decodeJson, encodeJson } from '../address/json.ts'
import {
  axisText,
  type ChartSettings,
  defaultSettings,
  parseAxis,
  parseSmoothing,
  smoothingText,
} from '../charts/settings.ts'

export interface SortKey {
  column: ColumnId
  descending: boolean
}

export interface CustomPanel {
  id: string
  section: string
  title: string
  metrics: string[]
}

export interface PanelsState {
  /** Sections in the order a person gave them; others follow by name. */
  sections: string[]
  /** Sections that are closed, or open where they would start closed. */
  toggled: string[]
  /** Panels of a section in the order a person gave them; others follow. */
  places: { [section: string]: string[] }
  /** Width in grid columns, height in pixels. */
  sizes: { [panel: string]: [number, number] }
  settings: { [panel: string]: Partial<ChartSettings> }
  custom: CustomPanel[]
  removed: string[]
}

export interface WorkspaceState {
  view: 'split' | 'table' | 'charts' | 'parallel'
  layout: string | null
  search: string
  where: string
  archived: boolean
  sort: SortKey[]
  groupBy: ColumnId[]
  /** null: chosen automatically. */
  columns: ColumnId[] | null
  pinned: ColumnId[]
  widths: { [column: ColumnId]: number }
  /** How many runs the charts show: the first of the table that are not hidden. */
  limit: number
  hidden: string[]
  /** Shown in charts although not among the first. */
  shown: string[]
  /** Where there are any, the charts show these and no others. */
  only: string[]
  /** Share of the width that the table takes in the split view. */
  split: number
  panelSearch: string
  /** Parallel coordinates as the address has them; '': chosen automatically. */
  parallel: string
  chart: ChartSettings
  panels: PanelsState
}

export const noPanels = (): PanelsState => ({
  sections: [],
  toggled: [],
  places: {},
  sizes: {},
  settings: {},
  custom: [],
  removed: [],
})

export const defaultState = (): WorkspaceState => ({
  view: 'split',
  layout: null,
  search: '',
  where: '',
  archived: false,
  sort: [],
  groupBy: [],
  columns: null,
  pinned: [],
  widths: {},
  limit: 10,
  hidden: [],
  shown: [],
  only: [],
  split: 0.36,
  panelSearch: '',
  parallel: '',
  chart: { ...defaultSettings },
  panels: noPanels(),
})

export const maxLimit = 100

/** How a field is written and read. `read` may throw or give undefined for what it does not understand. */
interface Field<K extends keyof WorkspaceState> {
  key: K
  write(value: WorkspaceState[K]): string
  read(text: string): WorkspaceState[K] | undefined
}
const field = <K extends keyof WorkspaceState>(
  key: K,
  write: Field<K>['write'],
  read: Field<K>['read'],
): Field<keyof WorkspaceState> => ({ key, write, read }) as unknown as Field<keyof WorkspaceState>

const text = <K extends 'search' | 'where' | 'panelSearch' | 'parallel'>(key: K) =>
  field(
    key,
    (value) => value as string,
    (value) => value as WorkspaceState[K],
  )
const json = <K extends keyof WorkspaceState>(key: K, check: (value: unknown) => boolean) =>
  field(key, encodeJson, (value) => {
    const decoded = decodeJson(value)
    return check(decoded) ? (decoded as WorkspaceState[K]) : undefined
  })

const isText = (value: unknown) => typeof value === 'string'
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText)
const isObject = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const words = (value: string) => value.split(' ').filter(Boolean)

const fields: Field<keyof WorkspaceState>[] = [
  field(
    'view',
    (value) => value,
    (value) => (['split', 'table', 'charts', 'parallel'] as const).find((known) => known === value),
  ),
  field(
    'layout',
    (value) => value ?? '',
    (value) => value || null,
  ),
  text('search'),
  text('where'),
  field(
    'archived',
    (value) => (value ? '1' : '0'),
    (value) => value === '1',
  ),
  field(
    'sort',
    (sort) => sort.map(({ column, descending }) => (descending ? '-' : '+') + encodeURIComponent(column)).join(' '),
    (value) =>
      words(value).map((part) => ({
        descending: part[0] === '-',
        column: decodeURIComponent(part.replace(/^[+-]/, '')),
      })),
  ),
  field(
    'groupBy',
    (columns) => columns.map(encodeURIComponent).join(' '),
    (value) => words(value).map(decodeURIComponent).slice(0, 4),
  ),
  field(
    'columns',
    (columns) => (columns ?? []).map(encodeURIComponent).join(' '),
    (value) => words(value).map(decodeURIComponent),
  ),
  field(
    'pinned',
    (columns) => columns.map(encodeURIComponent).join(' '),
    (value) => words(value).map(decodeURIComponent),
  ),
  json('widths', (value) => isObject(value) && Object.values(value).every((width) => typeof width === 'number')),
  field('limit', String, (value) => {
    const limit = Number(value)
    return Number.isInteger(limit) && limit >= 1 && limit <= maxLimit ? limit : undefined
  }),
  field('hidden', (runs) => runs.join(' '), words),
  field('shown', (runs) => runs.join(' '), words),
  field('only', (runs) => runs.join(' '), words),
  field(
    'split',
    (share) => share.toFixed(3),
    (value) => {
      const share = Number(value)
      return share >= 0.1 && share <= 0.9 ? share : undefined
    },
  ),
  text('panelSearch'),
  text('parallel'),
  json('panels', isObject),
]

/** Names in the address that differ from those in the state. */
const names: { [key in keyof WorkspaceState]?: string } = { groupBy: 'group', panelSearch: 'panel' }

export function writeState(state: WorkspaceState): URLSearchParams {
  const query = new URLSearchParams()
  const usual = defaultState()
  for (const { key, write } of fields) {
    const value = write(state[key])
    if (value !== write(usual[key]) && !(key === 'columns' && state.columns === null))
      query.set(names[key] ?? key, value)
  }
  if (state.columns?.length === 0) query.set('columns', '')
  const { chart } = state
  if (chart.x !== 'auto') query.set('x', axisText(chart.x))
  if (chart.smoothing.kind !== 'none') query.set('smooth', smoothingText(chart.smoothing))
  for (const flag of ['logX', 'logY', 'ignoreOutliers'] as const) if (chart[flag]) query.set(flag, '1')
  if (!chart.showRange) query.set('showRange', '0')
  if (chart.center !== 'mean') query.set('center', chart.center)
  if (chart.band !== 'deviation') query.set('band', chart.band)
  return query
}

export function readState(query: URLSearchParams): WorkspaceState {
  const state = defaultState()
  for (const { key, read } of fields) {
    const value = query.get(names[key] ?? key)
    if (value === null) continue
    try {
      const decoded = read(value)
      if (decoded !== undefined) Object.assign(state, { [key]: decoded })
    } catch {
      // Left at its default.
    }
  }
  state.panels = checkPanels(state.panels)
  state.chart = {
    x: parseAxis(query.get('x') ?? 'auto'),
    smoothing: parseSmoothing(query.get('smooth') ?? 'none'),
    logX: query.get('logX') === '1',
    logY: query.get('logY') === '1',
    ignoreOutliers: query.get('ignoreOutliers') === '1',
    showRange: query.get('showRange') !== '0',
    center: (['mean', 'median', 'min', 'max'] as const).find((one) => one === query.get('center')) ?? 'mean',
    band: (['deviation', 'error', 'range', 'none'] as const).find((one) => one === query.get('band')) ?? 'deviation',
  }
  return state
}

/** Whatever came from an address or a saved layout, made whole. */
export function checkPanels(value: unknown): PanelsState {
  const panels = noPanels()
  if (!isObject(value)) return panels
  for (const key of ['sections', 'toggled', 'removed'] as const) if (isTexts(value[key])) panels[key] = value[key]
  if (isObject(value.places))
    for (const [section, places] of Object.entries(value.places)) if (isTexts(places)) panels.places[section] = places
  if (isObject(value.sizes))
    for (const [panel, size] of Object.entries(value.sizes))
      if (Array.isArray(size) && size.length === 2 && size.every((one) => Number.isFinite(one) && one > 0))
        panels.sizes[panel] = [Math.min(12, Math.round(size[0])), Math.min(2000, size[1])]
  if (isObject(value.settings))
    for (const [panel, settings] of Object.entries(value.settings))
      if (isObject(settings)) panels.settings[panel] = settings
  if (Array.isArray(value.custom))
    panels.custom = value.custom.filter(
      (one) => isObject(one) && isText(one.id) && isText(one.section) && isText(one.title) && isTexts(one.metrics),
    ) as CustomPanel[]
  return panels
}
