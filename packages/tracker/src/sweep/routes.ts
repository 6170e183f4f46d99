import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import type { Endpoint } from '../server/api/endpoint.ts'
import { type EndpointName, endpoints } from '../server/api/endpoints.ts'
import { SweepConfigurationError } from './configuration/problem.ts'
import type { LiveSweep } from './trials/live-sweep.ts'
import { type SweepService, UnknownSweepError } from './trials/sweep-service.ts'
import { sweepDetail, sweepRow, trialsOf } from './trials/views.ts'

/** Something that cannot be done now. */
class ConflictError extends Error {}

type Answer = object
// biome-ignore lint/suspicious/noExplicitAny: the body has been checked against the endpoint's schema
type Handler = (context: Context, body: any) => Answer

const refusal = (context: Context, status: 400 | 404 | 409 | 500, code: string, message: string) =>
  context.json({ error: { code, message } }, status)

/**
 * The part of the API that is about sweeps, over a service: to be mounted in the tracker's server, which sees to tokens,
 * hosts and origins before a request comes here.
 */
export function sweepRoutes(service: SweepService): Hono {
  const app = new Hono()
  const live = (context: Context): LiveSweep => {
    const { project, sweep } = context.req.param() as { project: string; sweep: string }
    const found = service.get(sweep)
    if (found.record.project === project) return found
    throw new UnknownSweepError(`sweep "${sweep}" is in project "${found.record.project}", not in "${project}"`)
  }
  const on = (name: EndpointName, handler: Handler) => {
    const { method, path, body: schema } = endpoints[name] as Endpoint
    app.on(method, path, async (context) => {
      try {
        let body: unknown
        if (schema) {
          const checked = v.safeParse(schema, await context.req.json().catch(() => undefined))
          if (!checked.success) return refusal(context, 400, 'bad-request', problemOf(checked.issues[0]))
          body = checked.output
        }
        return context.json(handler(context, body))
      } catch (error) {
        const { message } = error as Error
        if (error instanceof UnknownSweepError) return refusal(context, 404, 'not-found', message)
        if (error instanceof SweepConfigurationError) return refusal(context, 400, 'bad-request', message)
        if (error instanceof ConflictError) return refusal(context, 409, 'conflict', message)
        console.error(error)
        return refusal(context, 500, 'internal', message)
      }
    })
  }
  const parameter = (context: Context, name: string) => context.req.param(name) as string

  on('listSweeps', (context) => ({ sweeps: service.list(parameter(context, 'project')).map(sweepRow) }))
  on('getSweep', (context) => sweepDetail(live(context)))
  on('queryTrials', (context, body) => trialsOf(live(context), body))
  on('createSweep', (context, body) => service.create(body, parameter(context, 'project')))
  on('deleteSweep', (context) => {
    const found = live(context)
    const { record } = found
    if (found.openTrials().some(({ state }) => state === 'running'))
      throw new ConflictError(`sweep "${record.id}" has trials that are running: stop it first`)
    service.remove(record.id)
    return { ok: true }
  })
  on('commandSweep', (context, { command }) => {
    service.commandSweep(live(context).record.id, command)
    return { ok: true }
  })
  on('commandAgent', (context, { command }) => {
    service.commandAgent(live(context).record.id, parameter(context, 'agent'), command)
    return { ok: true }
  })
  on('registerAgent', (context, body) => service.register(live(context).record.id, body))
  on('beatAgent', (context, body) => service.beat(live(context).record.id, parameter(context, 'agent'), body))
  return app
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? []).map(({ key }) => String(key)).join('.')
  return path === '' ? issue.message : `${path}: ${issue.message}`
}
