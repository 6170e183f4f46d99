import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes, compact, number, plural, toNumber } from './number.ts'

test('numbers keep the digits that matter', () => {
  const cases: [number, string][] = [
    [0, '0'],
    [0.083124, '0.08312'],
    [0.5, '0.5'],
    [12480, '12,480'],
    [1234, '1234'],
    [1234.5678, '1235'],
    [99.996, '100'],
    [-3.25, '−3.25'],
    [0.000012, '1.2e-5'],
    [-0.0000123456, '−1.235e-5'],
    [6.02e23, '6.02e23'],
    [250893.5, '250,894'],
    [Number.NaN, 'NaN'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
  ]
  for (const [value, text] of cases) assert.equal(number(value), text, String(value))
  assert.equal(number(null), '')
})

test('short forms', () => {
  assert.equal(compact(1250), '1.25k')
  assert.equal(compact(3_400_000), '3.4M')
  assert.equal(compact(0.25), '0.25')
  assert.equal(bytes(441), '441 B')
  assert.equal(bytes(25_003_572), '25 MB')
  assert.equal(bytes(999_900), '1 MB')
  assert.equal(plural(1, 'run'), '1 run')
  assert.equal(plural(10_000, 'run'), '10,000 runs')
})

test('numbers that JSON cannot say come back from their names, other text does not', () => {
  assert.ok(Number.isNaN(toNumber('NaN')))
  assert.equal(toNumber('-Infinity'), -Infinity)
  assert.equal(toNumber('12'), null)
  assert.equal(toNumber(true), null)
})
