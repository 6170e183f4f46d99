import type { SweepService } from '../server/sweepService.ts'
import type { LiveSweep } from './trials/liveSweep.ts'
import { TrialService, UnknownSweepError } from './trials/trialService.ts'
import { sweepDetail, sweepRow, trialsOf } from './trials/views.ts'

/** How often silent agents are looked for, and how often the page hears of changes at most. */
const TICK = 250

/**
 * Opens the sweeps of a folder for the tracker's server, which is then their one owner.
 *
 * @param lease Seconds without a beat after which an agent's trials are given to others. Default 30.
 * @throws SweepsBusyError where another process owns them.
 */
export function serveSweeps(dir: string, lease?: number): SweepService {
  const changed = new Map<string, { project: string; what: Set<string> }>()
  const service = new TrialService({
    dir,
    lease,
    onChange({ project, sweep, changed: what }) {
      const entry = changed.get(sweep) ?? { project, what: new Set() }
      for (const item of what) entry.what.add(item)
      changed.set(sweep, entry)
    },
  })
  const live = (project: string, sweep: string): LiveSweep => {
    const found = service.get(sweep)
    if (found.record.project === project) return found
    throw new UnknownSweepError(`sweep "${sweep}" is in project "${found.record.project}", not in "${project}"`)
  }
  const timer = setInterval(() => {
    service.tick()
    for (const [sweep, { project, what }] of changed) sweeps.onChange(project, sweep, [...what])
    changed.clear()
  }, TICK)
  timer.unref()

  const sweeps: SweepService = {
    onChange: () => {},
    count: (project) => service.list(project).length,
    projects: () =>
      [...new Set(service.list().map(({ record }) => record.project))].map((name) => {
        const records = service.list(name).map(({ record }) => record)
        const created = Math.min(...records.map((record) => record.created))
        const updated = Math.max(...records.map((record) => record.updated))
        return { name, sweeps: records.length, created, updated }
      }),
    projectOf: (sweep) => service.get(sweep).record.project,
    list: (project) => ({ sweeps: service.list(project).map(sweepRow) }),
    get: (project, sweep) => sweepDetail(live(project, sweep)),
    trials: (project, sweep, query) => trialsOf(live(project, sweep), query),
    create: (project, request) => service.create(request, project),
    remove: (project, sweep) => service.remove(live(project, sweep).record.id),
    command: (project, sweep, command) => service.commandSweep(live(project, sweep).record.id, command),
    commandAgent: (project, sweep, agent, command) =>
      service.commandAgent(live(project, sweep).record.id, agent, command),
    register: (project, sweep, request) => service.register(live(project, sweep).record.id, request),
    beat: (project, sweep, agent, request) => service.beat(live(project, sweep).record.id, agent, request),
    close() {
      clearInterval(timer)
      service.close()
    },
  }
  return sweeps
}
