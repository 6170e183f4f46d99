import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { axisFor } from './axis.ts'

test('every value has a place between below and above, and larger numbers stand higher', () => {
  const numbers = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(numbers, (values) => {
      const axis = axisFor('lr', values)
      const sorted = [...values].sort((a, b) => a - b)
      sorted.forEach((value, i) => {
        const place = axis.place(value)
        assert.ok(place >= 0 && place <= 1 + 1e-12)
        if (i > 0) assert.ok(place >= axis.place(sorted[i - 1]) - 1e-12)
      })
      for (const { place } of axis.ticks) assert.ok(place >= -1e-12 && place <= 1 + 1e-12)
    }),
  )
})

test('numbers that span much stand on a logarithmic axis, names one below the other', () => {
  assert.equal(axisFor('lr', [0.001, 0.1, 0.01]).scale, 'log')
  assert.ok(Math.abs(axisFor('lr', [0.001, 0.1]).place(0.01) - 0.5) < 1e-12)
  const names = axisFor('optimizer', ['sgd', 'adam', 'sgd'])
  assert.deepEqual([names.scale, names.place('adam'), names.place('sgd')], ['category', 0, 1])
  assert.deepEqual(
    axisFor('batch', [8, 16, 32, 8], { list: true }).ticks.map(({ label }) => label),
    ['8', '16', '32'],
  )
  assert.equal(axisFor('same', [3, 3]).place(3), 0.5)
})
