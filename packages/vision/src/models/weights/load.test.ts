import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromArray, type nn } from '@trainyard/core'
import { EfficientNetEncoder } from '../efficientnet/encoder.ts'
import { loadEncoderWeights } from './load.ts'

const grey = () => new EfficientNetEncoder('efficientnet-b0', 1)

/** The entries of a colour encoder as a file of weights has them: no counters, a classifier. */
function colourFile(): nn.StateDict {
  const state = new EfficientNetEncoder('efficientnet-b0', 3).stateDict()
  const kept = Object.entries(state).filter(([key]) => !key.endsWith('num_batches_tracked'))
  return { ...Object.fromEntries(kept), '_fc.weight': fromArray([1, 2], [2]) }
}

test('a first convolution for colour is summed to grey, or spread over more channels', async () => {
  const file = colourFile()
  const stem = await file['_conv_stem.weight'].data()
  const encoder = grey()
  assert.equal(loadEncoderWeights(encoder, file).adapted, 'first convolution: 3 channels summed to 1')
  const summed = await encoder._convStem.weight.data()
  assert.ok(Math.abs(summed[0] - (stem[0] + stem[9] + stem[18])) < 1e-6)
  const four = new EfficientNetEncoder('efficientnet-b0', 4)
  assert.equal(loadEncoderWeights(four, file).adapted, 'first convolution: 3 channels spread over 4')
  const spread = await four._convStem.weight.data()
  assert.ok(Math.abs(spread[27] - 0.75 * stem[0]) < 1e-6)
  assert.equal(loadEncoderWeights(new EfficientNetEncoder('efficientnet-b0', 3), file).adapted, undefined)
  assert.deepEqual(await encoder._blocks[3]._bn1.weight!.data(), await file['_blocks.3._bn1.weight'].data())
})

test('a whole U-Net’s file gives its encoder', () => {
  const file = Object.fromEntries(Object.entries(grey().stateDict()).map(([key, value]) => [`encoder.${key}`, value]))
  assert.equal(loadEncoderWeights(grey(), { ...file, 'decoder.x': fromArray([1], [1]) }).adapted, undefined)
})

test('weights of another architecture: the first ten faults, and nothing is changed', async () => {
  const encoder = grey()
  const before = await encoder._convStem.weight.data()
  const other = new EfficientNetEncoder('efficientnet-b2', 1).stateDict()
  assert.throws(
    () => loadEncoderWeights(encoder, other),
    (thrown: Error) => {
      assert.match(
        thrown.message,
        /not of efficientnet-b0, nothing was loaded; \d+ entries do not fit \(\d+ given, \d+ needed\): .* is not expected; .*…$/,
      )
      assert.equal(thrown.message.split('; ').length, 12)
      return true
    },
  )
  assert.throws(() => loadEncoderWeights(encoder, { 'conv1.weight': fromArray([1], [1]) }), /not an EfficientNet's/)
  assert.deepEqual(await encoder._convStem.weight.data(), before)
})
