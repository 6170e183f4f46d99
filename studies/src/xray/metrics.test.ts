import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromArray, type Tensor } from '@trainyard/core'
import { segmentationObjective, segmentationScores } from '@trainyard/vision'
import { filmMetrics } from './metrics.ts'

const SHAPE = [3, 1, 4, 5]
const PIXELS = 20

/** Outputs and masks of three films; the last holds nothing, and nothing is found in it. */
function films(scale: number, shift: number) {
  const outputs = Float32Array.from({ length: 60 }, (_, i) => (i < 40 ? Math.sin(3.7 * i) * scale + shift : -9))
  const masks = Float32Array.from({ length: 60 }, (_, i) => (i < 40 && Math.cos(2.3 * i) > 0.2 ? 1 : 0))
  return { outputs, masks }
}

for (const [loss, scale, shift] of [
  ['bce+dice', 4, 0.5],
  ['mse', 0.8, 0.45],
] as const)
  test(`scores while training are those of the evaluation: ${loss}`, async () => {
    const { outputs, masks } = films(scale, shift)
    const objective = segmentationObjective(loss)
    const tensors = [fromArray(outputs, SHAPE), fromArray(masks, SHAPE)] as const
    const probability = await objective.probability(tensors[0]).data()
    const scores = [0, 1, 2].map((film) => {
      const part = (values: ArrayLike<number>) => Array.from(values).slice(film * PIXELS, (film + 1) * PIXELS)
      return segmentationScores(part(probability), part(masks))
    })
    for (const [name, metric] of Object.entries(filmMetrics(objective))) {
      const value = await (metric as (...tensors: Tensor[]) => Tensor)(...tensors).item()
      const mean = scores.reduce((sum, score) => sum + score[name as 'f1'], 0) / 3
      assert.ok(Math.abs(value - mean) < 1e-6, `${name}: ${value}, not ${mean}`)
      assert.ok(value > 0.3 && value < 1, 'a score that tells something')
    }
  })

test('outputs trained by squared error are cut at a half, not at 0', async () => {
  const { f1 } = filmMetrics(segmentationObjective('mse')) as { f1: (...tensors: Tensor[]) => Tensor }
  // Everything is a little above 0, as squared error leaves it: a sigmoid would call all of it lung.
  const outputs = fromArray([0.9, 0.1, 0.2, 0.8], [1, 1, 2, 2])
  assert.equal(await f1(outputs, fromArray([1, 0, 0, 1], [1, 1, 2, 2])).item(), 1)
})
