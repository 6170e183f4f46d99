import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { linearTicks, logTicks, relativeTicks, ticks, wallTicks } from './ticks.ts'

const texts = (made: { text: string }[]) => made.map(({ text }) => text)

test('linear ticks are round and say just enough digits', () => {
  assert.deepEqual(texts(linearTicks(0, 1, 5)), ['0', '0.2', '0.4', '0.6', '0.8', '1.0'])
  assert.deepEqual(texts(linearTicks(-0.3, 0.3, 3)), ['−0.2', '0', '0.2'])
  assert.deepEqual(texts(linearTicks(0, 1_000_000, 4)), ['0', '0.2M', '0.4M', '0.6M', '0.8M', '1M'])
  assert.deepEqual(texts(linearTicks(0, 0.0004, 4)), ['0', '0.0001', '0.0002', '0.0003', '0.0004'])
})

test('there is no half step', () => {
  assert.deepEqual(texts(ticks('step', false, -1, 1, 5)), ['−1', '0', '1'])
  assert.deepEqual(texts(ticks('number', false, -1, 1, 5)), ['−1.0', '−0.5', '0', '0.5', '1.0'])
  assert.ok(ticks('step', false, 3.2, 3.6, 4).length > 0, 'zoomed in between two steps')
})

test('log ticks: powers of ten have text', () => {
  const made = logTicks(0.0001, 10, 5)
  assert.deepEqual(texts(made).filter(Boolean), ['1e-4', '0.001', '0.01', '0.1', '1', '10'])
  assert.ok(made.some(({ text, at }) => text === '' && at === 0.002))
  assert.ok(texts(logTicks(1e-30, 1, 5)).filter(Boolean).length <= 7)
})

test('time ticks', () => {
  assert.deepEqual(texts(relativeTicks(0, 400, 4)), ['0', '2m', '4m', '6m'])
  const midnight = new Date(2026, 10, 24).getTime() / 1000
  assert.deepEqual(texts(wallTicks(midnight - 7200, midnight + 7200, 4)), ['22:00', '23:00', '11-24', '01:00', '02:00'])
})

test('any range gives ticks inside of it, ascending, and not too many', () => {
  const kind = fc.constantFrom('number' as const, 'relative' as const, 'wall' as const)
  const value = fc.double({ min: -1e12, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(kind, fc.boolean(), value, value, fc.integer({ min: 2, max: 12 }), (which, log, a, b, count) => {
      const [min, max] = a < b ? [a, b] : [b, a]
      const made = ticks(which, log, min, max, count)
      assert.ok(made.length <= 12 * count + 20, `${made.length}`)
      const slack = (max - min) * 1e-6 + Math.abs(max) * 1e-6
      for (let i = 0; i < made.length; i++) {
        assert.ok(made[i].at >= min - slack && made[i].at <= max + slack)
        assert.ok(i === 0 || made[i].at > made[i - 1].at)
      }
    }),
  )
})
