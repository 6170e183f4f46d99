import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axisX, axisY, type Frame, lineAt, missingGap, placeAt, shareAt } from './geometry.ts'

const frame: Frame = { width: 1000, height: 400, left: 100, right: 100, top: 40, bottom: 30 }

test('axes stand evenly, one alone in the middle; dragged ones find their place', () => {
  assert.deepEqual(
    [0, 1, 2].map((i) => axisX(frame, i, 3)),
    [100, 500, 900],
  )
  assert.equal(axisX(frame, 0, 1), 500)
  assert.deepEqual(
    [0, 290, 310, 2000].map((x) => placeAt(frame, x, 3)),
    [0, 0, 1, 2],
  )
})

test('up is more; what has no value stands below', () => {
  assert.equal(axisY(frame, 1, false), 40)
  assert.equal(axisY(frame, 0, false), 370)
  assert.equal(axisY(frame, 0, true), 370 - missingGap)
  assert.equal(axisY(frame, Number.NaN, true), 370)
  assert.ok(Math.abs(shareAt(frame, axisY(frame, 0.3, true), true) - 0.3) < 1e-9)
})

test('the nearest line, by its true distance; none that is far or not chosen', () => {
  const xs = [0, 100, 200]
  const heights = [Float32Array.of(0, 100), Float32Array.of(0, 0), Float32Array.of(50, 100)]
  const all = Uint8Array.of(1, 1)
  assert.equal(lineAt(xs, heights, 50, 5, all), 0)
  assert.equal(lineAt(xs, heights, 50, 45, all), 1)
  assert.equal(lineAt(xs, heights, 50, 25, all), -1)
  assert.equal(lineAt(xs, heights, 150, 27, all), 0)
  assert.equal(lineAt(xs, heights, 150, 27, Uint8Array.of(0, 1)), -1)
  assert.equal(lineAt(xs, heights, 500, 50, all), -1)
})
