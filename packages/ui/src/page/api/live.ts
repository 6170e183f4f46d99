/**
 * What changes on the server, as it happens. Events are hints: they are gathered and handed on a few times a second, and not at all while
 * nobody looks at the page (then once, when somebody looks again).
 */
import type { ServerEvent } from '@trainyard/tracker/api'

type RunEvent = Extract<ServerEvent, { type: 'run' }>

export interface Changes {
  /** Everything may have changed: the connection was new or had been lost. */
  all: boolean
  /** What changed of which run. `keys` null: many. */
  runs: Map<string, { changed: Set<RunEvent['changed'][number]>; keys: Set<string> | null; event: RunEvent }>
  deleted: Set<string>
  alerts: Extract<ServerEvent, { type: 'alert' }>['alert'][]
  sweeps: Set<string>
  layouts: Set<string>
  artifacts: Set<string>
  projects: Set<string>
}

const nothing = (): Changes => ({
  all: false,
  runs: new Map(),
  deleted: new Set(),
  alerts: [],
  sweeps: new Set(),
  layouts: new Set(),
  artifacts: new Set(),
  projects: new Set(),
})

/** Adds an event to what was gathered so far. */
export function gather(changes: Changes, event: ServerEvent): void {
  switch (event.type) {
    case 'hello':
      changes.all = true
      break
    case 'run': {
      const known = changes.runs.get(event.run)
      const keys = event.keys === null || known?.keys === null ? null : new Set([...(known?.keys ?? []), ...event.keys])
      changes.runs.set(event.run, { changed: new Set([...(known?.changed ?? []), ...event.changed]), keys, event })
      changes.projects.add(event.project)
      break
    }
    case 'run-deleted':
      changes.deleted.add(event.run)
      changes.projects.add(event.project)
      break
    case 'alert':
      changes.alerts.push(event.alert)
      break
    case 'artifact':
      changes.artifacts.add(event.name)
      break
    case 'layout':
      changes.layouts.add(event.name)
      break
    case 'sweep':
      changes.sweeps.add(event.sweep)
      break
    case 'project':
      changes.projects.add(event.project)
  }
}

export interface LiveSource {
  onmessage: ((event: { data: string }) => void) | null
  onopen: (() => void) | null
  onerror: (() => void) | null
  close(): void
}

export interface LiveOptions {
  open(): LiveSource
  /** Milliseconds between two deliveries. */
  every?: number
  hidden?(): boolean
  onState?(connected: boolean): void
}

export class Live {
  #source: LiveSource | undefined
  #gathered = nothing()
  #timer: ReturnType<typeof setTimeout> | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #listeners = new Set<(changes: Changes) => void>()
  #options: Required<LiveOptions>
  #first = true

  constructor(options: LiveOptions) {
    this.#options = { every: 500, hidden: () => false, onState: () => {}, ...options }
    this.#connect()
  }

  listen(listener: (changes: Changes) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Hands on at once what was held back; for when the page becomes visible. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#options.hidden()) return
    const changes = this.#gathered
    this.#gathered = nothing()
    if (!changes.all && changes.runs.size + changes.deleted.size + changes.alerts.length + changes.sweeps.size === 0)
      if (changes.layouts.size + changes.artifacts.size + changes.projects.size === 0) return
    for (const listener of [...this.#listeners]) listener(changes)
  }

  close(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#retry)
    this.#source?.close()
    this.#listeners.clear()
  }

  #connect(): void {
    const source = this.#options.open()
    this.#source = source
    source.onopen = () => this.#options.onState(true)
    source.onerror = () => {
      this.#options.onState(false)
      // A browser gives up on some errors (a server that is starting answers 502): open anew instead of trusting it.
      source.close()
      clearTimeout(this.#retry)
      this.#retry = setTimeout(() => this.#connect(), 2000)
    }
    source.onmessage = ({ data }) => {
      let event: ServerEvent
      try {
        event = JSON.parse(data) as ServerEvent
      } catch {
        return
      }
      // The first hello says nothing new: everything was just asked for.
      if (event.type === 'hello' && this.#first) {
        this.#first = false
        return
      }
      gather(this.#gathered, event)
      this.#timer ??= setTimeout(() => this.flush(), this.#options.every)
    }
  }
}
