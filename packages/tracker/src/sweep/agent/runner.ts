import type { AgentOrder, AgentRegistered } from '../../server/api/agents.ts'

export type RunOrder = Extract<AgentOrder, { type: 'run' }>

/** How a trial came to its end. */
export interface TrialOutcome {
  /** 0 is success; null where a signal ended it. */
  readonly exitCode: number | null
  /** The metric, where the program gave it back instead of logging it. */
  readonly value?: number
  /** For people: what went wrong. */
  readonly message?: string
}

/** A trial under way. */
export interface RunningTrial {
  readonly ended: Promise<TrialOutcome>
  /** Asks it to end; `urgent`: at once. It may take its time: `ended` says when it has. */
  stop(urgent: boolean): void
}

/** Starts trials: as processes, or as calls of a function. */
export type TrialRunner = (order: RunOrder, sweep: AgentRegistered & { readonly id: string }) => RunningTrial
