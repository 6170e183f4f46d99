import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roundValues } from './ticks.ts'

test('ticks are round, and lie within the axis', () => {
  assert.deepEqual(roundValues(0.218, 1.28, 'linear'), [0.4, 0.6, 0.8, 1, 1.2])
  assert.deepEqual(roundValues(-3, 3, 'linear'), [-2, 0, 2])
  assert.deepEqual(roundValues(5, 5, 'linear'), [5])
  assert.deepEqual(
    roundValues(0.0006, 0.0947, 'log').map((tick) => Number(tick.toPrecision(3))),
    [0.001, 0.003, 0.01, 0.03],
  )
  assert.deepEqual(
    roundValues(1e-6, 1, 'log').map((tick) => Number(tick.toPrecision(3))),
    [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1],
  )
})
