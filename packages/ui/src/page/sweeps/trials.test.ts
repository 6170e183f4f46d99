import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Trial } from '@trainyard/tracker/api'
import { bestSoFar, remaining } from './trials.ts'

const trial = (id: number, value: number | null, ended: number | null): Trial =>
  ({
    id,
    value,
    ended,
    started: ended === null ? 0 : ended - 10,
    state: ended === null ? 'running' : 'finished',
  }) as Trial

test('the best so far goes one way only, in the order in which trials ended', () => {
  const trials = [
    trial(0, 0.5, 30),
    trial(1, 0.7, 10),
    trial(2, 0.6, 20),
    trial(3, Number.NaN, 25),
    trial(4, 0.1, null),
    trial(5, 0.55, 40),
  ]
  assert.deepEqual(bestSoFar(trials, 'minimize'), [
    { trial: 0, value: 0.7 },
    { trial: 1, value: 0.6 },
    { trial: 2, value: 0.5 },
  ])
  assert.deepEqual(bestSoFar(trials, 'maximize'), [{ trial: 0, value: 0.7 }])
  assert.deepEqual(bestSoFar([], 'minimize'), [])
})

test('how long it will take, where that can be said', () => {
  const trials = [trial(0, 1, 20), trial(1, 1, 30), trial(2, 1, 40)]
  assert.equal(remaining(trials, 6, 40), 30)
  assert.equal(remaining(trials, null, 40), null)
  assert.equal(remaining([trial(0, 1, 20)], 6, 40), null)
  assert.equal(remaining(trials, 2, 40), 0)
})
