import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  compile,
  createWasmBackend,
  fromArray,
  Generator,
  manualSeed,
  nn,
  optim,
  type Tensor,
  useBackend,
} from '../../index.ts'

/** Trains a small network with a skip, two steps, and gives its weights and what memory it needed. */
async function train(recomputeAbove: number): Promise<{ weights: Float32Array[]; arenaBytes: number }> {
  useBackend(await createWasmBackend({ threads: 1, recomputeAbove }))
  manualSeed(1)
  const block = (from: number, to: number): nn.Sequential =>
    new nn.Sequential(new nn.Conv2d(from, to, 3, { padding: 1, bias: false }), new nn.BatchNorm2d(to), new nn.SiLU())
  const [first, second, third] = [block(1, 16), block(16, 16), block(16, 1)]
  const net = new nn.Sequential(first, second, third)
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 })
  const step = compile((x: Tensor) => {
    optimizer.zeroGrad()
    const a = first.forward(x) as Tensor
    const b = second.forward(a) as Tensor
    const loss = (third.forward(a.add(b)) as Tensor).pow(2).mean()
    loss.backward()
    optimizer.step()
    return loss
  })
  const x = fromArray(new Generator(2).uniform(8 * 96 * 96), [8, 1, 96, 96])
  for (let i = 0; i < 2; i++) await step(x)
  const weights = await Promise.all(Object.values(net.stateDict()).map((tensor) => tensor.data()))
  return { weights: weights as Float32Array[], arenaBytes: step.explain()[0].arenaBytes }
}

test('activations computed again take less memory and give the same bits', async () => {
  const kept = await train(Number.POSITIVE_INFINITY)
  const again = await train(0)
  assert.ok(again.arenaBytes < 0.95 * kept.arenaBytes, `${again.arenaBytes} of ${kept.arenaBytes} bytes`)
  assert.deepEqual(again.weights, kept.weights)
})
