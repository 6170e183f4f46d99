import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { metrics, tensor, zeros } from '../index.ts'

const int = (values: Parameters<typeof tensor>[0]) => tensor(values, { dtype: 'int32' })

test('accuracy of scores, for samples and for pixels', async () => {
  const scores = tensor([[1, 2], [3, 0], [0, 0]]) // biome-ignore format: one row
  assert.ok(Math.abs((await metrics.accuracy(scores, int([1, 1, 0])).item()) - 2 / 3) < 1e-6)
  assert.equal(
    await metrics
      .accuracy(
        tensor([
          [
            [1, 5],
            [2, 4],
          ],
        ]),
        int([[1, 1]]),
      )
      .item(),
    0.5,
  )
  assert.throws(() => metrics.accuracy(scores, int([1, 1])), /want targets \[3\], got \[2\]/)
  assert.equal(await metrics.binaryAccuracy(tensor([0.5, 0.4, 0.9]), tensor([1, 1, 1])).item(), Math.fround(2 / 3))
  assert.equal(await metrics.binaryAccuracy(tensor([0.2]), tensor([true]), 0.1).item(), 1)
  assert.throws(() => metrics.binaryAccuracy(zeros([2]), zeros([2, 1])), /probabilities \[2\], targets \[2, 1\]/)
})

describe('confusion matrix', () => {
  const matrix = new metrics.ConfusionMatrix(4).add([0, 0, 1, 2, 2, 0], [0, 0, 1, 1, 2, 2])
  test('counts', () => {
    assert.deepEqual(matrix.toArray(), [
      [2, 0, 0, 0],
      [0, 1, 1, 0],
      [1, 0, 1, 0],
      [0, 0, 0, 0],
    ])
    assert.deepEqual(matrix.support(), [2, 2, 2, 0])
    assert.equal(matrix.total, 6)
    assert.equal(matrix.accuracy, 4 / 6)
  })
  test('scores by class and their means; a class that never occurs has none', () => {
    assert.deepEqual(matrix.recall(), [1, 0.5, 0.5, Number.NaN])
    assert.deepEqual(matrix.precision(), [2 / 3, 1, 0.5, Number.NaN])
    assert.deepEqual(matrix.f1(), [4 / 5, 2 / 3, 0.5, Number.NaN])
    assert.deepEqual(matrix.iou(), [2 / 3, 1 / 2, 1 / 3, Number.NaN])
    assert.equal(matrix.recall('macro'), 2 / 3)
    assert.ok(Math.abs(matrix.iou('macro') - 0.5) < 1e-12)
    assert.equal(matrix.f1('micro'), matrix.accuracy)
    assert.ok(Math.abs(matrix.precision('weighted') - (2 / 3 + 1 + 0.5) / 3) < 1e-12)
  })
  test('refuses what is no class, and counts nothing of that batch', () => {
    assert.throws(() => matrix.add([0, 4], [0, 0]), /4 is not a class from 0 to 3/)
    assert.throws(() => matrix.add([0], [0, 0]), /1 predictions for 2 samples/)
    assert.equal(matrix.total, 6)
    assert.throws(() => new metrics.ConfusionMatrix(0), /classes must be an integer/)
  })
})

describe('AUROC', () => {
  test('is the share of pairs in the right order, ties half', () => {
    const samples = fc.array(fc.record({ score: fc.integer({ min: 0, max: 6 }), label: fc.boolean() }), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(samples, (list) => {
        let [right, pairs] = [0, 0]
        for (const a of list.filter(({ label }) => label)) {
          for (const b of list.filter(({ label }) => !label)) {
            right += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0
            pairs++
          }
        }
        const found = metrics.auroc(
          list.map(({ score }) => score),
          list.map(({ label }) => label),
        )
        if (pairs === 0) assert.ok(Number.isNaN(found))
        else assert.ok(Math.abs(found - right / pairs) < 1e-12)
      }),
    )
  })
  test('refuses scores without a rank and labels that are none', () => {
    assert.throws(() => metrics.auroc([Number.NaN], [1]), /score 0 is NaN/)
    assert.throws(() => metrics.auroc([1], [2]), /label 0 is 2/)
    assert.throws(() => metrics.auroc([1, 2], [1]), /2 scores for 1 labels/)
  })
})
