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

/** Who keeps sweeps and trials for the server. */
export interface SweepService {
  /** Hears what changed in a sweep, a few times a second at most. */
  onChange: (project: string, sweep: string, changed: string[]) => void
  /** How many sweeps a project has. */
  count(project: string): number
  /** Projects that have sweeps, each with its first and last moment. */
  projects(): { name: string; sweeps: number; created: number; updated: number }[]
  /** The project of a sweep. @throws NotFoundError */
  projectOf(sweep: string): string
  /** The sweeps of a project, newest first. */
  list(project: string): Sweeps
  /** Everything about one sweep but its trials. @throws NotFoundError */
  get(project: string, sweep: string): SweepDetail
  /** A page of the trials of a sweep. */
  trials(project: string, sweep: string, query: TrialsQuery): Trials
  /** Makes a sweep of a text. @throws SweepConfigurationError */
  create(project: string, request: SweepCreate): SweepCreated
  /** Deletes a sweep with its trials; their runs stay. @throws ConflictError while trials are running. */
  remove(project: string, sweep: string): void
  /** Pauses, resumes, stops or cancels a sweep. */
  command(project: string, sweep: string, command: SweepCommand['command']): void
  /** Pauses, resumes or stops one agent. */
  commandAgent(project: string, sweep: string, agent: string, command: AgentCommand['command']): void
  /** Takes on an agent. */
  register(project: string, sweep: string, request: AgentRegister): AgentRegistered
  /** Takes what an agent tells, and gives its orders. */
  beat(project: string, sweep: string, agent: string, request: AgentBeat): AgentOrders
  /** Writes what is open. */
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
