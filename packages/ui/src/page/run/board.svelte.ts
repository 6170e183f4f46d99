/** The panels of one run's page, or of some runs side by side: their charts, their media, or the machine's. */
import type { Metric } from '@trainyard/tracker/api'
import { client } from '../api/client.ts'
import { palette } from '../design/palette.ts'
import { theme } from '../design/theme.svelte.ts'
import { server } from '../shell/server.svelte.ts'
import { type BoardState, PanelBoard, type Subject } from '../workspace/panels/board.svelte.ts'
import { readState } from '../workspace/state.ts'

export type BoardKind = 'charts' | 'media' | 'system'

const isSystem = ({ key }: Metric) => key.startsWith('system/')
const belongs: { [kind in BoardKind]: (metric: Metric) => boolean } = {
  charts: (metric) => metric.kind === 'scalar' && !isSystem(metric),
  media: (metric) => metric.kind !== 'scalar',
  system: isSystem,
}

/** Sections of the machine by what they are about: `process`, `gpu.0`, `network`. */
const systemSection = (key: string): string => {
  const rest = key.slice('system/'.length)
  const cut = rest.search(/[./]/)
  return cut < 0 ? '' : rest.slice(0, cut)
}

export interface BoardRun {
  id: string
  name: string
  /** Chosen by a person; null: by their place. */
  color: string | null
}

export class RunBoard extends PanelBoard {
  readonly state: BoardState
  readonly grouped = false
  readonly settled = true
  readonly #kind: BoardKind
  readonly #runs: () => readonly BoardRun[]
  #stop: () => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(project: string, kind: BoardKind, runs: () => readonly BoardRun[], query: URLSearchParams) {
    super(project)
    this.#kind = kind
    this.#runs = runs
    const { panels, panelSearch, chart } = readState(query)
    this.state = $state({
      panels,
      panelSearch,
      chart: kind === 'system' && !query.has('x') ? { ...chart, x: 'relative' as const } : chart,
    })
    this.#stop = server.live.listen((changes) => {
      if (!changes.all && !this.#runs().some(({ id }) => changes.runs.has(id))) return
      this.tell(changes)
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined
        void this.loadKeys()
      }, 5000)
    })
    void this.loadKeys()
  }

  readonly subjects: Subject[] = $derived.by(() => {
    const colors = palette[theme.current]
    return this.#runs().map(({ id, name, color }, i) => ({
      key: id,
      label: name,
      color: color ?? colors[i % colors.length],
      runs: [id],
      isGroup: false,
    }))
  })

  async loadKeys(): Promise<void> {
    try {
      const { metrics } = await client.call('queryMetrics', {
        project: this.project,
        body: { runs: this.#runs().map(({ id }) => id), limit: 5000 },
      })
      const own = metrics.filter(belongs[this.#kind])
      const few = own.length <= 16
      this.metrics =
        this.#kind === 'system'
          ? own.map((metric) => ({ ...metric, section: few ? '' : systemSection(metric.key) }))
          : own
      this.metricsError = undefined
    } catch (reason) {
      this.metricsError = reason instanceof Error ? reason : new Error(String(reason))
    }
    this.metricsReady = true
  }

  close(): void {
    this.#stop()
    clearTimeout(this.#timer)
  }
}
