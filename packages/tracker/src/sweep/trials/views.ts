import type { Json, JsonObject } from '../../log/records.ts'
import type {
  Agent,
  SweepDetail,
  SweepParameter,
  SweepRow,
  SweepState,
  Trial,
  Trials,
  TrialsQuery,
} from '../../server/api/sweeps.ts'
import { expandCommand, shellText } from '../configuration/command.ts'
import { textSource } from '../configuration/source.ts'
import { trialLimit } from '../search/create.ts'
import { loss } from '../search/objective.ts'
import { type Parameter, type Parameters, valueAt } from '../space/space.ts'
import type { LiveSweep } from './liveSweep.ts'
import { asTrial, type TrialRecord } from './trialRecord.ts'

/** A sweep's line in the list of sweeps. */
export function sweepRow({ record, sweep, trials, agents }: LiveSweep): SweepRow {
  const counts: Record<string, number> = {}
  for (const { state } of trials) counts[state] = (counts[state] ?? 0) + 1
  const { id, name, state, created, updated } = record
  return {
    id,
    name: name ?? id,
    method: sweep.method,
    state: stateOf(state, trials),
    metric: sweep.metric ? { name: sweep.metric.name, goal: sweep.metric.goal } : null,
    created,
    updated,
    runCap: trialLimit(sweep) ?? null,
    trials: counts as SweepRow['trials'],
    agents: [...agents.values()].filter((agent) => agent.state === 'active' || agent.state === 'paused').length,
    best: bestOf(sweep.metric, trials),
  }
}

const stateOf = (state: LiveSweep['record']['state'], trials: readonly TrialRecord[]): SweepState =>
  state === 'running' && trials.length === 0 ? 'pending' : state

function bestOf(metric: LiveSweep['sweep']['metric'], trials: readonly TrialRecord[]): SweepRow['best'] {
  if (!metric) return null
  let best: SweepRow['best'] = null
  let least = Number.POSITIVE_INFINITY
  for (const trial of trials) {
    const own = loss(asTrial(trial), metric)
    if (own === undefined || own >= least) continue
    least = own
    best = { trial: trial.number, run: trial.run, value: metric.goal === 'maximize' ? -own : own }
  }
  return best
}

/** Everything about one sweep but its trials. */
export function sweepDetail(live: LiveSweep): SweepDetail {
  const { record, sweep, agents } = live
  return {
    ...sweepRow(live),
    config: textSource(record.configuration).value as JsonObject,
    text: record.configuration,
    folder: record.folder ?? null,
    bestCommand: bestCommandOf(live),
    parameters: sweep.space.parameters.map(sweepParameter),
    agentList: [...agents.values()].map((agent): Agent => {
      const { id, host, pid, state, reason, started, heartbeat, finished, failed } = agent
      const [trial] = live.heldBy(agent)
      return {
        id,
        host,
        pid: pid ?? null,
        state,
        reason: reason ?? null,
        trial: trial?.number ?? null,
        started,
        heartbeat,
        finished,
        failed,
      }
    }),
    problems: [...record.problems, ...sweep.notices],
  }
}

/** The command of the best trial as a person would type it; null where the sweep is a function, or needs a file of parameters. */
function bestCommandOf({ sweep, trials }: LiveSweep): string | null {
  const best = bestOf(sweep.metric, trials)
  const { program, command } = sweep
  const unnamed = program === undefined && command.some((part) => part.includes('{program}'))
  if (!best || unnamed || command.some((part) => part.includes('args_json_file'))) return null
  const { parameters } = trials[best.trial]
  const context = { program, parameters, environment: {}, platform: process.platform, node: 'node', jsonFile: '' }
  return shellText(expandCommand(command, context).filter((word) => word !== '/usr/bin/env'))
}

function sweepParameter({ name, type, distribution }: Parameter): SweepParameter {
  const { scale, grid } = distribution
  const listed = scale === 'category' || scale === 'constant'
  const values = new Map<string, Json>()
  // A distribution with probabilities has no grid to walk over; steps along the interval meet every value with a share.
  const steps = grid ? 0 : 4096
  if (listed) for (let index = 0; index < (grid?.size ?? 0); index++) add(values, grid!.at(index) as Json)
  if (listed) for (let step = 0; step < steps; step++) add(values, distribution.quantile((step + 0.5) / steps) as Json)
  const bounded = !listed && !/normal/.test(type)
  return {
    name,
    kind:
      scale === 'constant' ? 'constant' : listed ? 'categorical' : type === 'int_uniform' ? 'integer' : 'continuous',
    distribution: type,
    min: bounded ? Number(distribution.quantile(0)) : null,
    max: bounded ? Number(distribution.quantile(1)) : null,
    values: listed ? [...values.values()].map(scalar) : null,
    log: scale === 'log',
  }
}

const add = (values: Map<string, Json>, value: Json) => values.set(JSON.stringify(value), value)
const scalar = (value: Json) => (value !== null && typeof value === 'object' ? JSON.stringify(value) : value)

/** Parameters as one flat map: names of nested ones are joined by dots. */
function flat(live: LiveSweep, parameters: Parameters): JsonObject {
  const result: JsonObject = {}
  for (const { name, path } of live.sweep.space.parameters) {
    const value = valueAt(parameters, path)
    if (value !== undefined) result[name] = value as Json
  }
  const repeated = live.sweep.repeat?.parameter
  if (repeated !== undefined && repeated in parameters) result[repeated] = parameters[repeated] as Json
  return result
}

function trialView(live: LiveSweep, trial: TrialRecord): Trial {
  const { number, run, state, attempt, parameters, metric, logged, agent, created, started, ended, reason } = trial
  const value = state === 'running' || state === 'pending' ? metric?.last : bestValue(live, trial)
  return {
    id: number,
    run: started === undefined ? null : run,
    state,
    attempt,
    params: flat(live, parameters),
    value: value ?? null,
    iterations: logged,
    agent: agent ?? null,
    created,
    started: started ?? null,
    ended: ended ?? null,
    reason: reason ?? null,
  }
}

function bestValue({ sweep }: LiveSweep, trial: TrialRecord): number | undefined {
  if (!sweep.metric) return trial.metric?.last
  const own = loss(asTrial(trial), sweep.metric)
  return own === undefined ? undefined : sweep.metric.goal === 'maximize' ? -own : own
}

/** The trials that a query asks for. Those without the value that it sorts by come last. */
export function trialsOf(live: LiveSweep, { states, sort, offset = 0, limit = 100_000 }: TrialsQuery): Trials {
  const wanted = live.trials.filter(({ state }) => !states || states.includes(state))
  const views = wanted.map((trial) => trialView(live, trial))
  if (sort) {
    const { column, descending = false } = sort
    const parameter = column.startsWith('params.') ? column.slice(7) : undefined
    const read = (trial: Trial) =>
      parameter === undefined ? (trial as unknown as Record<string, Json>)[column] : trial.params[parameter]
    views.sort((a, b) => compare(read(a), read(b), descending))
  }
  return { total: views.length, trials: views.slice(offset, offset + limit) }
}

function compare(a: unknown, b: unknown, descending: boolean): number {
  const missing = (value: unknown) => (value === null || value === undefined ? 1 : 0)
  if (missing(a) || missing(b)) return missing(a) - missing(b)
  const order =
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0
  return descending ? -order : order
}
