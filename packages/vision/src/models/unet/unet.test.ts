import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, Generator, nn, noGrad, type Tensor, zeros } from '@trainyard/core'
import { Encoder } from '../encoder.ts'
import { PlainEncoder } from '../plainEncoder.ts'
import { Unet } from './unet.ts'

const keys = (module: nn.AnyModule) => Object.keys(module.stateDict())
const parameters = (module: nn.AnyModule) => module.parameters().reduce((sum, { size }) => sum + size, 0)

test('size and keys are those of segmentation_models_pytorch', () => {
  const model = new Unet()
  assert.equal(parameters(model), 6_250_893)
  assert.equal(keys(model).length, 420)
  for (const key of [
    'encoder._conv_stem.weight',
    'encoder._blocks.0._depthwise_conv.weight',
    'encoder._blocks.15._se_expand.bias',
    'encoder._bn1.num_batches_tracked',
    'decoder.blocks.0.conv1.0.weight',
    'decoder.blocks.4.conv2.1.running_var',
    'segmentation_head.0.bias',
  ])
    assert.ok(keys(model).includes(key), key)
})

test('shapes: any picture that can be halved often enough, any number of channels and classes', () => {
  const model = new Unet({ encoder: 'plain', inChannels: 3, classes: 2 })
  assert.deepEqual(model.forward(zeros([2, 3, 64, 32])).shape, [2, 2, 64, 32])
  assert.throws(
    () => model.forward(zeros([2, 3, 60, 32])),
    /multiples of 32, got \[2, 3, 60, 32\]; padToMultiple\(image, 32\) pads, crop cuts back/,
  )
  assert.throws(
    () => new Unet({ encoder: 'resnet' as 'plain' }),
    /no encoder "resnet"; there are plain, efficientnet-b0/,
  )
  assert.throws(
    () => new Unet({ decoderChannels: [64, 32] }),
    /the encoder has 5 levels, but decoderChannels has 2 \(64, 32\)/,
  )
})

test('an encoder of one’s own', () => {
  class Tiny extends Encoder {
    readonly outChannels = [4, 8]
    first = new nn.Conv2d(1, 4, 3, { stride: 2, padding: 1 })
    second = new nn.Conv2d(4, 8, 3, { stride: 2, padding: 1 })
    forward(x: Tensor): Tensor[] {
      const half = this.first.forward(x).relu()
      return [half, this.second.forward(half).relu()]
    }
  }
  const model = new Unet({ encoder: new Tiny() })
  assert.equal(model.multiple, 4)
  assert.deepEqual(model.forward(zeros([1, 1, 12, 20])).shape, [1, 1, 12, 20])
  assert.ok(keys(model).includes('encoder.second.weight'))
})

test('the same seed gives the same first weights', async () => {
  const weights = async (seed: number) => {
    const model = new Unet({
      encoder: new PlainEncoder(1, { channels: [4, 8], generator: new Generator(seed) }),
      generator: new Generator(seed),
    })
    return Promise.all(model.parameters().map((parameter) => parameter.data()))
  }
  assert.deepEqual(await weights(1), await weights(1))
  assert.notDeepEqual(await weights(1), await weights(2))
})

test('evaluation changes no buffer, training does', async () => {
  const model = new Unet({ encoder: new PlainEncoder(1, { channels: [4, 8] }) })
  const run = compile((x: Tensor) => model.forward(x))
  const images = zeros([2, 1, 8, 8]).add(0.5)
  const buffers = async () => Promise.all(model.buffers().map((buffer) => buffer.data()))
  const before = await buffers()
  model.eval()
  await run(images)
  assert.deepEqual(await buffers(), before)
  model.train()
  await run(images)
  assert.notDeepEqual(await buffers(), before)
})

test('predicting a larger batch takes no more memory: images go through the network some at a time', async () => {
  const net = new Unet()
  net.eval()
  const predict = compile((x: Tensor) => noGrad(() => net.forward(x)))
  const bytes = async (batch: number) => (await predict.plan(zeros([batch, 1, 256, 256]))).arenaBytes
  assert.equal(await bytes(16), await bytes(8))
})
