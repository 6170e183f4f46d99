/** What answers each endpoint of the API. */
import type { AnswerOf, EndpointName, JsonEndpoint, RequestOf } from '@trainyard/tracker/api'
import { alerts, artifacts, detail, listFiles, queryConsole, queryHistory } from './handlers/detail.ts'
import { queryHistograms, queryMedia, queryMediaSteps, queryTable } from './handlers/media.ts'
import { queryColumns, queryGroups, queryMetrics, queryRunColumns, queryRuns } from './handlers/runs.ts'
import { queryAggregate, queryPoints, querySeries } from './handlers/series.ts'
import { sweep, sweepState, trials } from './handlers/sweeps.ts'
import type { WorldRun } from './world/run.ts'
import type { World } from './world/world.ts'

export class Refusal extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

type Handlers = {
  [Name in JsonEndpoint]?: (request: Required<RequestOf<Name>> & { [key: string]: string }) => AnswerOf<Name>
}

const ok = { ok: true } as const

export function routes(world: World): { [Name in EndpointName]?: (request: never) => unknown } {
  // As the server has it: a project is there as soon as something is logged to it, and empty until then.
  const runsOf = (project: string) => world.runs(project) ?? []
  const byId = (project: string) => new Map(runsOf(project).map((run) => [run.id, run]))
  const runOf = (project: string, id: string) => {
    const run = runsOf(project).find((one) => one.id === id)
    if (!run) throw new Refusal(404, 'not-found', `There is no run "${id}" in the project "${project}".`)
    return run
  }
  const remove = (project: string, gone: WorldRun[]) => {
    world.projects.set(
      project,
      runsOf(project).filter((run) => !gone.includes(run)),
    )
    for (const run of gone) world.emit({ type: 'run-deleted', project, run: run.id })
  }
  const key = (project: string, layout: string) => `${project}\n${layout}`
  const handlers: Handlers = {
    serverInfo: () => ({ version: '0.1.0', dir: '~/runs', now: Date.now() / 1000, crashAfter: 60, readOnly: false }),
    listProjects: () => ({
      projects: [...world.projects].map(([name, runs]) => ({
        name,
        runs: runs.length,
        running: runs.filter(({ state }) => state === 'running').length,
        sweeps: runs.some((run) => run.sweep) ? 1 : 0,
        created: Math.min(Date.now() / 1000, ...runs.slice(0, 5).map((run) => run.created)),
        updated: runs.length ? runs.at(-1)!.created + runs.at(-1)!.duration : Date.now() / 1000 - 3e6,
      })),
    }),
    deleteProject: ({ project }) => {
      world.projects.delete(project)
      world.emit({ type: 'project', project })
      return ok
    },
    queryColumns: ({ project, body }) => queryColumns(runsOf(project), body),
    queryMetrics: ({ project, body }) => queryMetrics(runsOf(project), body),
    queryRuns: ({ project, body }) => queryRuns(runsOf(project), body),
    queryGroups: ({ project, body }) => queryGroups(runsOf(project), body),
    queryRunColumns: ({ project, body }) => queryRunColumns(runsOf(project), body),
    bulkEdit: ({ project, body }) => {
      const runs = byId(project)
      const done: string[] = []
      const failed: { run: string; message: string }[] = []
      for (const id of body.runs) {
        const run = runs.get(id)
        if (!run) failed.push({ run: id, message: 'There is no such run.' })
        else if (body.action === 'delete' && run.state === 'running')
          failed.push({ run: id, message: `${run.name} is running: stop it first.` })
        else {
          if (body.action === 'archive') run.archived = true
          if (body.action === 'unarchive') run.archived = false
          if (body.action === 'stop') run.stopping = true
          if (body.action === 'add-tags') run.tags = [...new Set([...run.tags, ...(body.tags ?? [])])]
          if (body.action === 'remove-tags') run.tags = run.tags.filter((tag) => !body.tags?.includes(tag))
          if (body.action === 'group') run.group = body.group ?? null
          if (body.action === 'delete') remove(project, [run])
          else world.changed(run, 'meta')
          done.push(id)
        }
      }
      return { done, failed }
    },
    getRun: ({ project, run }) => detail(runOf(project, run)),
    editRun: ({ project, run, body }) => {
      const found = runOf(project, run)
      Object.assign(found, body)
      world.changed(found, 'meta')
      return detail(found)
    },
    deleteRun: ({ project, run }) => {
      remove(project, [runOf(project, run)])
      return ok
    },
    stopRun: ({ project, run }) => {
      const found = runOf(project, run)
      found.stopping = true
      world.changed(found, 'meta')
      return ok
    },
    queryHistory: ({ project, run, body }) => queryHistory(runOf(project, run), body),
    querySeries: ({ project, body }) => querySeries(byId(project), body),
    queryAggregate: ({ project, body }) => queryAggregate(byId(project), body),
    queryPoints: ({ project, body }) => queryPoints(byId(project), body),
    queryMediaSteps: ({ project, body }) => queryMediaSteps(byId(project), body),
    queryMedia: ({ project, body }) => queryMedia(byId(project), body),
    queryHistograms: ({ project, body }) => queryHistograms(byId(project), body),
    queryTable: ({ project, run, body }) => queryTable(runOf(project, run), body),
    queryConsole: ({ project, run, body }) => queryConsole(runOf(project, run), body),
    listFiles: ({ project, run }) => listFiles(runOf(project, run)),
    listArtifacts: ({ project }) => ({ artifacts: artifacts(runsOf(project)) }),
    listArtifactFiles: ({ project }) => listFiles(runsOf(project)[0]),
    queryAlerts: ({ project, body }) => {
      const found = alerts(runsOf(project)).filter(({ run }) => !body.runs || body.runs.includes(run))
      return { total: found.length, alerts: found }
    },
    listLayouts: ({ project }) => ({
      layouts: [...world.layouts]
        .filter(([name]) => name.startsWith(`${project}\n`))
        .map(([, { value: _, ...info }]) => info),
    }),
    getLayout: ({ project, layout }) => {
      const found = world.layouts.get(key(project, layout))
      if (!found) throw new Refusal(404, 'not-found', `There is no layout "${layout}".`)
      return found
    },
    saveLayout: ({ project, layout, body }) => {
      const known = world.layouts.get(key(project, layout))
      if (body.revision !== undefined && body.revision !== (known?.revision ?? 0))
        throw new Refusal(409, 'conflict', 'Somebody else saved this layout in between.')
      const saved = {
        name: layout,
        updated: Date.now() / 1000,
        revision: (known?.revision ?? 0) + 1,
        value: body.value,
      }
      world.layouts.set(key(project, layout), saved)
      world.emit({ type: 'layout', project, name: layout })
      return { name: saved.name, updated: saved.updated, revision: saved.revision }
    },
    deleteLayout: ({ project, layout }) => {
      world.layouts.delete(key(project, layout))
      return ok
    },
    listSweeps: ({ project }) => ({ sweeps: [sweep(runsOf(project))].filter((one) => one !== undefined) }),
    getSweep: ({ project }) => {
      const found = sweep(runsOf(project))
      if (!found) throw new Refusal(404, 'not-found', 'There is no such sweep.')
      return found
    },
    queryTrials: ({ project, body }) => trials(runsOf(project), body),
    commandSweep: ({ project, sweep: id, body }) => {
      sweepState.set(id, body.command === 'pause' ? 'paused' : body.command === 'resume' ? 'running' : 'stopped')
      world.emit({ type: 'sweep', project, sweep: id, changed: ['state'] })
      return ok
    },
    commandAgent: () => ok,
  }
  return handlers
}
