import type { AgentRecord } from './agentRecord.ts'
import type { SweepDatabase } from './database.ts'
import type { TrialRecord } from './trialRecord.ts'

export type StoredState = 'running' | 'paused' | 'stopped' | 'finished' | 'failed'

/** A sweep as it is kept. Times are unix seconds. */
export interface SweepRecord {
  readonly id: string
  readonly project: string
  readonly name?: string
  /** Its configuration as it was written, YAML or JSON. */
  readonly configuration: string
  /** Where its program is to be started, where that is known. */
  readonly folder?: string
  readonly seed: number
  state: StoredState
  readonly created: number
  updated: number
  /** What a person should know. */
  problems: string[]
}

type Row = Record<string, string | number | null>

/** Reads and writes the records of sweeps, trials and agents; what they mean is known elsewhere. */
export class SweepStore {
  readonly #database: SweepDatabase
  readonly #statements

  constructor(database: SweepDatabase) {
    this.#database = database
    const { sql } = database
    this.#statements = {
      sweeps: sql.prepare('SELECT * FROM sweep ORDER BY created'),
      saveSweep: sql.prepare(
        `INSERT INTO sweep (id, project, name, configuration, folder, seed, state, created, updated, problems)
         VALUES (:id, :project, :name, :configuration, :folder, :seed, :state, :created, :updated, :problems)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, updated = excluded.updated, problems = excluded.problems`,
      ),
      deleteSweep: sql.prepare('DELETE FROM sweep WHERE id = ?'),
      trials: sql.prepare('SELECT * FROM trial WHERE sweep = ? ORDER BY number'),
      addTrial: sql.prepare(
        'INSERT INTO trial (sweep, number, state, attempt, run, agent, data) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ),
      saveTrial: sql.prepare(
        'UPDATE trial SET state = ?, attempt = ?, run = ?, agent = ?, data = ? WHERE sweep = ? AND number = ?',
      ),
      agents: sql.prepare('SELECT data FROM agent WHERE sweep = ? ORDER BY rowid'),
      saveAgent: sql.prepare('INSERT OR REPLACE INTO agent (id, sweep, data) VALUES (?, ?, ?)'),
    }
  }

  /** All of `work` is kept, or none of it. */
  transaction<T>(work: () => T): T {
    return this.#database.transaction(work)
  }

  sweeps(): SweepRecord[] {
    return (this.#statements.sweeps.all() as Row[]).map((row) => ({
      ...(row as unknown as SweepRecord),
      name: (row.name ?? undefined) as string | undefined,
      folder: (row.folder ?? undefined) as string | undefined,
      problems: JSON.parse(row.problems as string) as string[],
    }))
  }

  saveSweep({ id, project, name, configuration, folder, seed, state, created, updated, problems }: SweepRecord): void {
    const texts = { name: name ?? null, folder: folder ?? null, problems: JSON.stringify(problems) }
    this.#statements.saveSweep.run({ id, project, configuration, seed, state, created, updated, ...texts })
  }

  deleteSweep(id: string): void {
    this.#statements.deleteSweep.run(id)
  }

  trials(sweep: string): TrialRecord[] {
    return (this.#statements.trials.all(sweep) as Row[]).map(({ number, state, attempt, run, agent, data }) => ({
      ...JSON.parse(data as string),
      number,
      state,
      attempt,
      run,
      ...(agent === null ? {} : { agent }),
    }))
  }

  /** @throws where there is a trial of this number already: no number is ever given twice. */
  addTrial(sweep: string, trial: TrialRecord): void {
    const { number, state, attempt, run, agent, ...data } = trial
    this.#statements.addTrial.run(sweep, number, state, attempt, run, agent ?? null, JSON.stringify(data))
  }

  saveTrial(sweep: string, trial: TrialRecord): void {
    const { number, state, attempt, run, agent, ...data } = trial
    this.#statements.saveTrial.run(state, attempt, run, agent ?? null, JSON.stringify(data), sweep, number)
  }

  agents(sweep: string): AgentRecord[] {
    return (this.#statements.agents.all(sweep) as { data: string }[]).map(({ data }) => JSON.parse(data) as AgentRecord)
  }

  saveAgent(sweep: string, agent: AgentRecord): void {
    this.#statements.saveAgent.run(agent.id, sweep, JSON.stringify(agent))
  }
}
