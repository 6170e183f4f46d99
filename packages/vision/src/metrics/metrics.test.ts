import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countPixels, scoresFromCounts, segmentationScores } from './segmentation.ts'
import { summariseScores } from './summary.ts'

test('a worked example', () => {
  const counts = countPixels([0.9, 0.8, 0.5, 0.4, 0.1, 0], [1, 0, 1, 1, 0, 0])
  assert.deepEqual(counts, { truePositive: 2, falsePositive: 1, falseNegative: 1, trueNegative: 2 })
  assert.deepEqual(scoresFromCounts(counts), { f1: 4 / 6, iou: 0.5, precision: 2 / 3, recall: 2 / 3, accuracy: 4 / 6 })
  assert.deepEqual(segmentationScores([0.9, 0.8, 0.5, 0.4], [1, 0, 1, 1], 0.85), {
    f1: 0.5,
    iou: 1 / 3,
    precision: 1,
    recall: 1 / 3,
    accuracy: 0.5,
  })
})

test('nothing over nothing is 1, nothing over something 0', () => {
  assert.deepEqual(segmentationScores([0, 0], [0, 0]), { f1: 1, iou: 1, precision: 1, recall: 1, accuracy: 1 })
  assert.deepEqual(segmentationScores([1, 0], [0, 0]), { f1: 0, iou: 0, precision: 0, recall: 1, accuracy: 0.5 })
  assert.deepEqual(segmentationScores([0, 0], [1, 0]), { f1: 0, iou: 0, precision: 1, recall: 0, accuracy: 0.5 })
})

test('f1 and iou belong together, and f1 is the harmonic mean of precision and recall', () => {
  const bits = fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(bits, fc.infiniteStream(fc.constantFrom(0, 1)), (found, stream) => {
      const truth = [...stream.take(found.length)]
      const { f1, iou, precision, recall, accuracy } = segmentationScores(found, truth)
      assert.ok(Math.abs(f1 - (2 * iou) / (1 + iou)) < 1e-12)
      if (found.includes(1) && truth.includes(1) && precision + recall > 0)
        assert.ok(Math.abs(f1 - (2 * precision * recall) / (precision + recall)) < 1e-12)
      assert.equal(segmentationScores(truth, found).f1, f1)
      assert.ok(accuracy >= 0 && accuracy <= 1)
    }),
  )
})

test('raw outputs and NaN are refused, not scored', () => {
  assert.throws(() => countPixels([0.5, 3.2], [1, 1]), /pixel 1 is 3.2, not a probability; apply the sigmoid/)
  assert.throws(() => countPixels([Number.NaN], [1]), /pixel 0 is NaN/)
  assert.throws(() => countPixels([0.5], [1, 1]), /1 predicted pixels, but 2 true ones/)
})

test('over a set: every picture the same, or every pixel the same', () => {
  const counts = [countPixels([1, 1, 1, 1], [1, 1, 1, 1]), countPixels([1, 0], [0, 1])]
  const { count, perImage, pooled } = summariseScores(counts)
  assert.equal(count, 2)
  assert.deepEqual(perImage.f1, { mean: 0.5, std: 0.5, min: 0, max: 1 })
  assert.equal(pooled.f1, 8 / 10)
  assert.throws(() => summariseScores([]), /no pictures/)
})
