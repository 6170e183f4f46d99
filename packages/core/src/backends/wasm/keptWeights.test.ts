import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Storage } from '../../graph/storage.ts'
import { compile, createWasmBackend, nn, noGrad, optim, rand, type Tensor, useBackend } from '../../index.ts'
import { KeptWeights } from './keptWeights.ts'
import { Heap } from './threads/index.ts'

test('the first run packs into spare room, the second into memory of its own, later ones not at all', () => {
  const heap = new Heap({ shared: false })
  const weights = new Storage('float32', 4)
  const kept = new KeptWeights(64, new Set([1]))
  const spare = 1 << 20
  const before = heap.bytesInUse
  const run = (storage = weights, fails = false) => {
    const place = kept.place(heap, [new Storage('float32', 1), storage], spare)
    if (!fails) place.prepared()
    return [place.address === spare ? 'spare' : 'own', place.prepares]
  }
  assert.deepEqual(run(), ['spare', true])
  assert.equal(heap.bytesInUse, before)
  assert.deepEqual(run(weights, true), ['own', true])
  assert.deepEqual(run(), ['own', true], 'a run that failed has packed nothing')
  assert.deepEqual(run(), ['own', false])
  weights.write(new Float32Array(4))
  assert.deepEqual(run(), ['own', true])
  assert.deepEqual(run(), ['own', false])
  weights.replaced()
  assert.deepEqual(run(), ['own', true])
  assert.deepEqual(run(new Storage('float32', 4)), ['own', true], 'another network that shares the program')
  assert.deepEqual(run(), ['own', true])
})

for (const threads of [1, 2]) {
  test(`with ${threads} threads predictions follow the weights, whoever changes them`, async () => {
    useBackend(await createWasmBackend({ threads }))
    const make = () =>
      new nn.Sequential(new nn.Conv2d(3, 20, 3), new nn.ReLU(), new nn.Flatten(), new nn.Linear(20 * 36, 40))
    const [net, other] = [make(), make()]
    const x = rand([32, 3, 8, 8])
    const predict = compile((x: Tensor) => noGrad(() => net.forward(x) as Tensor))
    const predictOther = compile((x: Tensor) => noGrad(() => other.forward(x) as Tensor))
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 })
    const step = compile((x: Tensor) => {
      optimizer.zeroGrad()
      const loss = (net.forward(x) as Tensor).pow(2).mean()
      loss.backward()
      optimizer.step()
      return loss
    })
    /** Without any program that was used before. */
    const expected = async (of: nn.Module) => {
      const fresh = make()
      fresh.loadStateDict(of.stateDict())
      return (await noGrad(() => fresh.forward(x) as Tensor).data()) as Float32Array
    }
    const check = async () => {
      for (let i = 0; i < 3; i++) {
        assert.deepEqual(await (await predict(x)).data(), await expected(net))
        assert.deepEqual(await (await predictOther(x)).data(), await expected(other))
      }
      const order = Int32Array.from({ length: 32 }, (_, i) => i)
      for (let i = 0; i < 3; i++) {
        const batches = await predict.overBatches([x], { order, batchSize: 32 })
        assert.deepEqual(await batches.data(), await expected(net))
      }
    }
    await check()
    await step(x)
    await check()
    net.loadStateDict(other.stateDict())
    await check()
    assert.deepEqual(await (await predict(x)).data(), await (await predictOther(x)).data())
  })
}
