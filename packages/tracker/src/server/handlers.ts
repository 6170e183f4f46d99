/** What answers each endpoint. */
import { Readable } from 'node:stream'
import { listProjects } from '../index/queries/catalogue.ts'
import {
  getArtifact,
  listArtifactFiles,
  listArtifacts,
  listFiles,
  queryAlerts,
  queryConsole,
} from '../index/queries/files.ts'
import { queryHistograms, queryMedia, queryMediaSteps, queryTable } from '../index/queries/media.ts'
import { queryHistory, runDetail } from '../index/queries/runDetail.ts'
import { queryGroups, queryRunColumns, queryRuns } from '../index/queries/runs.ts'
import { queryAggregate, queryPoints, querySeries } from '../index/queries/series.ts'
import { CRASH_AFTER } from '../store/paths.ts'
import { version } from '../version.ts'
import type { BulkEdit, BulkResult } from './api/index.ts'
import { serveBlob } from './blobs.ts'
import type { ServerContext } from './context.ts'
import { exportRun, exportTypes } from './export.ts'
import type { JsonHandlers, RawHandlers } from './handler.ts'
import { Ingest } from './ingest.ts'
import { LayoutStore } from './layouts.ts'
import { openApi } from './openapi.ts'

const ok = { ok: true } as const

