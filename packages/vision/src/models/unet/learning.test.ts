import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, Generator, noGrad, optim, type Tensor } from '@trainyard/core'
import { LIGHT_AUGMENTATION } from '../../augment/augmentation.ts'
import { segmentationObjective } from '../../losses/objective.ts'
import { countPixels } from '../../metrics/segmentation.ts'
import { summariseScores } from '../../metrics/summary.ts'
import { SegmentationBatches } from '../../segmentation/batches.ts'
import { SegmentationSet } from '../../segmentation/set.ts'
import { PlainEncoder } from '../plainEncoder.ts'
import { Unet } from './unet.ts'

test('a small U-Net learns on phantoms to find the lungs of others', async () => {
  const size = 32
  const phantoms = new SegmentationSet({ kind: 'phantoms', count: 80, width: size, height: size, seed: 3 })
  const places = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)
  const generator = new Generator(1)
  const model = new Unet({ encoder: new PlainEncoder(1, { channels: [12, 24, 48], generator }), generator })
  const { loss, probability } = segmentationObjective('bce+dice')
  const optimizer = new optim.Adam(model.parameters(), { lr: 3e-3 })
  const step = compile((images: Tensor, masks: Tensor) => {
    optimizer.zeroGrad()
    const value = loss(model.forward(images), masks)
    value.backward()
    optimizer.step()
    return value.detach()
  })
  const train = new SegmentationBatches(phantoms.subset(places(0, 64)), {
    batchSize: 8,
    shuffle: true,
    seed: 1,
    augmentations: LIGHT_AUGMENTATION,
    workers: 1,
  })
  for (let epoch = 0; epoch < 12; epoch++) for await (const [images, masks] of train) await step(images, masks)
  await train.close()

  model.eval()
  const predict = compile((images: Tensor) => noGrad(() => probability(model.forward(images))))
  const counts = []
  const test = new SegmentationBatches(phantoms.subset(places(64, 80)), { batchSize: 1, workers: 0 })
  for await (const [images, masks] of test)
    counts.push(countPixels(await (await predict(images)).data(), await masks.data()))
  const { f1 } = summariseScores(counts).perImage
  // All of the picture called lung would be about 0.5.
  assert.ok(f1.mean > 0.85, `F1 ${f1.mean}`)
})
