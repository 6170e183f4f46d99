import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, duration, tick } from './time.ts'

test('durations name two units at most', () => {
  const cases: [number, string][] = [
    [0.25, '250 ms'],
    [4, '4 s'],
    [4.26, '4.3 s'],
    [59.7, '1 m'],
    [200, '3 m 20 s'],
    [7500, '2 h 5 m'],
    [274_000, '3 d 4 h'],
    [-90, '−1 m 30 s'],
  ]
  for (const [seconds, text] of cases) assert.equal(duration(seconds), text)
})

test('ages never lie in the future, even where clocks differ', () => {
  assert.equal(ago(1000, 990), 'just now')
  assert.equal(ago(0, 59), '59 s ago')
  assert.equal(ago(0, 3 * 86_400), '3 d ago')
})

test('ticks of a relative axis', () => {
  assert.deepEqual([0, 30, 300, 90, 3600, 5400, 172_800].map(tick), ['0', '30s', '5m', '1m30', '1h', '1h30', '2d'])
})
