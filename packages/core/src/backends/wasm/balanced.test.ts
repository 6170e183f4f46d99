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

/** Trains a network whose steps are long enough that threads take their last parts from each other; gives its weights. */
async function train(threads: number): Promise<Float32Array[]> {
  useBackend(await createWasmBackend({ threads }))
  manualSeed(1)
  const net = new nn.Sequential(
    new nn.Conv2d(16, 32, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(32),
    new nn.SiLU(),
    new nn.Conv2d(32, 32, 5, { padding: 2, groups: 32 }),
    new nn.Conv2d(32, 16, 1),
  )
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 })
  const step = compile((x: Tensor) => {
    optimizer.zeroGrad()
    const loss = (net.forward(x) as Tensor).sub(x).pow(2).mean()
    loss.backward()
    optimizer.step()
    return loss
  })
  const x = fromArray(new Generator(2).uniform(4 * 16 * 64 * 64), [4, 16, 64, 64])
  for (let i = 0; i < 4; i++) await step(x)
  return (await Promise.all(Object.values(net.stateDict()).map((tensor) => tensor.data()))) as Float32Array[]
}

test('threads that take parts from each other give the bits of one, run after run', async () => {
  const alone = await train(1)
  assert.ok(alone.every((values) => values.every(Number.isFinite)))
  for (const threads of [2, 3, 5]) assert.deepEqual(await train(threads), alone, `${threads} threads`)
})

test('a run that is shared follows one that is not: no part is left out', async () => {
  useBackend(await createWasmBackend({ threads: 2 }))
  const a = fromArray(new Generator(3).uniform(512 * 512), [512, 512])
  const product = compile((x: Tensor) => x.matmul(x))
  const first = await (await product(a)).data()
  for (let i = 0; i < 40; i++) assert.deepEqual(await (await product(a)).data(), first, `run ${i}`)
})
