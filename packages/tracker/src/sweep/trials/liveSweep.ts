import { pathsIn, type RunPaths } from '../../store/paths.ts'
import { readSweepText } from '../configuration/read.ts'
import type { Sweep } from '../configuration/sweep.ts'
import { createSearcher } from '../search/create.ts'
import type { Searcher, Trial } from '../search/trial.ts'
import type { History } from '../stopping/history.ts'
import type { AgentRecord } from './agentRecord.ts'
import { MetricTail } from './metricTail.ts'
import type { SweepRecord, SweepStore } from './sweepStore.ts'
import { asTrial, isOpen, type TrialRecord } from './trialRecord.ts'

/**
 * A sweep in the server's memory: its records, and what follows from them. Every change goes through `save…`, which writes it
 * to the store; when a transaction fails, the whole of it is thrown away and read again.
 */
export class LiveSweep {
  readonly record: SweepRecord
  readonly sweep: Sweep
  readonly trials: TrialRecord[]
  readonly agents: Map<string, AgentRecord>
  /** The numbers of the trials that are pending or running. */
  readonly open: Set<number>
  /** When each running trial's lease ends. Not kept: after a new start every agent has a whole lease to speak up. */
  readonly leases = new Map<number, number>()
  readonly #searcher: Searcher
  readonly #asTrials: Trial[]
  readonly #tails = new Map<string, MetricTail>()
  readonly #store: SweepStore
  readonly #dir: string

  constructor(record: SweepRecord, store: SweepStore, dir: string) {
    this.record = record
    this.sweep = readSweepText(record.configuration)
    this.trials = store.trials(record.id)
    this.open = new Set(this.trials.filter(isOpen).map(({ number }) => number))
    this.agents = new Map(store.agents(record.id).map((agent) => [agent.id, agent]))
    this.#searcher = createSearcher(this.sweep, record.seed)
    this.#asTrials = this.trials.map(asTrial)
    this.#store = store
    this.#dir = dir
  }

  ask() {
    return this.#searcher.ask(this.#asTrials)
  }

  addTrial(trial: TrialRecord): void {
    this.#store.addTrial(this.record.id, trial)
    this.trials.push(trial)
    this.open.add(trial.number)
    this.#asTrials.push(asTrial(trial))
  }

  saveTrial(trial: TrialRecord): void {
    this.#store.saveTrial(this.record.id, trial)
    this.#asTrials[trial.number] = asTrial(trial)
    if (!isOpen(trial)) {
      this.open.delete(trial.number)
      this.leases.delete(trial.number)
    }
  }

  saveAgent(agent: AgentRecord): void {
    this.#store.saveAgent(this.record.id, agent)
    this.agents.set(agent.id, agent)
  }

  saveRecord(): void {
    this.#store.saveSweep(this.record)
  }

  /** Where the run of a trial's latest attempt is kept. */
  paths({ run }: TrialRecord): RunPaths {
    return pathsIn(this.#dir).run(this.record.project, run)
  }

  /** What the run of a trial's latest attempt has logged so far. */
  tail(trial: TrialRecord): MetricTail {
    let tail = this.#tails.get(trial.run)
    if (!tail) {
      tail = new MetricTail(this.paths(trial).log, this.sweep.metric?.name)
      this.#tails.set(trial.run, tail)
    }
    return tail
  }

  /** Brings a trial's metric up to date with its run; not kept before the trial ends, since the run log keeps it. */
  follow(trial: TrialRecord): MetricTail {
    const tail = this.tail(trial)
    tail.read()
    trial.metric = tail.metric ?? trial.metric
    trial.logged = tail.values.length
    this.#asTrials[trial.number] = asTrial(trial)
    return tail
  }

  /** The histories that stopping rules compare, of all trials that have one. */
  histories(): History[] {
    return this.trials
      .filter(({ state }) => state !== 'pending')
      .map((trial) => {
        const tail = this.tail(trial)
        if (tail.values.length === 0) tail.read()
        const running = trial.state === 'running' && !trial.stopping
        return { id: `${trial.number}`, running, values: tail.values, passedRung: trial.passedRung }
      })
  }

  /** The trials that an agent has in hand. */
  heldBy(agent: AgentRecord): TrialRecord[] {
    return this.openTrials().filter((trial) => trial.state === 'running' && trial.agent === agent.id)
  }

  openTrials(): TrialRecord[] {
    return Array.from(this.open, (number) => this.trials[number])
  }

  /** The agents of this machine that take trials. */
  agentsOn(host: string): number {
    let count = 0
    for (const agent of this.agents.values()) if (agent.host === host && agent.state === 'active') count++
    return Math.max(count, 1)
  }
}
