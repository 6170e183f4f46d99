import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { broadcastShapes, normalizeAxes, normalizeAxis, resolveShape, sizeOf, stridesOf } from './shape.ts'

const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 })

test('broadcasting: ones stretch, missing axes count as ones, in either order', () => {
  fc.assert(
    fc.property(shapes, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(4), (shape, flatten, drop) => {
      const other = shape.map((size, axis) => (flatten[axis] ? 1 : size)).slice(Math.min(drop, shape.length))
      assert.deepEqual(broadcastShapes(shape, other, 'add'), shape)
      assert.deepEqual(broadcastShapes(other, shape, 'add'), shape)
    }),
  )
  assert.deepEqual(broadcastShapes([3, 1], [1, 4], 'add'), [3, 4])
  assert.throws(
    () => broadcastShapes([2, 3], [2, 4], 'mul'),
    /^ShapeError: mul: \[2, 3\] and \[2, 4\] cannot be broadcast together: sizes 3 and 4 on axis 1/,
  )
})

test('strides walk the elements in row-major order', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const strides = stridesOf(shape)
      const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis], 0)
      assert.equal(last, sizeOf(shape) - 1)
    }),
  )
})

test('-1 is filled in, what does not fit is refused', () => {
  assert.deepEqual(resolveShape([2, -1], 6, 'reshape'), [2, 3])
  assert.deepEqual(resolveShape([], 1, 'reshape'), [])
  for (const [shape, size] of [
    [[4, -1], 6],
    [[-1, -1], 4],
    [[0, -1], 0],
    [[2, 2], 5],
    [[2.5, 2], 5],
    [[-2, -3], 6],
  ] as const) {
    assert.throws(() => resolveShape(shape, size, 'reshape'), /^ShapeError: reshape: /)
  }
})

test('axes count from the end when negative and are named once', () => {
  assert.equal(normalizeAxis(-1, 3, 'sum'), 2)
  assert.deepEqual(normalizeAxes([2, 0], 3, 'sum'), [0, 2])
  assert.deepEqual(normalizeAxes(undefined, 2, 'sum'), [0, 1])
  assert.throws(
    () => normalizeAxis(3, 3, 'sum'),
    /sum: axis 3 is out of range for a tensor of 3 dimensions \(-3\.\.2\)/,
  )
  assert.throws(() => normalizeAxis(0.5, 3, 'sum'), /out of range/)
  assert.throws(() => normalizeAxes([0, -3], 3, 'sum'), /twice/)
})
