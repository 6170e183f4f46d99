import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cutBlocks, cutEvenly, cutPanels } from './partition.ts'

const positive = (max: number) => fc.integer({ min: 1, max })

test('pieces cover a length without a gap, differ by one at most, and are as few as can be', () => {
  fc.assert(
    fc.property(positive(1000), positive(40), (length, most) => {
      const segments = cutEvenly(length, most)
      let at = 0
      for (const segment of segments) {
        assert.equal(segment.start, at)
        assert.ok(segment.length >= 1 && segment.length <= most)
        at += segment.length * segment.count
      }
      assert.equal(at, length)
      assert.ok(segments.length <= 2)
      const lengths = segments.map((segment) => segment.length)
      assert.ok(Math.max(...lengths) - Math.min(...lengths) <= 1)
      assert.equal(
        segments.reduce((sum, segment) => sum + segment.count, 0),
        Math.ceil(length / most),
      )
    }),
  )
  assert.deepEqual(cutEvenly(0, 6), [])
})

test('panels cover all columns, only the last is narrower', () => {
  fc.assert(
    fc.property(positive(200), positive(4), (columns, vectors) => {
      const panels = cutPanels(columns, vectors)
      let at = 0
      panels.forEach((panel, i) => {
        assert.equal(panel.start, at)
        assert.equal(panel.vectors, Math.ceil(panel.columns / 4))
        if (i < panels.length - 1) assert.equal(panel.columns, 4 * vectors)
        at += panel.columns * panel.count
      })
      assert.equal(at, columns)
    }),
  )
})

test('blocks cover a length, and are no longer than wanted but for rounding up to the step', () => {
  fc.assert(
    fc.property(positive(5000), positive(300), positive(8), fc.constantFrom(0, 0.15), (length, most, step, waste) => {
      const blocks = cutBlocks(length, most, step, waste)
      assert.equal((blocks.count - 1) * blocks.length + blocks.lastLength, length)
      assert.ok(blocks.lastLength >= 1 && blocks.lastLength <= blocks.length)
      assert.ok(blocks.length < most + step)
    }),
  )
})
