import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accuracy, normalised, scores } from './confusion.ts'

const counts = [
  [8, 2, 0],
  [1, 9, 0],
  [0, 0, 0],
]

test('normalised by truth, by prediction, and a class that never occurs', () => {
  assert.deepEqual(normalised(counts, 'truth')[0], [0.8, 0.2, 0])
  assert.deepEqual(
    normalised(counts, 'prediction').map((row) => row[0]),
    [8 / 9, 1 / 9, 0],
  )
  assert.deepEqual(normalised(counts, 'truth')[2], [0, 0, 0])
  assert.deepEqual(normalised(counts, 'counts'), counts)
})

test('precision, recall, F1, accuracy', () => {
  const [a, , c] = scores(['a', 'b', 'c'], counts)
  assert.deepEqual([a.precision, a.recall, a.support], [8 / 9, 0.8, 10])
  assert.deepEqual([c.precision, c.recall, c.f1], [null, null, null])
  assert.equal(accuracy(counts), 17 / 20)
  assert.equal(accuracy([[0]]), null)
})
