/** All projects together, and what happens in them while one watches. */
import type { Json, ServerEvent } from '@trainyard/tracker/api'
import { many, mnist, xor, xray } from './projects.ts'
import type { WorldRun } from './run.ts'

export interface WorldOptions {
  /** Runs in the project `ten-thousand`; 0 leaves it out. */
  many?: number
  /** Whether there is anything at all. */
  empty?: boolean
}

export class World {
  readonly projects = new Map<string, WorldRun[]>()
  readonly layouts = new Map<string, { name: string; updated: number; revision: number; value: Json }>()
  readonly listeners = new Set<(event: ServerEvent) => void>()

  constructor({ many: count = 10_000, empty = false }: WorldOptions = {}) {
    if (empty) return
    this.projects.set('xray-unet', xray())
    this.projects.set('mnist', mnist())
    this.projects.set('xor-depth-width', xor())
    if (count > 0) this.projects.set('ten-thousand', many(count))
    this.projects.set('nothing-yet', [])
  }

  runs(project: string): WorldRun[] | undefined {
    return this.projects.get(project)
  }

  emit(event: ServerEvent): void {
    for (const listener of this.listeners) listener(event)
  }

  changed(run: WorldRun, ...what: Extract<ServerEvent, { type: 'run' }>['changed']): void {
    run.revision++
    this.emit({
      type: 'run',
      project: run.project,
      run: run.id,
      state: run.state,
      revision: run.revision,
      changed: what,
      keys: null,
    })
  }

  /** Lets every running run log so many rows more. */
  advance(rows: number): void {
    for (const runs of this.projects.values())
      for (const run of runs) {
        if (run.state !== 'running') continue
        run.duration *= (run.rows + rows) / run.rows
        run.rows += rows
        if (run.stopping) run.state = 'stopped'
        this.changed(
          run,
          'summary',
          'series',
          'system',
          'media',
          'console',
          ...(run.stopping ? (['meta'] as const) : []),
        )
      }
  }
}
