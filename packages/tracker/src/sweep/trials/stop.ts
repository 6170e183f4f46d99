import { existsSync, writeFileSync } from 'node:fs'
import type { AgentBeat, AgentOrder } from '../../server/api/agents.ts'
import { judge } from '../stopping/judge.ts'
import type { AgentRecord } from './agentRecord.ts'
import type { LiveSweep } from './liveSweep.ts'
import { heldTrial } from './settle.ts'
import type { TrialRecord } from './trialRecord.ts'

/** Marks a running trial to be stopped: its program hears of it through its run, its agent with the next beat. */
export function askToStop(live: LiveSweep, trial: TrialRecord, kind: 'pruned' | 'stopped', reason: string): void {
  if (trial.state !== 'running' || trial.stopping) return
  trial.stopping = kind
  trial.reason = reason
  live.saveTrial(trial)
  const { folder, stop } = live.paths(trial)
  if (existsSync(folder)) writeFileSync(stop, '')
}

/** Renews the leases of what an agent runs, and names what is to stop. */
export function keepLeases(
  live: LiveSweep,
  agent: AgentRecord,
  running: AgentBeat['running'],
  leaseEnd: number,
): AgentOrder[] {
  const held: TrialRecord[] = []
  const orders: AgentOrder[] = []
  for (const { trial: number, attempt } of running) {
    const trial = heldTrial(live, agent, { trial: number, attempt })
    if (trial) {
      live.leases.set(trial.number, leaseEnd)
      live.follow(trial)
      held.push(trial)
    } else {
      const reason = 'it was given up, or given to another agent'
      orders.push({ type: 'stop', trial: number, attempt, reason, urgent: true })
    }
  }
  if (held.length > 0 && live.sweep.stopping) stopByRule(live)
  for (const { number, attempt, stopping, reason = '' } of held)
    if (stopping) {
      const urgent = stopping === 'stopped' && live.record.state === 'stopped'
      orders.push({ type: 'stop', trial: number, attempt, reason, urgent })
    }
  return orders
}

/** Applies the sweep's `early_terminate` to everything that runs. */
function stopByRule(live: LiveSweep): void {
  const { stop, passed } = judge(live.sweep, live.histories())
  for (const { id, rung } of passed) {
    const trial = live.trials[Number(id)]
    trial.passedRung = rung
    live.saveTrial(trial)
  }
  for (const { id, iteration, value, threshold } of stop) {
    const [had, asked] = [value, threshold].map((number) => Number(number.toPrecision(4)))
    const reason = `stopped early: ${had} after ${iteration} values, where ${asked} was asked for`
    askToStop(live, live.trials[Number(id)], 'pruned', reason)
  }
}
