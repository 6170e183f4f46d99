/** `paused` agents finish their trial and take no other; `lost` ones have not been heard of for longer than a lease. */
export type AgentState = 'active' | 'paused' | 'stopped' | 'lost'

/** An agent as it is kept. Times are unix seconds. */
export interface AgentRecord {
  readonly id: string
  readonly host: string
  readonly pid?: number
  /** Seconds without a beat after which its trials are given to others. */
  readonly lease: number
  state: AgentState
  /** Why it was paused or stopped. */
  reason?: string
  readonly started: number
  heartbeat: number
  finished: number
  failed: number
  /** Failures since its last finished trial. */
  streak: number
}

/** A bad machine must not burn a sweep's trials: after so many failures without a success an agent gets no more of them. */
export const MAX_STREAK = 5
/** Fewer are enough at the beginning, where it is likely that nothing works at all (wandb's rule: three in the first minute). */
export const MAX_EARLY_STREAK = 3
export const EARLY_SECONDS = 60

/** Why an agent that just saw a failure is to pause, or `undefined` where it may go on. */
export function breaker(agent: AgentRecord, now: number): string | undefined {
  const early = agent.finished === 0 && now - agent.started < EARLY_SECONDS
  if (early && agent.streak >= MAX_EARLY_STREAK)
    return `its first ${agent.streak} trials failed within ${EARLY_SECONDS} seconds`
  return agent.streak >= MAX_STREAK ? `${agent.streak} trials in a row failed` : undefined
}
