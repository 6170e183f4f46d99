import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Line } from '../../charts/line.ts'
import { areSingle, bars } from './bars.ts'

const line = (y: (number | null)[]): Line => ({
  key: 'a',
  label: 'a',
  run: 'a',
  color: '#000',
  x: y.map((_, i) => i),
  y,
})

test('single values of several runs are bars, anything else is a curve', () => {
  assert.equal(areSingle([line([1]), line([2])]), true)
  assert.equal(areSingle([line([1])]), false)
  assert.equal(areSingle([line([1]), line([2, 3])]), false)
  assert.equal(areSingle([line([1]), line([null])]), false)
  assert.equal(areSingle([]), false)
})

test('bars start at zero, also for negative values', () => {
  const { bars: made, cut } = bars([line([-1]), line([3])])
  assert.equal(cut, false)
  assert.deepEqual(
    made.map(({ from, to }) => [from, to]),
    [
      [0, 0.25],
      [0.25, 1],
    ],
  )
  assert.deepEqual(
    bars([line([0]), line([0])]).bars.map(({ to }) => to),
    [0, 0],
  )
})

test('values close together start below the lowest, and it is said', () => {
  const { bars: made, cut, base } = bars([line([0.94]), line([0.98])])
  assert.equal(cut, true)
  assert.ok(Math.abs(base - 0.92) < 1e-9)
  assert.ok(made[0].to > 0.3 && made[0].to < 0.4)
  assert.equal(made[1].to, 1)
})
