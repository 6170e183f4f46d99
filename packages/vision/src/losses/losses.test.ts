import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromArray, grad, type Tensor, zeros } from '@trainyard/core'
import { focalLoss } from './focal.ts'
import { segmentationObjective } from './objective.ts'
import { diceLoss, jaccardLoss, tverskyLoss } from './overlap.ts'

const wave = (count: number, of: (index: number) => number) =>
  Float32Array.from({ length: count }, (_, index) => of(index))
const logits = fromArray(
  wave(24, (index) => Math.sin(index * 1.3) * 3),
  [2, 1, 3, 4],
)
const target = fromArray(
  wave(24, (index) => (Math.cos(index * 0.9) > 0.1 ? 1 : 0)),
  [2, 1, 3, 4],
)

async function check(
  loss: (logits: Tensor) => Tensor,
  value: number,
  gradientNorm: number,
  at = logits,
): Promise<void> {
  assert.ok(Math.abs((await loss(at).item()) / value - 1) < 2e-6, `${await loss(at).item()} but ${value}`)
  const gradient = grad(loss)(at)
  const norm = await gradient.mul(gradient).sum().sqrt().item()
  assert.ok(Math.abs(norm / gradientNorm - 1) < 2e-5, `${norm} but ${gradientNorm}`)
}

// From PyTorch 2.13 with the losses of segmentation_models_pytorch: value, norm of the gradient.
test('values and gradients are those of segmentation_models_pytorch', async () => {
  await check((x) => diceLoss(x, target), 0.44903624057769775, 0.030523428693413734)
  await check((x) => diceLoss(x, target, { smooth: 1 }), 0.4132649302482605, 0.027844762429594994)
  await check((x) => jaccardLoss(x, target), 0.6197723150253296, 0.029074005782604218)
  await check((x) => focalLoss(x, target), 0.635223925113678, 0.12591783702373505)
  await check((x) => focalLoss(x, target, { alpha: 0.25, gamma: 1.5 }), 0.3556267321109772, 0.0715339258313179)
  await check((x) => tverskyLoss(x, target, { alpha: 0.3, beta: 0.7 }), 0.43828195333480835, 0.03345741331577301)
  await check(
    (x) => tverskyLoss(x, target, { alpha: 0.3, beta: 0.7, gamma: 0.75 }),
    0.5386605858802795,
    0.030840056017041206,
  )
})

test('a class that is nowhere in the target does not count', async () => {
  const two = fromArray(
    wave(24, (index) => Math.sin(index * 1.1) * 2),
    [2, 2, 2, 3],
  )
  const first = fromArray(
    wave(24, (index) => (index % 12 < 6 && Math.cos(index * 0.7) > 0 ? 1 : 0)),
    [2, 2, 2, 3],
  )
  await check((x) => diceLoss(x, first), 0.2498195767402649, 0.030052389949560165, two)
  await check((x) => jaccardLoss(x, first), 0.33317291736602783, 0.026726091280579567, two)
  await check((x) => tverskyLoss(x, first, { alpha: 0.3, beta: 0.7 }), 0.24056389927864075, 0.03353486955165863, two)
})

test('a perfect, sure prediction costs next to nothing, and extremes stay finite', async () => {
  const sure = target.mul(200).sub(100)
  for (const name of ['bce', 'dice', 'jaccard', 'focal', 'tversky']) {
    const { loss } = segmentationObjective(name)
    assert.ok((await loss(sure, target).item()) < 1e-5, name)
    const wrong = await grad((x: Tensor) => loss(x, target))(sure.neg()).data()
    assert.ok(
      wrong.every((value) => Number.isFinite(value)),
      name,
    )
  }
  assert.equal(await diceLoss(logits, zeros(target.shape)).item(), 0)
})

test('objectives are described by names and weights', async () => {
  const value = async (description: string) => segmentationObjective(description).loss(logits, target).item()
  const [bce, dice, sum] = [await value('bce'), await value('dice'), await value('0.5*bce + dice')]
  assert.ok(Math.abs(sum - (0.5 * bce + dice)) < 1e-6)
  assert.ok(Math.abs((await value('bce+dice')) - bce - dice) < 1e-6)
  assert.throws(
    () => segmentationObjective('bce+dise'),
    /no loss "dise"; there are bce, dice, jaccard, focal, tversky, mse/,
  )
  assert.throws(() => segmentationObjective('0*bce'), /weight 0 of bce must be above 0/)
  assert.throws(() => segmentationObjective('mse+dice'), /cannot be added/)
  assert.throws(() => diceLoss(logits, zeros([2, 3, 4])), /got \[2, 1, 3, 4\] and \[2, 3, 4\]/)
})

test('outputs of mse are probabilities already, those of the others logits', async () => {
  const outputs = fromArray([-1, 0.25, 2], [3])
  assert.deepEqual([...(await segmentationObjective('mse').probability(outputs).data())], [0, 0.25, 1])
  const [low, , high] = await segmentationObjective('bce+dice').probability(outputs).data()
  assert.ok(Math.abs(low - 1 / (1 + Math.E)) < 1e-6 && Math.abs(high - 1 / (1 + Math.exp(-2))) < 1e-6)
})
