/** The part of the server that answers about sweeps; without a trial store there are none. */

import { NotFoundError } from '../index/run-index.ts'
import type { AgentCommand, SweepCommand, SweepDetail, Sweeps, Trials, TrialsQuery } from './api/index.ts'

export interface SweepService {
  count(project: string): number
  list(project: string): Sweeps
  /** @throws NotFoundError */
  get(project: string, sweep: string): SweepDetail
  trials(project: string, sweep: string, query: TrialsQuery): Trials
  command(project: string, sweep: string, command: SweepCommand['command']): void
  commandAgent(project: string, sweep: string, agent: string, command: AgentCommand['command']): void
}

export const noSweeps: SweepService = {
  count: () => 0,
  list: () => ({ sweeps: [] }),
  get: (project, sweep) => missing(project, sweep),
  trials: (project, sweep) => missing(project, sweep),
  command: (project, sweep) => missing(project, sweep),
  commandAgent: (project, sweep) => missing(project, sweep),
}

function missing(project: string, sweep: string): never {
  throw new NotFoundError(`sweep "${sweep}" is not in project "${project}"`)
}
