import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type {
  AgentBeat,
  AgentOrders,
  AgentRegister,
  AgentRegistered,
  SweepCreate,
  SweepCreated,
} from '../../server/api/agents.ts'
import { readSweepText } from '../configuration/read.ts'
import type { AgentRecord } from './agentRecord.ts'
import { SweepDatabase } from './database.ts'
import { handOut } from './handOut.ts'
import { LiveSweep } from './liveSweep.ts'
import { closeTrial, crash, settle } from './settle.ts'
import { askToStop, keepLeases } from './stop.ts'
import { type SweepRecord, SweepStore } from './sweepStore.ts'

export interface TrialServiceOptions {
  /** The tracker's folder; sweeps are kept in `sweeps.sqlite` in it. */
  readonly dir: string
  /** Seconds without a beat after which an agent's trials are given to others. Default 30. */
  readonly lease?: number
  /** Unix time in seconds. */
  readonly now?: () => number
  /** Hears of every change. */
  readonly onChange?: (change: { project: string; sweep: string; changed: string[] }) => void
}

/** There is no such sweep or agent. */
export class UnknownSweepError extends Error {
  override readonly name = 'UnknownSweepError'
}

/** A sweep cannot be removed while its trials run. */
export class SweepRunsError extends Error {
  override readonly name = 'SweepRunsError'
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'
const newId = (length: number) => Array.from(randomBytes(length), (byte) => LETTERS[byte % LETTERS.length]).join('')

/**
 * Owns the sweeps of a folder: hands out trials, takes what comes of them, and lets nothing happen twice.
 *
 * An agent's beat is one transaction: what it says has ended is settled, its leases are renewed, trials that are to stop are
 * named, and new parameters are chosen and leased, within the budget. A report counts only if it is about the attempt that
 * runs now and comes from the agent that has it (fencing): anything else is late, and is answered politely with an order to
 * stop. Every beat may be sent again: what was settled stays settled, and a trial that the agent does not know of yet is
 * handed to it again instead of a new one.
 */
export class TrialService {
  readonly dir: string
  readonly lease: number
  readonly #database: SweepDatabase
  readonly #store: SweepStore
  readonly #sweeps = new Map<string, LiveSweep>()
  readonly #now: () => number
  readonly #onChange: NonNullable<TrialServiceOptions['onChange']>

