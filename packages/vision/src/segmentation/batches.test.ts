import assert from 'node:assert/strict'
import { test } from 'node:test'
import { affine, tone } from '../augment/augmentation.ts'
import { createArraySamples, putSample } from './arrays.ts'
import { type BatchesOptions, SegmentationBatches } from './batches.ts'
import { SegmentationSet } from './set.ts'

const phantoms = new SegmentationSet({ kind: 'phantoms', count: 7, width: 32, height: 32, seed: 5 })
const options: BatchesOptions = { batchSize: 3, shuffle: true, seed: 4, augmentations: [affine(), tone()], workers: 0 }

async function epochs(batches: SegmentationBatches, count: number): Promise<Float32Array[]> {
  const all: Float32Array[] = []
  for (let epoch = 0; epoch < count; epoch++)
    for await (const [images, masks] of batches)
      all.push(...((await Promise.all([images.data(), masks.data()])) as Float32Array[]))
  return all
}

test('batches have the shapes that networks take', async () => {
  const batches = new SegmentationBatches(phantoms, options)
  const shapes: unknown[] = []
  for await (const [images, masks] of batches) shapes.push([images.shape, masks.shape])
  assert.equal(batches.length, 3)
  assert.deepEqual(shapes, [
    [
      [3, 1, 32, 32],
      [3, 1, 32, 32],
    ],
    [
      [3, 1, 32, 32],
      [3, 1, 32, 32],
    ],
    [
      [1, 1, 32, 32],
      [1, 1, 32, 32],
    ],
  ])
  const whole = new SegmentationBatches(phantoms, { ...options, dropLast: true })
  assert.equal(whole.length, 2)
  assert.equal((await epochs(whole, 1)).length, 4)
})

test('channels come first', async () => {
  const samples = createArraySamples([{ name: 'a', patient: 'a' }], 2, 1, 3)
  const image = { data: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6), width: 2, height: 1, channels: 3 }
  putSample(samples, 0, image, { data: Float32Array.of(0, 1), width: 2, height: 1, channels: 1 })
  for await (const [images, masks] of new SegmentationBatches(new SegmentationSet({ kind: 'arrays', samples }), {
    workers: 0,
  })) {
    assert.deepEqual([...(await images.data())], [...Float32Array.of(0.1, 0.4, 0.2, 0.5, 0.3, 0.6)])
    assert.deepEqual([...(await masks.data())], [0, 1])
  }
})

test('workers change nothing, epochs differ', async () => {
  const alone = await epochs(new SegmentationBatches(phantoms, options), 2)
  const batches = new SegmentationBatches(phantoms, { ...options, workers: 2 })
  assert.deepEqual(await epochs(batches, 2), alone)
  await batches.close()
  assert.notDeepEqual(alone[0], alone[6])
})

test('a state continues in the middle of an epoch, with another object', async () => {
  const all = await epochs(new SegmentationBatches(phantoms, options), 2)
  const first = new SegmentationBatches(phantoms, options)
  await epochs(first, 1)
  for await (const _ of first) break
  const state = first.stateDict()
  assert.deepEqual(state, { seed: 4, epoch: 1, batch: 1 })
  const second = new SegmentationBatches(phantoms, { ...options, seed: 99 })
  second.loadStateDict(state)
  assert.deepEqual(await epochs(second, 1), all.slice(8))
  assert.deepEqual(second.stateDict(), { seed: 4, epoch: 2, batch: 0 })
  assert.throws(() => second.loadStateDict({ seed: 4, epoch: 0, batch: 9 }), /of batch 9, an epoch has 3 here/)
  assert.throws(() => second.loadStateDict({ seed: -1, epoch: 0, batch: 0 }), /whole numbers from 0 up/)
  assert.throws(
    () => new SegmentationBatches(phantoms, { batchSize: 0 }),
    /batchSize must be a whole number from 1 up, got 0/,
  )
})
