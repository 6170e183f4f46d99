import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { trialFrom, trialOf } from '../../testing/trials.ts'
import { readSweep } from '../configuration/read.ts'
import { Stream } from '../random/stream.ts'
import { createSearcher } from './create.ts'
import { explore } from './population.ts'
import type { Proposal, Trial } from './trial.ts'

const parameters = { x: { distribution: 'uniform', min: 0, max: 1 } } as const

test('promotion by hand: every third trial of a rung goes on, the best first, then new ones start', () => {
  const sweep = readSweep({
    method: 'random',
    parameters,
    metric: { name: 'loss' },
    early_terminate: { type: 'asha_promotion', min_iter: 1, max_iter: 9, eta: 3 },
  })
  assert.deepEqual(sweep.stopping, { type: 'asha_promotion', rungs: [1, 3, 9], eta: 3 })
  const searcher = createSearcher(sweep, 3)
  const trials: Trial[] = []
  const next = () => searcher.ask(trials) as Proposal
  const finish = (value: number) => trials.push(trialFrom(next(), trials.length, value))
  for (const value of [0.5, 0.4]) finish(value)
  assert.equal(next().continues, undefined)
  finish(0.6)
  // Three at the lowest rung: the best of them, trial 1, goes on with its own parameters.
  assert.deepEqual(next(), { parameters: trials[1].parameters, continues: 1, iterations: 3 })
  finish(0.35)
  finish(0.3)
  // Four there: one may go on, and now trial 4 is the best of them.
  assert.deepEqual(next(), { parameters: trials[4].parameters, continues: 4, iterations: 3 })
  finish(0.2)
  for (const value of [0.7, 0.8]) finish(value)
  // Six there: two may go on, 4 and 1, and both have.
  assert.equal(next().continues, undefined)
  finish(0.1)
  assert.equal(next().continues, 8)
  finish(0.05)
  // Three at the second rung now, trials 3, 5 and 9: the best goes up to the last one.
  assert.deepEqual(next(), { parameters: trials[9].parameters, continues: 9, iterations: 9 })
  finish(0.01)
  assert.equal(next().continues, undefined)
})

test('promotion leaves new configurations as they would be without it, and waits for what a grid still runs', () => {
  const early_terminate = { type: 'asha_promotion', min_iter: 1, max_iter: 4, eta: 2 } as const
  const sweep = { metric: { name: 'loss' }, early_terminate, parameters }
  const searcher = createSearcher(readSweep({ method: 'random', ...sweep }), 3)
  const plain = createSearcher(readSweep({ method: 'random', parameters }), 3)
  const trials: Trial[] = []
  while (trials.length < 30) trials.push(trialFrom(searcher.ask(trials) as Proposal, trials.length, trials.length % 7))
  const fresh = trials.filter(({ continues }) => continues === undefined)
  fresh.forEach(({ parameters }, index) => {
    assert.deepEqual(parameters, (plain.ask(fresh.slice(0, index)) as Proposal).parameters)
  })
  assert.ok(trials.some(({ iterations }) => iterations === 4))

  const grid = createSearcher(readSweep({ ...sweep, method: 'grid', parameters: { a: { values: [1, 2] } } }), 1)
  const first = trialOf(0, { a: 1 }, 0.5, 'finished', { iterations: 1 })
  const second = trialOf(1, { a: 2 }, undefined, 'running', { iterations: 1 })
  assert.equal(grid.ask([first, second]), 'wait')
  assert.deepEqual(grid.ask([first, { ...second, state: 'failed' }]), {
    parameters: { a: 1 },
    continues: 0,
    iterations: 2,
  })
})

const population = (options = {}) =>
  readSweep({
    method: 'population',
    parameters: { lr: { distribution: 'log_uniform_values', min: 1e-4, max: 1 }, depth: { values: [1, 2, 3] } },
    metric: { name: 'loss' },
    population: { size: 4, interval: 5, quantile: 0.25, ...options },
  })