  /** @throws SweepsBusyError where another process owns this folder's sweeps. */
  constructor({ dir, lease = 30, now = () => Date.now() / 1000, onChange = () => {} }: TrialServiceOptions) {
    this.dir = dir
    this.lease = lease
    this.#now = now
    this.#onChange = onChange
    this.#database = new SweepDatabase(join(dir, 'sweeps.sqlite'))
    this.#store = new SweepStore(this.#database)
    for (const record of this.#store.sweeps())
      try {
        this.#open(record)
      } catch (error) {
        // One sweep that cannot be read must not keep the others from going on; it stays in the file as it is.
        console.error(`sweep ${record.id} is left out, since it cannot be read: ${(error as Error).message}`)
      }
  }

  #open(record: SweepRecord): LiveSweep {
    const sweep = new LiveSweep(record, this.#store, this.dir)
    for (const trial of sweep.openTrials()) {
      const { lease = this.lease } = sweep.agents.get(trial.agent ?? '') ?? {}
      if (trial.state === 'running') sweep.leases.set(trial.number, this.#now() + lease)
    }
    for (const agent of sweep.agents.values())
      if (agent.state === 'active' || agent.state === 'paused') agent.heartbeat = Math.max(agent.heartbeat, this.#now())
    this.#sweeps.set(record.id, sweep)
    return sweep
  }

  /** @throws UnknownSweepError where there is no sweep of this id. */
  get(id: string): LiveSweep {
    const sweep = this.#sweeps.get(id)
    if (!sweep) throw new UnknownSweepError(`there is no sweep "${id}" in ${this.dir}`)
    return sweep
  }

  /** The sweeps of a project (of all, without one), newest first. */
  list(project?: string): LiveSweep[] {
    return [...this.#sweeps.values()]
      .filter(({ record }) => project === undefined || record.project === project)
      .reverse()
  }

  /**
   * Makes a sweep.
   *
   * @throws SweepConfigurationError with everything that is wrong with its configuration.
   */
  create({ configuration, file, folder }: SweepCreate, project?: string): SweepCreated {
    const { seed, name, notices, project: stated } = readSweepText(configuration, file)
    const now = this.#now()
    const record: SweepRecord = {
      id: newId(8),
      project: project ?? stated ?? 'default',
      name,
      configuration,
      folder,
      seed: seed ?? randomBytes(4).readUInt32LE(),
      state: 'running',
      created: now,
      updated: now,
      problems: [],
    }
    this.#store.transaction(() => this.#store.saveSweep(record))
    this.#open(record)
    this.#said(record, 'created')
    return { id: record.id, notices: [...notices] }
  }

  /** Takes an agent in. */
  register(id: string, { host, pid, lease = this.lease }: AgentRegister): AgentRegistered {
    const live = this.get(id)
    const now = this.#now()
    const agent: AgentRecord = {
      id: newId(10),
      host,
      pid,
      lease,
      state: 'active',
      started: now,
      heartbeat: now,
      finished: 0,
      failed: 0,
      streak: 0,
    }
    this.#change(live, 'agents', () => live.saveAgent(agent))
    const { project, folder } = live.record
    const { program, command } = live.sweep
    return { agent: agent.id, lease, project, program, command: [...command], folder }
  }

  /**
   * What an agent says every few seconds, and what it is told.
   *
   * @throws UnknownSweepError where the sweep is gone, or never had this agent.
   */
  beat(id: string, agentId: string, { running, ended, wants, leaving }: AgentBeat): AgentOrders {
    const live = this.get(id)
    const agent = live.agents.get(agentId)
    if (!agent) throw new UnknownSweepError(`sweep "${id}" has no agent "${agentId}"; register again`)
    return this.#change(live, 'trials', () => {
      const now = this.#now()
      agent.heartbeat = now
      if (agent.state === 'lost') {
        agent.state = 'active'
        live.saveAgent(agent)
      }
      for (const end of ended) settle(live, agent, end, now)
      const leaseEnd = now + agent.lease
      const orders = keepLeases(live, agent, running, leaseEnd)
      if (agent.state === 'active' && live.record.state === 'running' && !leaving) {
        const inHand = new Set([...running, ...ended].map(({ trial }) => trial))
        orders.push(...handOut(live, agent, inHand, wants, now, leaseEnd))
      }
      const end = leaving ? 'it went' : this.#endOf(live, agent)
      if (end !== undefined) {
        if (agent.state !== 'stopped') Object.assign(agent, { state: 'stopped', reason: end })
        live.saveAgent(agent)
        orders.push({ type: 'exit', reason: end })
      }
      return { state: agent.state, reason: agent.reason ?? null, orders }
    })
  }

  /** Why this agent has nothing left to do, if so; ends the sweep once nothing is left for anybody. */
  #endOf(live: LiveSweep, agent: AgentRecord): string | undefined {
    const { record, trials } = live
    if (live.heldBy(agent).length > 0) return undefined
    if (agent.state === 'stopped') return agent.reason ?? 'the agent was stopped'
    if (record.state === 'running' && live.open.size === 0 && live.ask() === 'done') {
      const finished = trials.some(({ state }) => state === 'finished' || state === 'pruned')
      record.state = finished ? 'finished' : 'failed'
      if (!finished) record.problems = [...record.problems, `None of the ${trials.length} trials finished.`]
    }
    if (record.state === 'running' || record.state === 'paused') return undefined
    return `the sweep is ${record.state}`
  }

  /**
   * Takes trials from agents that have gone silent, or whose process on this machine has ended. To be called about once a
   * second.
   */
  tick(): void {
    for (const live of this.#sweeps.values()) {
      const now = this.#now()
      const gone = [...live.agents.values()].filter(
        (agent) =>
          agent.state !== 'lost' &&
          agent.state !== 'stopped' &&
          (now - agent.heartbeat > agent.lease || hasEnded(agent)),
      )
      const lost = new Set(gone.map(({ id }) => id))
      const expired = live
        .openTrials()
        .filter(
          ({ state, number, agent }) =>
            state === 'running' && ((live.leases.get(number) ?? 0) < now || (agent !== undefined && lost.has(agent))),
        )
      if (gone.length === 0 && expired.length === 0) continue
      this.#change(live, 'agents', () => {
        for (const agent of gone) {
          agent.state = 'lost'
          live.saveAgent(agent)
        }
        for (const trial of expired) crash(live, trial, now)
      })
    }
  }