export function makeHandlers(server: ServerContext): JsonHandlers & RawHandlers {
  const { index, catalogue, seriesRuns, events, sweeps } = server
  const { database } = index
  const ingest = new Ingest(index)
  const layouts = (project: string) => new LayoutStore(index.paths.layouts(project))
  return {
    serverInfo: () => ({
      version,
      dir: index.paths.dir,
      now: Date.now() / 1000,
      crashAfter: CRASH_AFTER,
      readOnly: false,
    }),
    openApi: () => Response.json(openApi()),
    events: ({ query, context }) =>
      new Response(events.stream(query.project, context.req.header('last-event-id')), {
        headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
      }),

    listProjects: () => {
      const projects = listProjects(database, sweeps.count)
      const known = new Set(projects.map(({ name }) => name))
      const others = sweeps.projects().filter(({ name }) => !known.has(name))
      return { projects: [...projects, ...others.map((project) => ({ ...project, runs: 0, running: 0 }))] }
    },
    deleteProject: ({ params }) => {
      index.removeProject(params.project)
      return ok
    },
    queryColumns: ({ params, body }) => catalogue.queryColumns(params.project, body),
    queryMetrics: ({ params, body }) => catalogue.queryMetrics(params.project, body),

    queryRuns: ({ params, body }) => queryRuns(database, params.project, body),
    queryGroups: ({ params, body }) => queryGroups(database, params.project, body),
    queryRunColumns: ({ params, body }) => queryRunColumns(database, params.project, body),
    bulkEdit: ({ params, body }) => bulkEdit(server, params.project, body),
    getRun: ({ params }) => runDetail(index, params.project, params.run),
    editRun: ({ params, body }) => {
      index.edit(params.project, params.run, defined(body))
      return runDetail(index, params.project, params.run)
    },
    deleteRun: ({ params }) => {
      index.remove(params.project, params.run)
      return ok
    },
    stopRun: ({ params }) => {
      index.stop(params.project, params.run)
      return ok
    },
    queryHistory: ({ params, body }) => queryHistory(index, params.project, params.run, body),
    exportRun: ({ params: { project, run }, query: { format } }) => {
      index.id(project, run)
      const name = `${project}-${run}`.replace(/[^\w.-]/g, '_')
      return new Response(Readable.toWeb(Readable.from(exportRun(index, project, run, format))) as ReadableStream, {
        headers: {
          'content-type': exportTypes[format],
          'content-disposition': `attachment; filename="${name}.${format}"`,
        },
      })
    },

    querySeries: ({ params, body }) => querySeries(index, seriesRuns, params.project, body),
    queryAggregate: ({ params, body }) => queryAggregate(index, seriesRuns, params.project, body),
    queryPoints: ({ params, body }) => queryPoints(index, seriesRuns, params.project, body),

    queryMediaSteps: ({ params, body }) => queryMediaSteps(index, params.project, body),
    queryMedia: ({ params, body }) => queryMedia(index, params.project, body),
    queryHistograms: ({ params, body }) => queryHistograms(index, params.project, body),
    queryTable: ({ params, body }) => queryTable(index, params.project, params.run, body),
    getBlob: ({ params, query, context }) => serveBlob(index, params, query, context.req.header('range')),

    queryConsole: ({ params, body }) => queryConsole(index, params.project, params.run, body),
    listFiles: ({ params }) => listFiles(index, params.project, params.run),
    listArtifacts: ({ params, query }) => listArtifacts(index, params.project, query.run),
    getArtifact: ({ params }) => getArtifact(index, params.project, params.name),
    listArtifactFiles: ({ params }) => listArtifactFiles(index, params.project, params.name, params.version),
    queryAlerts: ({ params, body }) => queryAlerts(index, params.project, body),

    listLayouts: ({ params }) => ({ layouts: layouts(params.project).list() }),
    getLayout: ({ params }) => layouts(params.project).get(params.layout),
    saveLayout: ({ params, body }) => {
      const info = layouts(params.project).save(params.layout, body.value, body.revision)
      events.publish({ type: 'layout', project: params.project, name: params.layout })
      return info
    },
    deleteLayout: ({ params }) => {
      layouts(params.project).remove(params.layout)
      events.publish({ type: 'layout', project: params.project, name: params.layout })
      return ok
    },

    listSweeps: ({ params }) => sweeps.list(params.project),
    getSweep: ({ params }) => sweeps.get(params.project, params.sweep),
    queryTrials: ({ params, body }) => sweeps.trials(params.project, params.sweep, body),
    commandSweep: ({ params, body }) => {
      sweeps.command(params.project, params.sweep, body.command)
      return ok
    },
    commandAgent: ({ params, body }) => {
      sweeps.commandAgent(params.project, params.sweep, params.agent, body.command)
      return ok
    },

    findSweep: ({ params }) => ({ project: sweeps.projectOf(params.sweep) }),
    createSweep: ({ params, body }) => sweeps.create(params.project, body),
    deleteSweep: ({ params }) => {
      sweeps.remove(params.project, params.sweep)
      return ok
    },
    registerAgent: ({ params, body }) => sweeps.register(params.project, params.sweep, body),
    beatAgent: ({ params, body }) => sweeps.beat(params.project, params.sweep, params.agent, body),

    ingestState: ({ params }) => ingest.state(params.project, params.run),
    ingestLog: ({ params, query, context }) => ingest.log(params.project, params.run, query.offset, context),
    ingestBlob: ({ params, query, context }) =>
      ingest.blob(params.project, params.run, params.sha256, query.store, context),
    ingestArtifact: ({ params, body }) => ingest.artifact(params.project, params.run, body),
  }
}

/** Without the keys that were not given. */
function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}

/** Each run by itself: one that cannot be changed does not keep the others from it. */
function bulkEdit(
  { index }: ServerContext,
  project: string,
  { runs, action, tags, group }: Required<BulkEdit>,
): BulkResult {
  const result: BulkResult = { done: [], failed: [] }
  for (const run of runs) {
    try {
      if (action === 'delete') index.remove(project, run)
      else if (action === 'stop') index.stop(project, run)
      else if (action === 'archive' || action === 'unarchive')
        index.edit(project, run, { archived: action === 'archive' })
      else if (action === 'group') index.edit(project, run, { group })
      else {
        const row = index.database.get('SELECT tags FROM run WHERE id = ?', index.id(project, run))
        const now = JSON.parse(String(row?.tags)) as string[]
        const others = now.filter((tag) => !tags.includes(tag))
        index.edit(project, run, { tags: action === 'add-tags' ? [...others, ...tags] : others })
      }
      result.done.push(run)
    } catch (error) {
      result.failed.push({ run, message: (error as Error).message })
    }
  }
  return result
}
