import { hostname } from 'node:os'
import type {
  AgentBeat,
  AgentOrders,
  AgentRegister,
  AgentRegistered,
  SweepCreate,
  SweepCreated,
} from '../../server/api/agents.ts'
import { ApiFailure, createClient } from '../../server/api/client.ts'
import type { SweepCommand, SweepDetail, SweepRow, Trials } from '../../server/api/sweeps.ts'
import { type TrialService, UnknownSweepError } from '../trials/trialService.ts'
import { sweepDetail, sweepRow, trialsOf } from '../trials/views.ts'

/** Whoever owns the sweeps, as agents and commands see it: a server elsewhere, or the service in this very process. */
export interface SweepHost {
  create(request: SweepCreate): Promise<SweepCreated>
  register(sweep: string, request: AgentRegister): Promise<AgentRegistered>
  beat(sweep: string, agent: string, request: AgentBeat): Promise<AgentOrders>
  command(sweep: string, command: SweepCommand['command']): Promise<void>
  /** The sweeps of its project, or of all, newest first. */
  list(project?: string): Promise<SweepRow[]>
  detail(sweep: string): Promise<SweepDetail>
  trials(sweep: string): Promise<Trials>
}

/** The service in this process. */
export function directHost(service: TrialService, project?: string): SweepHost {
  return {
    create: async (request) => service.create(request, project),
    register: async (sweep, request) => service.register(sweep, request),
    beat: async (sweep, agent, request) => service.beat(sweep, agent, request),
    command: async (sweep, command) => service.commandSweep(sweep, command),
    list: async (project) => service.list(project).map(sweepRow),
    detail: async (sweep) => sweepDetail(service.get(sweep)),
    trials: async (sweep) => trialsOf(service.get(sweep), {}),
  }
}

const REQUEST_TIMEOUT = 30_000

/**
 * A server, spoken to over HTTP.
 *
 * @param url Its address, such as `http://gpu-box:4747`.
 * @param project The sweep's project.
 * @param token What the server asks for where it listens to other machines.
 */
export function httpHost(url: string, project: string, token?: string): SweepHost {
  const client = createClient({ base: url.replace(/\/+$/, ''), token })
  const signal = () => AbortSignal.timeout(REQUEST_TIMEOUT)
  const known = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      throw error instanceof ApiFailure && error.status === 404 ? new UnknownSweepError(error.message) : error
    }
  }
  return {
    create: (body) => client.call('createSweep', { project, body, signal: signal() }),
    register: (sweep, body) => known(client.call('registerAgent', { project, sweep, body, signal: signal() })),
    beat: (sweep, agent, body) => known(client.call('beatAgent', { project, sweep, agent, body, signal: signal() })),
    command: async (sweep, command) => {
      await known(client.call('commandSweep', { project, sweep, body: { command }, signal: signal() }))
    },
    list: async (only) => {
      const { projects } = await client.call('listProjects', { signal: signal() })
      const names = only === undefined ? projects.map(({ name }) => name) : [only]
      const lists = await Promise.all(names.map((project) => client.call('listSweeps', { project, signal: signal() })))
      return lists.flatMap(({ sweeps }) => sweeps).sort((a, b) => b.created - a.created)
    },
    detail: (sweep) => known(client.call('getSweep', { project, sweep, signal: signal() })),
    trials: (sweep) => known(client.call('queryTrials', { project, sweep, body: {}, signal: signal() })),
  }
}

/** How this process names itself to the server. */
export const thisMachine = (): AgentRegister => ({ host: hostname(), pid: process.pid })
