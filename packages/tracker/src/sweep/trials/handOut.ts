import type { JsonObject } from '../../log/records.ts'
import type { AgentOrder } from '../../server/api/agents.ts'
import type { AgentRecord } from './agentRecord.ts'
import type { LiveSweep } from './liveSweep.ts'
import type { TrialRecord } from './trialRecord.ts'

/**
 * Gives an agent trials: first again what it was given but does not know of, since the answer was lost; then those that are
 * to be tried again; then new ones, whose parameters are chosen now.
 *
 * @param inHand The numbers of the trials that the agent has just spoken of.
 */
export function handOut(
  live: LiveSweep,
  agent: AgentRecord,
  inHand: ReadonlySet<number>,
  wants: number,
  now: number,
  leaseEnd: number,
): AgentOrder[] {
  const forgotten = live.heldBy(agent).filter(({ number }) => !inHand.has(number))
  const orders = forgotten.map((trial) => orderOf(live, agent, trial))
  const waiting = live.openTrials().filter(({ state }) => state === 'pending')
  while (orders.length < wants) {
    const trial = waiting.shift() ?? choose(live, now)
    if (!trial) break
    if (trial.started !== undefined) trial.attempt++
    const run = runOf(live.record.id, trial)
    Object.assign(trial, { state: 'running', agent: agent.id, run, started: now, reason: undefined })
    live.leases.set(trial.number, leaseEnd)
    live.saveTrial(trial)
    orders.push(orderOf(live, agent, trial))
  }
  for (const { number } of forgotten) live.leases.set(number, leaseEnd)
  return orders
}

/** Each attempt has a run of its own: what an attempt that was given up still writes harms no other. */
function runOf(sweep: string, { number, attempt }: TrialRecord): string {
  return attempt === 1 ? `${sweep}-${number}` : `${sweep}-${number}-${attempt}`
}

function choose(live: LiveSweep, now: number): TrialRecord | undefined {
  const proposal = live.ask()
  if (typeof proposal === 'string') return undefined
  const number = live.trials.length
  const trial: TrialRecord = {
    ...proposal,
    number,
    state: 'pending',
    attempt: 1,
    run: `${live.record.id}-${number}`,
    failedTries: 0,
    crashedTries: 0,
    logged: 0,
    passedRung: 0,
    created: now,
  }
  live.addTrial(trial)
  return trial
}

function orderOf(live: LiveSweep, agent: AgentRecord, trial: TrialRecord): AgentOrder {
  const { number, attempt, run, parameters, continues, iterations } = trial
  const { repeat } = live.sweep
  return {
    type: 'run',
    trial: number,
    attempt,
    run,
    parameters: parameters as JsonObject,
    ...(continues === undefined ? {} : { continues: { trial: continues, run: live.trials[continues].run } }),
    ...(iterations === undefined ? {} : { iterations }),
    ...(repeat ? { group: `${live.record.id}-configuration-${Math.floor(number / repeat.count)}` } : {}),
    agentsOnHost: live.agentsOn(agent.host),
  }
}
