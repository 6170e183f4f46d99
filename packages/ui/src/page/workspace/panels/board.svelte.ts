/** What panels stand on: metrics, subjects, and how all of it is arranged. The workspace is one, a run's page has some. */
import type { Metric } from '@trainyard/tracker/api'
import { client } from '../../api/client.ts'
import type { Changes } from '../../api/live.ts'
import { SeriesBatcher } from '../../charts/batch.ts'
import type { ChartSettings } from '../../charts/settings.ts'
import type { CustomPanel, PanelsState } from '../state.ts'
import { moved, type Panel, type Section, sections } from './sections.ts'

/** A line of the charts: a run, or a group of runs. */
export interface Subject {
  key: string
  label: string
  color: string
  /** One for a run; for a group all of its. */
  runs: string[]
  isGroup: boolean
}

export interface BoardState {
  panels: PanelsState
  panelSearch: string
  chart: ChartSettings
}

export abstract class PanelBoard {
  readonly project: string
  readonly batcher = new SeriesBatcher((body) => client.call('querySeries', { project: this.project, body }))
  metrics = $state.raw<Metric[]>([])
  metricsReady = $state(false)
  metricsError = $state.raw<Error | undefined>()
  #listeners = new Set<(changes: Changes) => void>()

  abstract readonly state: BoardState
  abstract readonly subjects: Subject[]
  /** Lines are groups of runs. */
  abstract readonly grouped: boolean
  /** It is known which runs there are. */
  abstract readonly settled: boolean
  /** Asks which metrics there are. */
  abstract loadKeys(): Promise<void>

  constructor(project: string) {
    this.project = project
  }

  readonly scalars: string[] = $derived(this.metrics.filter(({ kind }) => kind === 'scalar').map(({ key }) => key))

  get sections(): Section[] {
    return sections(this.metrics, this.state.panels, this.state.panelSearch)
  }

  /** Charts and media ask to be told what changed. */
  listen(listener: (changes: Changes) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  protected tell(changes: Changes): void {
    for (const listener of this.#listeners) listener(changes)
  }

  /** Order of a section's panels as they are on screen. */
  #order(section: string): string[] {
    const found = sections(this.metrics, this.state.panels).find(({ name }) => name === section)
    return found?.panels.map(({ id }) => id) ?? []
  }

  shiftPanel({ section, id }: Panel, by: -1 | 1): void {
    const order = this.#order(section)
    this.state.panels.places[section] = moved(order, id, order.indexOf(id) + by)
  }

  movePanel(section: string, id: string, target: string, after: boolean): void {
    const rest = this.#order(section).filter((one) => one !== id)
    this.state.panels.places[section] = moved([...rest, id], id, rest.indexOf(target) + (after ? 1 : 0))
  }

  resizePanel({ id }: Panel, width: number, height: number): void {
    this.state.panels.sizes[id] = [Math.max(1, Math.min(6, width)), height]
  }

  removePanel({ id, custom }: Panel): void {
    const { panels } = this.state
    if (custom) panels.custom = panels.custom.filter((one) => one.id !== id)
    else panels.removed = [...panels.removed, id]
  }

  addPanel(panel: Omit<CustomPanel, 'id'>): void {
    const taken = new Set(this.state.panels.custom.map(({ id }) => id))
    let id = 1
    while (taken.has(`own-${id}`)) id++
    this.state.panels.custom = [...this.state.panels.custom, { ...panel, id: `own-${id}` }]
  }

  toggleSection(name: string): void {
    const { toggled } = this.state.panels
    this.state.panels.toggled = toggled.includes(name) ? toggled.filter((one) => one !== name) : [...toggled, name]
  }

  shiftSection(name: string, by: -1 | 1): void {
    const order = this.sections.map((section) => section.name)
    this.state.panels.sections = moved(order, name, order.indexOf(name) + by)
  }
}
