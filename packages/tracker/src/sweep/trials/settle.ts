import type { TrialEnd } from '../../server/api/agents.ts'
import { type AgentRecord, breaker } from './agentRecord.ts'
import type { LiveSweep } from './liveSweep.ts'
import { type RecordState, type TrialRecord, withValue } from './trialRecord.ts'

/** Ends a trial for good. */
export function closeTrial(
  live: LiveSweep,
  trial: TrialRecord,
  state: RecordState,
  now: number,
  reason?: string,
): void {
  Object.assign(trial, { state, ended: now, reason, stopping: undefined })
  live.saveTrial(trial)
}

/** Has a trial tried again, from its beginning. */
function putBack(live: LiveSweep, trial: TrialRecord, reason: string): void {
  Object.assign(trial, { state: 'pending', agent: undefined, reason, metric: undefined, logged: 0, passedRung: 0 })
  live.leases.delete(trial.number)
  live.saveTrial(trial)
}

/** Whether a trial is in the hands of this agent, in this attempt. */
export function heldTrial(
  live: LiveSweep,
  agent: AgentRecord,
  { trial: number, attempt }: { readonly trial: number; readonly attempt: number },
): TrialRecord | undefined {
  const trial = live.trials[number]
  return trial?.state === 'running' && trial.agent === agent.id && trial.attempt === attempt ? trial : undefined
}

/** Takes an agent's word that a trial has ended; a word about an attempt that is not its own any more changes nothing. */
export function settle(live: LiveSweep, agent: AgentRecord, end: TrialEnd, now: number): void {
  const trial = heldTrial(live, agent, end)
  if (!trial) return
  const { names } = live.follow(trial)
  trial.metric = withValue(trial.metric, end.value)
  if (trial.stopping) closeTrial(live, trial, trial.stopping, now, trial.reason)
  else if (end.interrupted) putBack(live, trial, end.message ?? 'its agent was ended')
  else if (end.exitCode === 0) closeTrial(live, trial, 'finished', now)
  else fail(live, trial, end, now)

  if (trial.state === 'finished' || trial.state === 'pruned') {
    agent.finished++
    agent.streak = 0
    if (trial.state === 'finished') checkMetric(live, trial, names)
  } else if (trial.state !== 'stopped' && !end.interrupted) {
    agent.failed++
    agent.streak++
    const why = breaker(agent, now)
    if (why && agent.state === 'active')
      Object.assign(agent, { state: 'paused', reason: `${why}; the last one: ${trial.reason}` })
  }
  live.saveAgent(agent)
}

function fail(live: LiveSweep, trial: TrialRecord, { exitCode, message }: TrialEnd, now: number): void {
  const how = exitCode === null ? 'a signal ended it' : `its program ended with code ${exitCode}`
  const reason = message ?? how
  if (trial.failedTries < live.sweep.retry.failed && live.record.state !== 'stopped') {
    trial.failedTries++
    putBack(live, trial, reason)
  } else closeTrial(live, trial, 'failed', now, reason)
}

/** Decides about a running trial whose agent is gone. */
export function crash(live: LiveSweep, trial: TrialRecord, now: number): void {
  const { finish } = live.follow(trial)
  if (trial.stopping) closeTrial(live, trial, trial.stopping, now, trial.reason)
  // The agent could not say so any more, but the run itself says that it came to its end.
  else if (finish?.state === 'finished') closeTrial(live, trial, 'finished', now)
  else if (trial.crashedTries < live.sweep.retry.crashed && live.record.state !== 'stopped') {
    trial.crashedTries++
    putBack(live, trial, 'its agent was lost')
  } else closeTrial(live, trial, 'crashed', now, 'its agent was lost, and no try is left')
}

/** Says by name which metrics there are, once a trial has finished without the one that the sweep is about. */
function checkMetric({ record, sweep, trials }: LiveSweep, trial: TrialRecord, names: ReadonlySet<string>): void {
  if (!sweep.metric || trial.metric || record.problems.length > 0 || trials.some(({ metric }) => metric)) return
  const logged = [...names].sort().slice(0, 20)
  const what = logged.length > 0 ? `what it logged: ${logged.join(', ')}` : 'it logged no metric at all'
  const { name } = sweep.metric
  record.problems = [
    names.has(name)
      ? `Trial ${trial.number} finished, but "${name}" was never a finite number in it, so there is nothing to compare.`
      : `Trial ${trial.number} finished without a value of "${name}"; ${what}.`,
  ]
}
