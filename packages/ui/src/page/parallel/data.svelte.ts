/** Whole columns over all runs of a selection, kept up to date: what parallel coordinates are drawn from. */
import type { ColumnId, RunState, Scalar } from '@trainyard/tracker/api'
import { client } from '../api/client.ts'

export interface Selection {
  where?: string
  search?: string
  archived?: boolean
}

export class ColumnData {
  ids = $state.raw<string[]>([])
  names = $state.raw<string[]>([])
  states = $state.raw<RunState[]>([])
  values = $state.raw<ReadonlyMap<ColumnId, Scalar[]>>(new Map())
  ready = $state(false)
  error = $state.raw<Error | undefined>()
  #project: string
  #controller: AbortController | undefined

  constructor(project: string) {
    this.#project = project
  }

  async load(selection: Selection, columns: readonly ColumnId[]): Promise<void> {
    this.#controller?.abort()
    const controller = new AbortController()
    this.#controller = controller
    const wanted = [...new Set(columns)].slice(0, 200)
    if (wanted.length === 0) return
    try {
      const answer = await client.call('queryRunColumns', {
        project: this.#project,
        body: { ...selection, columns: wanted },
        signal: controller.signal,
      })
      if (this.#controller !== controller) return
      this.ids = answer.runs
      this.names = answer.names
      this.states = answer.states
      this.values = new Map(wanted.map((column, i) => [column, answer.values[i]]))
      this.error = undefined
    } catch (reason) {
      if (this.#controller !== controller) return
      this.error = reason instanceof Error ? reason : new Error(String(reason))
    }
    this.ready = true
  }

  close(): void {
    this.#controller?.abort()
  }
}
