import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runTrials, trialOf } from '../../testing/trials.ts'
import { readSweep } from '../configuration/read.ts'
import type { SweepConfiguration } from '../configuration/types.ts'
import { createSearcher, trialLimit } from './create.ts'
import { observe } from './objective.ts'
import type { Proposal, Trial } from './trial.ts'

const searcher = (configuration: SweepConfiguration, seed = 1) => createSearcher(readSweep(configuration), seed)
const metric = { name: 'loss' }

test('a grid visits every combination once, the last name fastest, then is done', () => {
  const grid = searcher({
    method: 'grid',
    parameters: {
      b: { values: ['x', 'y', 'x'] },
      a: { min: 1, max: 2 },
      o: { parameters: { c: { value: true }, d: { distribution: 'q_uniform', min: 0, max: 1, q: 0.5 } } },
    },
  })
  const trials = runTrials(grid, 99, () => 0)
  assert.deepEqual(
    trials.map(({ parameters }) => [parameters.a, parameters.b, (parameters.o as { d: number }).d]),
    [
      [1, 'x', 0],
      [1, 'x', 0.5],
      [1, 'y', 0],
      [1, 'y', 0.5],
      [2, 'x', 0],
      [2, 'x', 0.5],
      [2, 'y', 0],
      [2, 'y', 0.5],
    ],
  )
  assert.equal(grid.ask(trials), 'done')
})

test('how many trials a sweep comes to is known where there is an end', () => {
  const limit = (rest: Partial<SweepConfiguration>) =>
    trialLimit(readSweep({ method: 'grid', parameters: { a: { values: [1, 2, 3] }, b: { values: [1, 2] } }, ...rest }))
  assert.equal(limit({}), 6)
  assert.equal(limit({ repeat: { count: 2, parameter: 'seed' } }), 12)
  assert.equal(limit({ run_cap: 4 }), 4)
  assert.equal(limit({ run_cap: 9 }), 6)
  assert.equal(limit({ method: 'random' }), undefined)
  assert.equal(limit({ method: 'random', run_cap: 9 }), 9)
})

test('a random search depends on seed, trial number and name only', () => {
  const parameters = {
    lr: { distribution: 'log_uniform_values', min: 1e-4, max: 1 },
    width: { min: 1, max: 100 },
  } as const
  const ask = (configuration: SweepConfiguration, trials: Trial[], seed = 5) =>
    (searcher(configuration, seed).ask(trials) as Proposal).parameters
  const some = [trialOf(0, {}), trialOf(1, {}, undefined, 'running')]
  const others = [trialOf(0, {}, 5), trialOf(1, {}, undefined, 'crashed')]
  const base = ask({ method: 'random', parameters }, some)
  assert.deepEqual(ask({ method: 'random', parameters }, others), base)
  assert.notDeepEqual(ask({ method: 'random', parameters }, some, 6), base)
  const more = ask({ method: 'random', parameters: { ...parameters, depth: { values: [1, 2] } } }, some)
  assert.deepEqual({ lr: more.lr, width: more.width }, base)
})

test('run_cap and a reached target end every method', () => {
  const parameters = { a: { values: [1, 2, 3] } }
  const capped = searcher({ method: 'random', run_cap: 2, parameters })
  assert.equal(runTrials(capped, 9, () => 1).length, 2)
  const aimed = searcher({ method: 'random', parameters, metric: { name: 'x', goal: 'maximize', target: 3 } })
  assert.equal(runTrials(aimed, 99, ({ a }) => Number(a)).at(-1)!.metric!.last, 3)
})

test("what a model learns from follows wandb's rules for failed and running trials", () => {
  const summary = (minimum: number, maximum: number, last: number) => ({ minimum, maximum, last })
  const trials: Trial[] = [
    { number: 0, parameters: {}, state: 'finished', metric: summary(1, 9, 3) },
    { number: 1, parameters: {}, state: 'failed', metric: summary(2, 4, 4) },
    { number: 2, parameters: {}, state: 'running', metric: summary(5, 20, 6) },
    { number: 3, parameters: {}, state: 'crashed' },
    { number: 4, parameters: {}, state: 'finished' },
    { number: 5, parameters: {}, state: 'pending' },
  ]
  const read = (options: object) => {
    const { metric } = readSweep({
      method: 'random',
      parameters: { a: { value: 1 } },
      metric: { name: 'x', ...options },
    })
    const { observed, underWay, measured } = observe(trials, metric!)
    return {
      losses: observed.map(({ trial, loss }) => [trial.number, loss]),
      underWay: underWay.map(({ number }) => number),
      measured,
    }
  }
  assert.deepEqual(read({}), {
    losses: [
      [0, 1],
      [1, 9],
      [3, 9],
      [4, 9],
    ],
    underWay: [2, 5],
    measured: 2,
  })
  assert.deepEqual(read({ impute: 'best' }).losses, [
    [0, 1],
    [1, 2],
    [3, 9],
    [4, 9],
  ])
  assert.deepEqual(read({ impute: 'latest' }).losses, [
    [0, 1],
    [1, 4],
    [3, 9],
    [4, 9],
  ])
  assert.deepEqual(read({ impute_while_running: 'latest' }), {
    losses: [
      [0, 1],
      [1, 9],
      [2, 6],
      [3, 9],
      [4, 9],
    ],
    underWay: [5],
    measured: 3,
  })
  assert.deepEqual(read({ goal: 'maximize' }).losses, [
    [0, -9],
    [1, -1],
    [3, -1],
    [4, -1],
  ])
})

