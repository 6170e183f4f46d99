import assert from 'node:assert/strict'
import { test } from 'node:test'
import { learningCurves } from '../../testing/learningCurves.ts'
import { wandbStops } from '../../testing/wandbStops.ts'
import { readSweep } from '../configuration/read.ts'
import { hyperband } from './hyperband.ts'
import { judge } from './judge.ts'

test("it stops exactly the trials that wandb's own code stops, on 48 recorded sweeps of 81 trials", () => {
  let stops = 0
  for (const [seed, early_terminate, goal, stopped] of wandbStops) {
    const sweep = readSweep({
      method: 'random',
      parameters: { a: { values: [1] } },
      metric: { name: 'm', goal },
      early_terminate,
    })
    const { stop } = judge(sweep, learningCurves(81, 81, seed))
    assert.equal(stop.map(({ id }) => id).join(' '), stopped, JSON.stringify([seed, early_terminate, goal]))
    stops += stop.length
  }
  assert.ok(stops > 500)
})

const run = (id: string, values: number[], running = true) => ({ id, running, values })

test('a case by hand: three trials, bands 1 and 3, eta 3', () => {
  // At band 1 the values are 3, 4, 5: place int(3 / 3) = 1 holds 4. At band 3 they are 1, 2: place int(2 / 3) = 0 holds 1.
  const histories = [run('best', [4, 3, 1]), run('middle', [3, 3, 2]), run('worst', [5, 4])]
  const options = { goal: 'minimize', bands: [1, 3], eta: 3, strict: true } as const
  assert.deepEqual(hyperband(histories, options), [
    { id: 'middle', iteration: 3, value: 2, threshold: 1 },
    { id: 'worst', iteration: 1, value: 5, threshold: 4 },
  ])
  // Not strict: the worst has been as good as 4 since.
  assert.deepEqual(
    hyperband(histories, { ...options, strict: false }).map(({ id }) => id),
    ['middle'],
  )
})

test('maximising mirrors minimising, and reports values as they were logged', () => {
  const histories = [run('a', [1]), run('b', [2]), run('c', [3])]
  assert.deepEqual(hyperband(histories, { goal: 'maximize', bands: [1], eta: 3, strict: true }), [
    { id: 'a', iteration: 1, value: 1, threshold: 2 },
  ])
})

test('values that are not numbers are left out, and trials that ended never stop', () => {
  const options = { goal: 'minimize', bands: [2], eta: 2, strict: true } as const
  const histories = [
    run('a', [Number.NaN, 9, Number.POSITIVE_INFINITY]),
    run('b', [1, 1], false),
    run('c', [8, 8], false),
  ]
  assert.deepEqual(hyperband(histories, options), [])
  assert.deepEqual(
    hyperband([...histories, run('d', [Number.NaN, 9, 9])], options).map(({ id }) => id),
    ['d'],
  )
  assert.deepEqual(hyperband([], options), [])
})
