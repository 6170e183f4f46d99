/** The server's application, without a port: what tests talk to. */
import { Hono } from 'hono'
import type { Change } from '../index/changes.ts'
import { Catalogue } from '../index/queries/catalogue.ts'
import { SeriesRuns } from '../index/queries/series.ts'
import type { IndexEvent, RunIndex } from '../index/runIndex.ts'
import type { RunState } from './api/index.ts'
import type { ServerContext } from './context.ts'
import { EventHub } from './events.ts'
import { addRoutes } from './handler.ts'
import { makeHandlers } from './handlers.ts'
import { type SafetyOptions, safety } from './safety.ts'
import { servePage } from './static.ts'
import { noSweeps, type SweepService } from './sweepService.ts'

export interface AppOptions extends SafetyOptions {
  /** Folder of the built page; null: only the API. */
  page: string | null
  log: (message: string) => void
  sweeps?: SweepService
}

const MAX_KEYS = 200

/** Puts the server's routes together over an index: safety, API, page. */
export function makeApp(index: RunIndex, options: AppOptions): { app: Hono; context: ServerContext } {
  const context: ServerContext = {
    index,
    catalogue: new Catalogue(index.database),
    seriesRuns: new SeriesRuns(index),
    events: new EventHub(),
    sweeps: options.sweeps ?? noSweeps,
  }
  index.onProblem = options.log
  index.onEvent = (event) => publish(context, event)
  context.sweeps.onChange = (project, sweep, changed) =>
    context.events.publish({ type: 'sweep', project, sweep, changed })
  const app = new Hono()
  app.use(safety(options))
  addRoutes(app, makeHandlers(context), options.log)
  app.get('*', (c) => servePage(options.page, new URL(c.req.url).pathname))
  app.onError((error) => {
    options.log(error.stack ?? error.message)
    return Response.json({ error: { code: 'internal', message: error.message } }, { status: 500 })
  })
  return { app, context }
}

function publish({ events, catalogue }: ServerContext, event: IndexEvent): void {
  catalogue.revision++
  const { project, run } = event
  if (event.type === 'run-deleted') {
    events.publish(event)
    return
  }
  const { kinds, keys, alerts, artifacts } = event.changes
  events.publish({
    type: 'run',
    project,
    run,
    state: event.state as RunState,
    revision: event.revision,
    changed: [...kinds] as Change[],
    keys: keys.size > MAX_KEYS ? null : [...keys],
  })
  for (const { time, step, level, title, text } of alerts)
    events.publish({ type: 'alert', project, alert: { run, time, step, level, title, text } })
  for (const name of artifacts) events.publish({ type: 'artifact', project, name })
  if (kinds.has('created')) events.publish({ type: 'project', project })
}
