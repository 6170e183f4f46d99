import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImageItem } from '@trainyard/tracker/api'
import { classesOf, defaultOverlay, hiddenClasses, pair } from './overlay.ts'

const blob = { sha256: 'a', size: 1, type: 'image/png', url: '/a' }
const item: ImageItem = {
  kind: 'image',
  blob,
  width: 4,
  height: 4,
  caption: null,
  masks: { truth: { blob, classes: { 0: 'background', 2: 'right' } } },
  boxes: { found: { boxes: [], classes: { 1: 'nodule' } } },
}

test('classes of masks and boxes, in order, and the background is not painted', () => {
  const classes = classesOf([item])
  assert.deepEqual(
    classes.map(({ index, name }) => [index, name]),
    [
      [0, 'background'],
      [1, 'nodule'],
      [2, 'right'],
    ],
  )
  assert.deepEqual([...hiddenClasses(classes, { ...defaultOverlay, hidden: [2] })].sort(), [0, 2])
  assert.deepEqual([...hiddenClasses(classes, { ...defaultOverlay, background: true })], [])
  assert.deepEqual([...hiddenClasses([], defaultOverlay)], [0])
})

test('truth and prediction are found by what people call them', () => {
  assert.deepEqual(pair(['predictions', 'ground_truth', 'other']), null)
  assert.deepEqual(pair(['prediction', 'ground_truth', 'other']), { truth: 'ground_truth', prediction: 'prediction' })
  assert.deepEqual(pair(['x', 'gt']), { truth: 'gt', prediction: 'x' })
  assert.deepEqual(pair(['pred', 'y']), { truth: 'y', prediction: 'pred' })
  assert.deepEqual(pair(['a', 'b']), { truth: 'a', prediction: 'b' })
  assert.equal(pair(['a']), null)
})