test('population-based training: the worst member copies the best and changes, the others go on', () => {
  const searcher = createSearcher(population({ resample: 0 }), 8)
  const trials: Trial[] = []
  for (const value of [0.4, 0.1, 0.3, 0.9])
    trials.push(trialFrom(searcher.ask(trials) as Proposal, trials.length, value))
  assert.deepEqual(
    trials.map(({ member, iterations }) => [member, iterations]),
    [
      [0, 5],
      [1, 5],
      [2, 5],
      [3, 5],
    ],
  )
  const generation: Proposal[] = []
  for (let member = 0; member < 4; member++) {
    const proposal = searcher.ask(trials) as Proposal
    generation.push(proposal)
    trials.push(trialOf(trials.length, proposal.parameters, undefined, 'running', proposal))
  }
  assert.deepEqual(
    generation.map(({ member, continues, iterations }) => [member, continues, iterations]),
    [
      [0, 0, 10],
      [1, 1, 10],
      [2, 2, 10],
      [3, 1, 10],
    ],
  )
  for (const member of [0, 1, 2]) assert.deepEqual(generation[member].parameters, trials[member].parameters)
  const copied = generation[3].parameters.lr as number
  const factor = copied / (trials[1].parameters.lr as number)
  assert.ok(Math.abs(factor - 0.8) < 1e-9 || Math.abs(factor - 1.2) < 1e-9, `changed by ${factor}`)
  assert.equal(searcher.ask(trials), 'wait')
})

test('a member that is lost copies another one; alone it starts again', () => {
  const searcher = createSearcher(population(), 8)
  const lost = [0, 1, 2, 3].map((number) =>
    trialOf(number, {}, undefined, 'crashed', { iterations: 5, member: number }),
  )
  assert.equal((searcher.ask(lost) as Proposal).continues, undefined)
  assert.equal((searcher.ask(lost) as Proposal).iterations, 5)
  const one = [trialOf(0, { lr: 0.1, depth: 2 }, 0.5, 'finished', { iterations: 5, member: 0 }), ...lost.slice(1)]
  const proposals = [0, 1].map((count) => {
    const running = one.concat(count ? [trialOf(4, {}, undefined, 'running', { iterations: 10, member: 0 })] : [])
    return searcher.ask(running) as Proposal
  })
  assert.deepEqual(
    proposals.map(({ continues, member }) => [continues, member]),
    [
      [0, 0],
      [0, 1],
    ],
  )
})

test('exploring keeps every parameter within its bounds and values', () => {
  const { space } = readSweep({
    method: 'random',
    run_cap: 1,
    parameters: {
      lr: { distribution: 'log_uniform_values', min: 1e-4, max: 1 },
      width: { min: 1, max: 8 },
      depth: { values: [1, 2, 3] },
      act: { values: ['relu', 'tanh'], probabilities: [0.5, 0.5] },
      shift: { distribution: 'normal', mu: 0, sigma: 1 },
      batch: { distribution: 'q_uniform', min: 8, max: 64, q: 8 },
    },
  })
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (number, resample) => {
      const stream = new Stream(1, number, 'test')
      let current = space.at(space.searchable.map(() => stream.uniform()))
      for (let round = 0; round < 5; round++)
        current = explore(space, current, { resample, factors: [0.8, 1.2] }, stream)
      const { lr, width, depth, act, batch } = current as Record<string, number> & { act: string }
      assert.ok(lr >= 1e-4 && lr <= 1)
      assert.ok(Number.isInteger(width) && width >= 1 && width <= 8)
      assert.ok([1, 2, 3].includes(depth) && ['relu', 'tanh'].includes(act))
      assert.ok(batch % 8 === 0 && batch >= 8 && batch <= 64)
    }),
  )
  const stream = new Stream(2, 0, 'test')
  for (let round = 0; round < 20; round++)
    assert.notEqual(explore(space, { width: 1, batch: 8 }, { resample: 0, factors: [1.2] }, stream).width, 1)
})
