import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { place } from './place.ts'

const view = { width: 1000, height: 800 }
const button = { left: 100, top: 100, right: 200, bottom: 128 }

test('below its button, above where there is more room, at either edge of it', () => {
  assert.deepEqual(place(button, { width: 240, height: 300 }, view), { left: 100, top: 132, maxHeight: 660 })
  const low = { left: 900, top: 700, right: 990, bottom: 728 }
  assert.deepEqual(place(low, { width: 240, height: 300 }, view, 'end'), { left: 750, top: 396, maxHeight: 688 })
})

test('never over the edge, whatever the size', () => {
  const length = fc.integer({ min: 10, max: 900 })
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 950 }),
      fc.integer({ min: 0, max: 770 }),
      length,
      length,
      (left, top, width, height) => {
        const made = place({ left, top, right: left + 50, bottom: top + 28 }, { width, height }, view)
        assert.ok(made.left >= 8 && made.left + width <= 1000)
        assert.ok(made.top >= 0 && made.top + Math.min(height, made.maxHeight) <= 800)
      },
    ),
  )
})
