import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeriesData } from '@trainyard/tracker/api'
import { merge } from './merge.ts'

const data = (part: Partial<SeriesData>): SeriesData => ({
  run: 'r',
  metric: 'm',
  keep: 0,
  x: [],
  y: [],
  bucket: 0,
  points: 0,
  nonFinite: 0,
  extent: null,
  cursor: '',
  ...part,
})

test('new buckets follow those that are kept', () => {
  const before = data({ x: [0, 8, 16], y: [1, 2, 3], min: [0, 1, 2], max: [2, 3, 4], cursor: 'a' })
  const merged = merge(before, data({ keep: 2, x: [16, 24], y: [3.5, 4], min: [2, 3], max: [5, 5], cursor: 'b' }))
  assert.deepEqual(merged.x, [0, 8, 16, 24])
  assert.deepEqual(merged.y, [1, 2, 3.5, 4])
  assert.deepEqual(merged.max, [2, 3, 5, 5])
  assert.equal(merged.cursor, 'b')
  assert.deepEqual(before.x, [0, 8, 16], 'what a chart draws meanwhile is left alone')
})

test('keep 0 replaces, and a first answer is taken as it is', () => {
  const answer = data({ x: [1], y: [null] })
  assert.equal(merge(undefined, answer), answer)
  assert.equal(merge(data({ x: [0, 1], y: [1, 2] }), answer), answer)
})

test('a range that only one side has is filled with the points of the other', () => {
  const merged = merge(data({ x: [0, 1], y: [5, 6] }), data({ keep: 2, x: [2], y: [7], min: [6], max: [8] }))
  assert.deepEqual(merged.min, [5, 6, 6])
  assert.deepEqual(merged.max, [5, 6, 8])
})
