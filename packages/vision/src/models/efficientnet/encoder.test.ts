import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, fromArray, Generator, manualSeed, type nn, ones, type Tensor } from '@trainyard/core'
import type { EfficientNetName } from './architecture.ts'
import { dropConnect } from './dropConnect.ts'
import { EfficientNetEncoder } from './encoder.ts'

/** Weights by a formula that PyTorch was given too: a hash of the element's number, spread over ±1.5 · √(3 / fan-in). */
function formulaWeights(encoder: EfficientNetEncoder): nn.StateDict {
  return Object.fromEntries(
    Object.entries(encoder.stateDict()).map(([key, tensor]) => {
      if (tensor.ndim !== 4) return [key, /_se_.*bias/.test(key) ? ones(tensor.shape).mul(0.1) : tensor]
      const fan = tensor.size / tensor.shape[0]
      const values = Float32Array.from({ length: tensor.size }, (_, index) => {
        let hash = Math.imul(index + fan, 0x9e3779b1)
        hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d)
        hash = (hash ^ (hash >>> 15)) >>> 0
        return (hash / 2 ** 31 - 1) * 1.5 * Math.sqrt(3 / fan)
      })
      return [key, fromArray(values, tensor.shape)]
    }),
  )
}

// Mean magnitude of each feature of a 64×64 picture, from segmentation_models_pytorch's encoder under PyTorch 2.13.
const REFERENCE: Record<EfficientNetName, { parameters: number; magnitudes: number[] }> = {
  'efficientnet-b0': {
    parameters: 4_006_972,
    magnitudes: [0.2910380048628892, 0.46118063407095633, 0.36586766039672514, 0.1525630489972534, 0.02001928717901933],
  },
  'efficientnet-b1': {
    parameters: 6_512_608,
    magnitudes: [0.2910380048628892, 0.8087374886702037, 1.0238013667716586, 4.546571691233631, 8.249191029160283],
  },
  'efficientnet-b2': {
    parameters: 7_700_418,
    magnitudes: [0.2910380048628892, 0.8087374886702037, 1.1588871204679283, 14.906012698542327, 25.438687400807712],
  },
  'efficientnet-b3': {
    parameters: 10_695_512,
    magnitudes: [0.2907334838068206, 0.7964284033223237, 1.0658829999977115, 20.46830894667929, 55.153820365046464],
  },
}

for (const [name, { parameters, magnitudes }] of Object.entries(REFERENCE))
  test(`${name} computes what PyTorch computes`, async () => {
    const encoder = new EfficientNetEncoder(name as EfficientNetName, 1)
    assert.equal(
      encoder.parameters().reduce((sum, { size }) => sum + size, 0),
      parameters,
    )
    encoder.loadStateDict(formulaWeights(encoder))
    encoder.eval()
    const picture = Float32Array.from(
      { length: 64 * 64 },
      (_, at) => 0.5 + 0.5 * Math.sin((at % 64) * 0.21 + Math.floor(at / 64) * 0.13),
    )
    const found = await compile((x: Tensor) => encoder.forward(x).map((feature) => feature.detach().abs().mean()))(
      fromArray(picture, [1, 1, 64, 64]),
    )
    for (const [level, magnitude] of magnitudes.entries())
      assert.ok(
        Math.abs((await found[level].item()) / magnitude - 1) < 1e-4,
        `${level}: ${await found[level].item()} but ${magnitude}`,
      )
  })

test('blocks are left out at random in training only, the later the more often', async () => {
  const encoder = new EfficientNetEncoder('efficientnet-b0', 1)
  assert.equal(encoder._blocks[0].dropRate, 0)
  assert.ok(Math.abs(encoder._blocks[15].dropRate - 0.2 * (15 / 16)) < 1e-12)
  const x = ones([2000, 1, 1, 1])
  const values = await dropConnect(x, 0.25, new Generator(3)).data()
  const kept = values.filter((value) => value !== 0)
  assert.ok(Math.abs(kept.length / 2000 - 0.75) < 0.04)
  assert.ok(kept.every((value) => Math.abs(value - 1 / 0.75) < 1e-6))
  manualSeed(1)
  const first = await dropConnect(x, 0.25).data()
  manualSeed(1)
  assert.deepEqual(await dropConnect(x, 0.25).data(), first)
})