for (const method of ['bayes', 'tpe'] as const) {
  const parameters: SweepConfiguration['parameters'] = {
    kind: { values: ['bad', 'good', 'worse', 'off'] },
    lr: { distribution: 'log_uniform_values', min: 1e-5, max: 1 },
    width: { min: 1, max: 64 },
  }
  const evaluate = ({ kind, lr, width }: { [name: string]: unknown }) =>
    (kind === 'good' ? 0 : 1) + (Math.log10(lr as number) + 3) ** 2 + ((width as number) / 64 - 0.5) ** 2

  test(`${method} handles categories, logarithms and whole numbers together`, () => {
    const best = Math.min(
      ...runTrials(searcher({ method, metric, parameters }), 45, evaluate).map((trial) => trial.metric!.last),
    )
    assert.ok(best < 0.2, `best of 45 is ${best}`)
  })

  test(`${method} repeats itself from the same trials, and differs by seed`, () => {
    const trials = runTrials(searcher({ method, metric, parameters }), 14, evaluate)
    const ask = (seed: number) => searcher({ method, metric, parameters }, seed).ask(trials)
    assert.deepEqual(ask(1), ask(1))
    assert.notDeepEqual(ask(1), ask(2))
  })

  test(`${method} keeps away from trials that failed, and sends agents to different places`, () => {
    const line: SweepConfiguration['parameters'] = { x: { distribution: 'uniform', min: 0, max: 1 } }
    const search = searcher({ method, metric, parameters: line })
    const trials = runTrials(search, 40, ({ x }) => (Number(x) > 0.5 ? undefined : 1 - Number(x)))
    const late = trials.slice(20)
    assert.ok(late.filter(({ state }) => state === 'failed').length < 10, 'more than half of the late trials failed')

    const running = [...trials]
    for (let agent = 0; agent < 4; agent++) {
      const { parameters } = search.ask(running) as Proposal
      running.push(trialOf(running.length, parameters, undefined, 'running'))
    }
    const places = running.slice(40).map(({ parameters }) => parameters.x)
    assert.equal(new Set(places).size, 4)
  })

  test(`${method} survives constant, missing and infinite values`, () => {
    const search = searcher({ method, metric, parameters })
    assert.equal(runTrials(search, 25, () => 3).length, 25)
    assert.equal(runTrials(search, 25, () => undefined).length, 25)
    const twice = Array.from({ length: 30 }, (_, number) =>
      trialOf(number, { kind: 'bad', lr: 0.1, width: 3 }, number % 3, number % 2 ? 'finished' : 'failed'),
    )
    assert.equal(typeof search.ask(twice), 'object')
  })
}

test('repetitions run one after the other and count as one trial with their mean', () => {
  const parameters = { x: { distribution: 'uniform', min: 0, max: 1 } } as const
  const sweep = readSweep({ method: 'random', metric, parameters, repeat: { count: 3, parameter: 'fold' }, run_cap: 9 })
  const trials = runTrials(createSearcher(sweep, 2), 99, () => 1)
  assert.deepEqual(
    trials.map(({ parameters }) => parameters.fold),
    [0, 1, 2, 0, 1, 2, 0, 1, 2],
  )
  const plain = runTrials(createSearcher(readSweep({ method: 'random', parameters }), 2), 3, () => 1)
  assert.deepEqual(
    [0, 3, 6].map((number) => trials[number].parameters.x),
    plain.map(({ parameters }) => parameters.x),
  )
  for (const number of [1, 2]) assert.equal(trials[number].parameters.x, trials[0].parameters.x)
})
