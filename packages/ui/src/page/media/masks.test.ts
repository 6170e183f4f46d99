import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  agreementColors,
  classColor,
  isBackground,
  type Mask,
  overlap,
  paintAgreement,
  paintMask,
  resized,
} from './masks.ts'

const mask = (rows: number[][]): Mask => ({
  width: rows[0].length,
  height: rows.length,
  classes: Uint8Array.from(rows.flat()),
})
const clear = (size: number) => new Uint8ClampedArray(size * 4)
const pixel = (rgba: Uint8ClampedArray, at: number) => [...rgba.subarray(at * 4, at * 4 + 4)]

const square = mask([
  [0, 0, 0, 0, 0],
  [0, 1, 1, 1, 0],
  [0, 1, 1, 1, 0],
  [0, 1, 1, 1, 0],
  [0, 0, 0, 0, 0],
])

test('filled: the class gets its colour, what is hidden stays clear', () => {
  const rgba = clear(25)
  paintMask(rgba, square, new Set([0]), 'fill', 0.5)
  assert.deepEqual(pixel(rgba, 12), [...classColor(1), 128])
  assert.deepEqual(pixel(rgba, 0), [0, 0, 0, 0])
  const none = clear(25)
  paintMask(none, square, new Set([0, 1]), 'fill', 1)
  assert.ok(none.every((value) => value === 0))
})

test('outlined: only the border of the class, however faint the fill would be', () => {
  const rgba = clear(25)
  paintMask(rgba, square, new Set([0]), 'outline', 0.1)
  assert.deepEqual(pixel(rgba, 12), [0, 0, 0, 0])
  assert.deepEqual(pixel(rgba, 6), [...classColor(1), 200])
})

test('two masks over each other both show', () => {
  const rgba = clear(1)
  paintMask(rgba, mask([[1]]), new Set(), 'fill', 0.5)
  paintMask(rgba, mask([[2]]), new Set(), 'fill', 0.5)
  const [r, , , alpha] = pixel(rgba, 0)
  assert.ok(alpha > 180 && alpha < 200)
  assert.ok(r > classColor(1)[0] && r < classColor(2)[0])
})

test('true against predicted', () => {
  const rgba = clear(5)
  paintAgreement(rgba, mask([[1, 1, 0, 0, 1]]), mask([[1, 0, 1, 0, 2]]), new Set([0]), 1)
  assert.deepEqual(
    [0, 1, 2, 4].map((at) => pixel(rgba, at).slice(0, 3)),
    [agreementColors.agree, agreementColors.missed, agreementColors.extra, agreementColors.confused].map((color) => [
      ...color,
    ]),
  )
  assert.equal(pixel(rgba, 3)[3], 0)
})

test('overlap in numbers', () => {
  const made = overlap(mask([[1, 1, 0, 0]]), mask([[0, 1, 1, 0]]), 1)
  assert.ok(made && Math.abs(made.iou - 1 / 3) < 1e-12 && Math.abs(made.f1 - 0.5) < 1e-12)
  assert.equal(overlap(mask([[0]]), mask([[0]]), 1), null)
})

test('a mask of another size is fitted, and class 0 is the background unless it has a name', () => {
  assert.deepEqual([...resized(mask([[1, 2]]), 4, 2).classes], [1, 1, 2, 2, 1, 1, 2, 2])
  assert.equal(isBackground(0, undefined), true)
  assert.equal(isBackground(0, 'lung'), false)
  assert.equal(isBackground(3, ' Background '), true)
  assert.equal(isBackground(1, undefined), false)
})
