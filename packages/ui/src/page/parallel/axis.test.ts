import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type AxisSettings,
  axisTicks,
  colorScale,
  colorShare,
  makeAxis,
  plotAxis,
  share,
  shares,
  valueAt,
} from './axis.ts'

const settings = (part: Partial<AxisSettings> = {}): AxisSettings => ({
  column: 'config.lr',
  log: false,
  flip: false,
  range: null,
  ...part,
})
const spread = [0.0001, 0.001, 0.002, 0.01, 0.03, 0.05, 0.07, 0.09, 0.1]

test('numbers make a scale, words and short lists make categories', () => {
  assert.equal(makeAxis(settings(), spread).kind, 'number')
  const words = makeAxis(settings(), ['sgd', 'adam', null, 'sgd'])
  assert.deepEqual(
    [words.kind, words.categories, words.missing, [...words.values].map(String)],
    ['category', ['adam', 'sgd'], 1, ['1', '0', 'NaN', '1']],
  )
  const sizes = makeAxis(settings(), [8, 16, 32, 8, 16, 32, 8, 8, 8])
  assert.deepEqual(sizes.categories, [8, 16, 32])
  assert.equal(makeAxis(settings(), [8, 16, 32, 8, 16, 32, 8, 8, 8], false).kind, 'number')
  assert.equal(
    makeAxis(settings({ range: [8, 20] }), [8, 16, 32, 8, 16, 32, 8, 8, 8]).kind,
    'number',
    'a range asks for a scale',
  )
  assert.deepEqual(makeAxis(settings(), [1, 2, 10, true, 'x', 10]).categories.length, 5)
})

test('a scale is logarithmic where values were tried over many sizes, not where some happen to lie near 0', () => {
  const steps = Array.from({ length: 200 }, (_, i) => (i + 0.5) / 200)
  const uniform = steps.map((share) => 0.5 * share)
  const bySize = steps.map((share) => 10 ** (-5 + 4 * share))
  assert.equal(makeAxis(settings({ log: null }), uniform).log, false)
  assert.equal(makeAxis(settings({ log: null }), bySize).log, true)
  assert.equal(makeAxis(settings({ log: null }), [...bySize, 0]).log, false)
  assert.equal(makeAxis(settings({ log: null }), [1, 2, 3, 4, 5, 6, 7, 8, 9]).log, false)
  assert.equal(makeAxis(settings({ log: true }), uniform).log, true)
})

test('logarithmic, flipped, with a range: every value comes back from where it stands', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.boolean(), fc.double({ min: 1e-5, max: 1, noNaN: true }), (log, flip, value) => {
      const axis = makeAxis(settings({ log, flip, range: [1e-5, 1] }), spread)
      const back = valueAt(axis, share(axis, value))
      assert.ok(Math.abs(back - value) < 1e-9 + value * 1e-9, `${value} ${back}`)
    }),
  )
})

test('the colour follows the value, not the direction of the axis, and the logarithm where there is one', () => {
  for (const log of [false, true]) {
    const up = makeAxis(settings({ log }), spread)
    const down = makeAxis(settings({ log, flip: true }), spread)
    for (const value of spread) assert.ok(Math.abs(colorShare(up, value) - colorShare(down, value)) < 1e-12)
    assert.equal(colorShare(up, 0.0001), 0)
    assert.ok(Math.abs(colorShare(up, 0.1) - 1) < 1e-12)
  }
  assert.ok(colorShare(makeAxis(settings({ log: true }), spread), 0.01) > 0.6)
  assert.ok(Number.isNaN(colorShare(makeAxis(settings(), spread), Number.NaN)))
})

test('what is not finite or not positive has no place; constants lie in the middle', () => {
  const axis = makeAxis(settings({ log: true }), [0, -1, 'NaN', 'Infinity', 1, 10, 100, 7, 3, 4, 5, 6])
  assert.equal(axis.missing, 2)
  assert.deepEqual(axis.domain, [1, 100])
  assert.ok(Number.isNaN(share(axis, 0)))
  const constant = makeAxis(settings(), [5, 5], false)
  assert.equal(share(constant, 5), 0.5)
  assert.equal(makeAxis(settings({ log: true }), [-1, -2, -5, -3], false).log, false)
  assert.deepEqual(makeAxis(settings(), [null, null]).domain, [-0.5, 0.5])
})

test('what diverged shares the colour of the end, so that the others differ', () => {
  const usual = [0.2, 0.25, 0.3, 0.32, 0.35, 0.38, 0.4, 0.45, 0.5]
  for (const flip of [false, true]) {
    const axis = makeAxis(settings({ flip }), [...usual, 90, Number.NaN])
    assert.ok(colorShare(axis, 0.5) < 0.01)
    const scale = colorScale(axis)
    assert.ok(colorShare(scale, 0.5) > 0.3)
    assert.equal(colorShare(scale, 90), 1)
    assert.equal(colorShare(scale, 0.2), 0)
    assert.deepEqual(axis.domain, [0.2, 90])
  }
  const even = makeAxis(settings(), spread)
  assert.deepEqual(colorScale(even).domain, even.domain)
  const words = makeAxis(settings(), ['a', 'b', 'a', 'b'])
  assert.equal(colorScale(words), words)
})

test('lines through one category are spread, the same way every time', () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  const axis = makeAxis(settings(), ['x', 'x', 'x', 'y', 'y', 'y'])
  const at = shares(axis, ids)
  assert.deepEqual([...at], [...shares(axis, ids)])
  assert.ok(new Set(at).size === 6)
  assert.ok(at.every((one, i) => Math.abs(one - (i < 3 ? 0.25 : 0.75)) < 0.16))
  assert.deepEqual(
    axisTicks(axis, 5).map(({ text }) => text),
    ['x', 'y'],
  )
})

test('plots leave air at both ends', () => {
  assert.deepEqual(plotAxis([0, 100], { log: false }).domain, [-4, 104])
  const log = plotAxis([1, 10, 100], { log: true })
  assert.ok(log.domain[0] < 1 && log.domain[0] > 0.8 && log.domain[1] > 100)
  assert.equal(plotAxis(['a', 'b'], { log: false }).kind, 'category')
})
