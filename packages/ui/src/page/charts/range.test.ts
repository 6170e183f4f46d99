import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Line } from './line.ts'
import { isAscending, nearest, nearestAnywhere } from './line.ts'
import { bounds, drawable, type RangeOptions } from './range.ts'

const line = (x: number[], y: (number | null)[], part: Partial<Line> = {}): Line => ({
  key: 'a',
  label: 'a',
  run: 'a',
  color: '#000',
  x,
  y,
  ...part,
})
const options: RangeOptions = {
  logX: false,
  logY: false,
  ignoreOutliers: false,
  withBands: true,
  zoom: { x: null, y: null },
}

test('a chart of nothing has no range, a chart of gaps only has an x range', () => {
  assert.equal(bounds([], options), null)
  assert.equal(bounds([line([], [])], options), null)
  assert.deepEqual(bounds([line([0, 1], [null, null])], options), { x: [0, 1], y: [0, 1] })
})

test('what no axis can show is not drawable', () => {
  const negative = [line([0, 1], [null, -2])]
  assert.equal(drawable([line([0, 1], [null, null])], { logX: false, logY: false }), false)
  assert.equal(drawable(negative, { logX: false, logY: false }), true)
  assert.equal(drawable(negative, { logX: false, logY: true }), false)
  assert.equal(drawable([line([0], [3])], { logX: true, logY: true }), false)
})

test('rounding does not look like a signal', () => {
  const made = bounds([line([0, 1, 2], [0.01, 0.010000000000000002, 0.009999999999999998])], options)!
  assert.ok(made.y[0] < 0.0095 && made.y[1] > 0.0105, String(made.y))
})

test('a constant series lies in the middle', () => {
  const { y } = bounds([line([0, 1], [5, 5])], options)!
  assert.ok(y[0] < 5 && y[1] > 5 && Math.abs((y[0] + y[1]) / 2 - 5) < 1e-9)
  const one = bounds([line([7], [0])], options)!
  assert.ok(one.x[0] < 7 && one.x[1] > 7 && one.y[0] < 0 && one.y[1] > 0)
})

test('what is zoomed away does not stretch y, bands do if they are shown', () => {
  const zoomed = bounds([line([0, 1, 2], [100, 1, 2])], { ...options, zoom: { x: [1, 2], y: null } })!
  assert.ok(zoomed.y[1] < 3)
  const band = line([0, 1], [1, 2], { low: [-10, 0], high: [3, 4] })
  assert.ok(bounds([band], options)!.y[0] < -9)
  assert.ok(bounds([band], { ...options, withBands: false })!.y[0] > 0)
})

test('log axes leave out what they cannot show', () => {
  const range = bounds([line([0, 1, 10], [-1, 0.01, 1])], { ...options, logX: true, logY: true })!
  assert.deepEqual(range.x, [1, 10])
  assert.ok(range.y[0] > 0 && range.y[0] < 0.01 && range.y[1] > 1)
})

test('one spike among thousands is an outlier, a trend is not', () => {
  const x = Array.from({ length: 1000 }, (_, i) => i)
  const flat = x.map((i) => 1 + 0.01 * Math.sin(i))
  flat[500] = 1e6
  assert.ok(bounds([line(x, flat)], { ...options, ignoreOutliers: true })!.y[1] < 2)
  const trend = bounds([line(x, x)], { ...options, ignoreOutliers: true })!
  assert.ok(trend.y[0] <= 0 && trend.y[1] >= 999)
})

test('the nearest point', () => {
  const x = [0, 10, 20, 40]
  assert.deepEqual(
    [-5, 4, 6, 29, 31, 99].map((at) => nearest(x, at)),
    [0, 0, 1, 2, 3, 3],
  )
  assert.equal(nearest([], 1), -1)
  assert.equal(isAscending([0, 0, 1]), true)
  assert.equal(isAscending([0, 2, 1]), false)
  assert.equal(nearestAnywhere([0, 5, 2, 9], 3), 2)
})