  /** `pause`: no new trials; `resume`; `stop`: running trials end, and no new ones; `cancel`: running trials are killed. */
  commandSweep(id: string, command: 'pause' | 'resume' | 'stop' | 'cancel'): void {
    const live = this.get(id)
    this.#change(live, 'state', () => {
      const { record } = live
      if (command === 'pause' && record.state === 'running') record.state = 'paused'
      if (command === 'resume' && record.state !== 'finished') record.state = 'running'
      if (command === 'stop' || command === 'cancel') {
        if (record.state === 'running' || record.state === 'paused') record.state = 'stopped'
        for (const trial of live.openTrials()) {
          if (command === 'cancel') askToStop(live, trial, 'stopped', 'the sweep was cancelled')
          if (trial.state === 'pending') closeTrial(live, trial, 'stopped', this.#now(), 'the sweep was stopped')
        }
      }
    })
  }

  /** `pause`: it finishes its trial and takes no other; `resume`; `stop`: its trial ends and so does it. */
  commandAgent(id: string, agentId: string, command: 'pause' | 'resume' | 'stop'): void {
    const live = this.get(id)
    const agent = live.agents.get(agentId)
    if (!agent) throw new UnknownSweepError(`sweep "${id}" has no agent "${agentId}"`)
    this.#change(live, 'agents', () => {
      if (command === 'pause' && agent.state === 'active')
        Object.assign(agent, { state: 'paused', reason: 'a person paused it' })
      if (command === 'resume' && agent.state === 'paused')
        Object.assign(agent, { state: 'active', reason: undefined, streak: 0 })
      if (command === 'stop') {
        Object.assign(agent, { state: 'stopped', reason: 'a person stopped it' })
        for (const trial of live.heldBy(agent)) askToStop(live, trial, 'stopped', 'its agent was stopped')
      }
      live.saveAgent(agent)
    })
  }

  /**
   * Removes a sweep with its trials; their runs stay.
   *
   * @throws SweepRunsError while trials are running.
   */
  remove(id: string): void {
    const live = this.get(id)
    const { record } = live
    const running = live.openTrials().filter(({ state }) => state === 'running').length
    if (running > 0) throw new SweepRunsError(`sweep "${id}" has ${running} trials that are running: stop it first`)
    this.#store.transaction(() => this.#store.deleteSweep(id))
    this.#sweeps.delete(id)
    this.#said(record, 'deleted')
  }

  /** Changes a sweep in one transaction; if that fails, what is in memory is read again, so that it never says more. */
  #change<T>(live: LiveSweep, changed: string, work: () => T): T {
    const { record } = live
    const before = JSON.stringify([record.state, record.problems])
    try {
      const result = this.#store.transaction(() => {
        const result = work()
        if (JSON.stringify([record.state, record.problems]) !== before) {
          record.updated = this.#now()
          live.saveRecord()
        }
        return result
      })
      this.#said(record, changed)
      return result
    } catch (error) {
      const kept = this.#store.sweeps().find(({ id }) => id === record.id)
      if (kept) this.#open(kept)
      throw error
    }
  }

  #said({ project, id }: SweepRecord, changed: string): void {
    this.#onChange({ project, sweep: id, changed: [changed] })
  }

  close(): void {
    this.#database.close()
  }
}

/** Whether an agent of this machine has no process any more. */
function hasEnded({ host, pid }: AgentRecord): boolean {
  if (host !== hostname() || pid === undefined) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
