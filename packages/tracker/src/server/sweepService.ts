/** The part of the server that answers about sweeps; without a trial store there are none. */

import { NotFoundError } from '../index/runIndex.ts'
import type {
  AgentBeat,
  AgentCommand,
  AgentOrders,
  AgentRegister,
  AgentRegistered,
  SweepCommand,
  SweepCreate,
  SweepCreated,
  SweepDetail,
  Sweeps,
  Trials,
  TrialsQuery,
} from './api/index.ts'

export interface SweepService {
  /** Hears what changed in a sweep, a few times a second at most. */
  onChange: (project: string, sweep: string, changed: string[]) => void
  count(project: string): number
  /** Projects that have sweeps, each with its first and last moment. */
  projects(): { name: string; sweeps: number; created: number; updated: number }[]
  /** @throws NotFoundError */
  projectOf(sweep: string): string
  list(project: string): Sweeps
  /** @throws NotFoundError */
  get(project: string, sweep: string): SweepDetail
  trials(project: string, sweep: string, query: TrialsQuery): Trials
  create(project: string, request: SweepCreate): SweepCreated
  /** @throws ConflictError while trials are running. */
  remove(project: string, sweep: string): void
  command(project: string, sweep: string, command: SweepCommand['command']): void
  commandAgent(project: string, sweep: string, agent: string, command: AgentCommand['command']): void
  register(project: string, sweep: string, request: AgentRegister): AgentRegistered
  beat(project: string, sweep: string, agent: string, request: AgentBeat): AgentOrders
  close(): void
}

export const noSweeps: SweepService = {
  onChange: () => {},
  count: () => 0,
  projects: () => [],
  projectOf: (sweep) => {
    throw new NotFoundError(`there is no sweep "${sweep}"`)
  },
  list: () => ({ sweeps: [] }),
  get: (project, sweep) => missing(project, sweep),
  trials: (project, sweep) => missing(project, sweep),
  create: () => {
    throw new NotFoundError('this server keeps no sweeps')
  },
  remove: (project, sweep) => missing(project, sweep),
  command: (project, sweep) => missing(project, sweep),
  commandAgent: (project, sweep) => missing(project, sweep),
  register: (project, sweep) => missing(project, sweep),
  beat: (project, sweep) => missing(project, sweep),
  close: () => {},
}

function missing(project: string, sweep: string): never {
  throw new NotFoundError(`sweep "${sweep}" is not in project "${project}"`)
}
