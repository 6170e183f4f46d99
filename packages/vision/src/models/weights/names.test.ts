import assert from 'node:assert/strict'
import { test } from 'node:test'
import { efficientNetArchitecture } from '../efficientnet/architecture.ts'
import { detectNaming, toEncoderNames } from './names.ts'

const b0 = efficientNetArchitecture('efficientnet-b0')
const renamed = (keys: string[], architecture = b0) =>
  [...toEncoderNames(new Map(keys.map((key) => [key, key])), architecture)].map(([key, from]) => `${from} > ${key}`)

test('the naming is told from the keys', () => {
  assert.equal(detectNaming(['encoder._conv_stem.weight']), 'smp')
  assert.equal(detectNaming(['_fc.bias', '_conv_stem.weight']), 'efficientnet-pytorch')
  assert.equal(detectNaming(['conv_stem.weight', 'blocks.0.0.conv_dw.weight']), 'timm')
  assert.equal(detectNaming(['conv1.weight', 'layer1.0.bn1.bias']), undefined)
})

test('timm: separable blocks, expanding blocks, and what is around them', () => {
  assert.deepEqual(
    renamed([
      'conv_stem.weight',
      'bn1.running_mean',
      'blocks.0.0.conv_dw.weight',
      'blocks.0.0.bn1.bias',
      'blocks.0.0.se.conv_reduce.bias',
      'blocks.0.0.conv_pw.weight',
      'blocks.0.0.bn2.weight',
      'blocks.1.0.conv_pw.weight',
      'blocks.1.1.bn1.weight',
      'blocks.3.2.conv_dw.weight',
      'blocks.6.0.se.conv_expand.weight',
      'blocks.6.0.conv_pwl.weight',
      'blocks.6.0.bn3.num_batches_tracked',
      'conv_head.weight',
      'bn2.bias',
      'classifier.weight',
    ]),
    [
      'conv_stem.weight > _conv_stem.weight',
      'bn1.running_mean > _bn0.running_mean',
      'blocks.0.0.conv_dw.weight > _blocks.0._depthwise_conv.weight',
      'blocks.0.0.bn1.bias > _blocks.0._bn1.bias',
      'blocks.0.0.se.conv_reduce.bias > _blocks.0._se_reduce.bias',
      'blocks.0.0.conv_pw.weight > _blocks.0._project_conv.weight',
      'blocks.0.0.bn2.weight > _blocks.0._bn2.weight',
      'blocks.1.0.conv_pw.weight > _blocks.1._expand_conv.weight',
      'blocks.1.1.bn1.weight > _blocks.2._bn0.weight',
      'blocks.3.2.conv_dw.weight > _blocks.7._depthwise_conv.weight',
      'blocks.6.0.se.conv_expand.weight > _blocks.15._se_expand.weight',
      'blocks.6.0.conv_pwl.weight > _blocks.15._project_conv.weight',
      'blocks.6.0.bn3.num_batches_tracked > _blocks.15._bn2.num_batches_tracked',
      'conv_head.weight > _conv_head.weight',
      'bn2.bias > _bn1.bias',
    ],
  )
})

test('timm: a deeper member counts its blocks on, and a block too many stays, to be reported', () => {
  const b1 = efficientNetArchitecture('efficientnet-b1')
  const start = ['conv_stem.weight', 'blocks.0.0.conv_dw.weight']
  assert.ok(
    renamed([...start, 'blocks.0.1.conv_pw.weight', 'blocks.1.0.bn3.bias'], b1).includes(
      'blocks.0.1.conv_pw.weight > _blocks.1._project_conv.weight',
    ),
  )
  assert.ok(
    renamed([...start, 'blocks.0.1.conv_pw.weight']).includes('blocks.0.1.conv_pw.weight > blocks.0.1.conv_pw.weight'),
  )
})

test('smp gives its encoder, efficientnet-pytorch all but its classifier, wrappers fall away', () => {
  assert.deepEqual(
    renamed(['encoder._conv_stem.weight', 'decoder.blocks.0.conv1.0.weight', 'segmentation_head.0.bias']),
    ['encoder._conv_stem.weight > _conv_stem.weight'],
  )
  assert.deepEqual(renamed(['_conv_stem.weight', '_blocks.3._bn1.bias', '_fc.weight']), [
    '_conv_stem.weight > _conv_stem.weight',
    '_blocks.3._bn1.bias > _blocks.3._bn1.bias',
  ])
  assert.deepEqual(renamed(['module.encoder._conv_stem.weight', 'module.encoder._bn0.bias']), [
    'module.encoder._conv_stem.weight > _conv_stem.weight',
    'module.encoder._bn0.bias > _bn0.bias',
  ])
  assert.throws(
    () => renamed(Array.from({ length: 11 }, (_, index) => `layer${index}.weight`)),
    /not an EfficientNet's as smp, timm or efficientnet-pytorch name them; the first keys are layer0\.weight, .*, layer9\.weight$/,
  )
})
