/** One sweep over the x-ray runs. */
import type { SweepDetail, Trial, TrialsQuery } from '@trainyard/tracker/api'
import { configOf } from '../world/columns.ts'
import { statisticsOf, type WorldRun } from '../world/run.ts'

const swept = (runs: WorldRun[]) => runs.filter((run) => run.sweep)
export const sweepState = new Map<string, 'running' | 'paused' | 'stopped'>()

export function sweep(runs: WorldRun[]): SweepDetail | undefined {
  const own = swept(runs)
  if (own.length === 0) return undefined
  const all = trials(runs, {}).trials
  const best = all.filter(({ value }) => value !== null).sort((a, b) => a.value! - b.value!)[0]
  const count: { [state: string]: number } = {}
  for (const { state } of all) count[state] = (count[state] ?? 0) + 1
  const now = Date.now() / 1000
  return {
    id: own[0].sweep!,
    name: 'lung-search',
    method: 'bayes',
    state: sweepState.get(own[0].sweep!) ?? 'running',
    metric: { name: 'val/loss', goal: 'minimize' },
    created: own[0].created,
    updated: now,
    runCap: 60,
    trials: count as SweepDetail['trials'],
    agents: 2,
    best: best ? { trial: best.id, run: best.run, value: best.value! } : null,
    config: {
      method: 'bayes',
      metric: { name: 'val/loss', goal: 'minimize' },
      parameters: { batchSize: { values: [8, 16, 32, 40] } },
    },
    text: 'method: bayes\nmetric: {name: val/loss}\nparameters: {batchSize: {values: [8, 16, 32, 40]}}\n',
    folder: '/home/me/films',
    bestCommand: 'trainyard study xray --batch-size=8 --lr=0.0119',
    parameters: [
      {
        name: 'optimizer.lr',
        kind: 'continuous',
        distribution: 'log_uniform_values',
        min: 6e-5,
        max: 0.1,
        values: null,
        log: true,
      },
      {
        name: 'batchSize',
        kind: 'categorical',
        distribution: 'categorical',
        min: null,
        max: null,
        values: [8, 16, 32, 40],
        log: false,
      },
      {
        name: 'epochs',
        kind: 'categorical',
        distribution: 'categorical',
        min: null,
        max: null,
        values: [50, 100, 150],
        log: false,
      },
      {
        name: 'optimizer.name',
        kind: 'categorical',
        distribution: 'categorical',
        min: null,
        max: null,
        values: ['adam', 'sgd'],
        log: false,
      },
    ],
    agentList: [
      {
        id: 'a1',
        host: 'workstation',
        pid: 4711,
        state: 'active',
        reason: null,
        trial: 29,
        started: now - 4000,
        heartbeat: now - 3,
        finished: 14,
        failed: 0,
      },
      {
        id: 'a2',
        host: 'laptop',
        pid: 900,
        state: 'paused',
        reason: '5 failures in a row',
        trial: null,
        started: now - 4000,
        heartbeat: now - 8,
        finished: 9,
        failed: 5,
      },
    ],
    problems: [],
  } as unknown as SweepDetail
}

export function trials(runs: WorldRun[], query: TrialsQuery): { total: number; trials: Trial[] } {
  const made = swept(runs).map((run, id): Trial => {
    const params = Object.fromEntries(
      ['optimizer.lr', 'batchSize', 'epochs', 'optimizer.name'].map((key) => [key, configOf(run).get(key) ?? null]),
    )
    const statistics = statisticsOf(run, 'val/loss')
    return {
      id,
      run: run.id,
      state: run.state === 'stopped' ? 'pruned' : run.state,
      attempt: 1,
      params,
      value: statistics && Number.isFinite(statistics.min) ? statistics.min : null,
      iterations: statistics?.count ?? 0,
      agent: id % 2 ? 'a1' : 'a2',
      created: run.created,
      started: run.created,
      ended: run.state === 'running' ? null : run.created + run.duration,
      reason: run.state === 'stopped' ? 'hyperband: above the threshold 0.31 at band 20' : null,
    }
  })
  const found = query.states ? made.filter(({ state }) => query.states!.includes(state)) : made
  return { total: found.length, trials: found.slice(query.offset ?? 0, (query.offset ?? 0) + (query.limit ?? 100_000)) }
}
