import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { shared } from '../../testing/shared.ts'
import { type EfficientNetName, efficientNetArchitecture } from './architecture.ts'

// From segmentation_models_pytorch's own tables.
const KNOWN: Record<EfficientNetName, { blocks: number; outChannels: number[] }> = {
  'efficientnet-b0': { blocks: 16, outChannels: [32, 24, 40, 112, 320] },
  'efficientnet-b1': { blocks: 23, outChannels: [32, 24, 40, 112, 320] },
  'efficientnet-b2': { blocks: 23, outChannels: [32, 24, 48, 120, 352] },
  'efficientnet-b3': { blocks: 26, outChannels: [40, 32, 48, 136, 384] },
}

test('blocks, channels and places of features are those of the family', () => {
  for (const [name, known] of Object.entries(KNOWN)) {
    const { blocks, outIndexes, outChannels } = efficientNetArchitecture(name as EfficientNetName)
    assert.deepEqual({ blocks: blocks.length, outChannels }, known, name)
    // Each feature is half as large as the one before: exactly one halving lies between.
    const halvings = outIndexes.map((index) => blocks.slice(0, index + 1).filter(({ stride }) => stride === 2).length)
    assert.deepEqual(halvings, [1, 2, 3, 4])
  }
})

test('paddings follow each member’s own picture size', () => {
  const halving = (name: EfficientNetName) =>
    efficientNetArchitecture(name)
      .blocks.filter(({ stride }) => stride === 2)
      .map(({ padding: [top, bottom] }) => [top, bottom])
  assert.deepEqual(halving('efficientnet-b0'), [
    [0, 1],
    [1, 2],
    [0, 1],
    [1, 2],
  ])
  assert.deepEqual(halving('efficientnet-b1'), [
    [0, 1],
    [1, 2],
    [0, 1],
    [2, 2],
  ])
  assert.deepEqual(halving('efficientnet-b2'), [
    [0, 1],
    [2, 2],
    [1, 1],
    [2, 2],
  ])
  assert.deepEqual(halving('efficientnet-b3'), [
    [0, 1],
    [2, 2],
    [0, 1],
    [2, 2],
  ])
  assert.throws(
    () => efficientNetArchitecture('efficientnet-b9' as EfficientNetName),
    /no encoder "efficientnet-b9"; there are efficientnet-b0/,
  )
})

const fixture = shared('fixtures', 'smp-unet-b0.init.safetensors')
test('shapes are those of the reference weights', { skip: fixture.skip }, () => {
  const bytes = readFileSync(fixture.path)
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString())
  const { blocks, stemChannels, headChannels } = efficientNetArchitecture('efficientnet-b0')
  const shape = (key: string) => header[`encoder.${key}`].shape
  assert.deepEqual(shape('_conv_stem.weight'), [stemChannels, 1, 3, 3])
  assert.deepEqual(shape('_conv_head.weight'), [headChannels, 320, 1, 1])
  blocks.forEach((block, index) => {
    const { inChannels, expandedChannels, squeezedChannels, outChannels, kernelSize } = block
    const part = (name: string) => shape(`_blocks.${index}.${name}.weight`)
    if (expandedChannels !== inChannels) assert.deepEqual(part('_expand_conv'), [expandedChannels, inChannels, 1, 1])
    assert.deepEqual(part('_depthwise_conv'), [expandedChannels, 1, kernelSize, kernelSize])
    assert.deepEqual(part('_se_reduce'), [squeezedChannels, expandedChannels, 1, 1])
    assert.deepEqual(part('_project_conv'), [outChannels, expandedChannels, 1, 1])
  })
})
