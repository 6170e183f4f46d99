import assert from 'node:assert/strict'
import { test } from 'node:test'
import { binariseMask } from './mask.ts'

const mask = (values: number[]) => ({ data: Float32Array.from(values), width: values.length, height: 1, channels: 1 })
const cut = (values: number[], threshold?: number) => [...binariseMask(mask(values), 'm.png', threshold).data]

test('two values are a mask, whatever they are', () => {
  assert.deepEqual(cut([0, 1, 0]), [0, 1, 0])
  assert.deepEqual(cut([0, 1 / 255, 0]), [0, 1, 0])
  assert.deepEqual(cut([0.2, 0.9, 0.2]), [0, 1, 0])
  assert.deepEqual(cut([0, 0]), [0, 0])
  assert.deepEqual(cut([1, 1]), [1, 1])
  assert.deepEqual(cut([1 / 255, 1 / 255]), [1, 1])
})

test('traces of compression are cut at 0.5', () => {
  const values = Array.from({ length: 100 }, (_, index) => (index % 2 ? 1 - (index % 7) / 100 : (index % 5) / 100))
  values[7] = 0.4
  assert.deepEqual(
    cut(values),
    values.map((value) => (value > 0.5 ? 1 : 0)),
  )
})

test('anything else is refused and can be cut', () => {
  assert.throws(
    () => cut([0, 1 / 255, 2 / 255]),
    /m\.png: the mask is not binary: holds 3 values, 0, 1, 2 of 255; give a mask threshold/,
  )
  assert.throws(
    () => cut(Array.from({ length: 100 }, (_, index) => index / 99)),
    /80\.0 % of its pixels are neither black nor white/,
  )
  assert.deepEqual(cut([0, 1 / 255, 2 / 255], 0.001), [0, 1, 1])
})
