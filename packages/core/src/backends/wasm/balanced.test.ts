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

test('no part of a single long step is left out, whether one thread runs it or two, run after run', async () => {
  useBackend(await createWasmBackend({ threads: 2 }))
  // Short enough that the first runs are tried by one thread, long enough that the later ones are balanced.
  const size = 1 << 20
  const twice = compile((x: Tensor) => x.mul(2))
  for (let i = 1; i <= 24; i++) {
    const result = await (await twice(fromArray(new Float32Array(size).fill(i), [size]))).data()
    assert.ok(
      result.every((value) => value === 2 * i),
      `run ${i}`,
    )
  }
})
