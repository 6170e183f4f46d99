import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
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
} from '../index.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes in use once everything unreachable is gone; finalizers run between turns of the event loop. */
async function bytesInUse(): Promise<{ heap: number; resident: number }> {
  for (let i = 0; i < 3; i++) {
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, resident: rss }
}

useBackend(await createWasmBackend({ threads: 1 }))
manualSeed(1)
const net = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Dropout(0.1), new nn.Linear(16, 1))
const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 })
const x = fromArray(new Generator(1).uniform(256), [128, 2])
const y = fromArray(new Generator(2).uniform(128), [128, 1])

const trainOnce = (points: Tensor, targets: Tensor): Tensor => {
  optimizer.zeroGrad()
  const loss = nn.functional.mseLoss(net.forward(points) as Tensor, targets)
  loss.backward()
  optimizer.step()
  return loss
}

async function checkFlat(steps: number, step: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < steps / 10; i++) await step()
  const before = await bytesInUse()
  for (let i = 0; i < steps; i++) await step()
  const after = await bytesInUse()
  const grown = (what: 'heap' | 'resident'): number => (after[what] - before[what]) / 1e6
  assert.ok(grown('heap') < 2, `the heap grew by ${grown('heap').toFixed(2)} MB in ${steps} steps`)
  assert.ok(grown('resident') < 60, `the process grew by ${grown('resident').toFixed(1)} MB in ${steps} steps`)
}

test('memory stays flat over 10,000 compiled steps, and nobody frees a tensor', async () => {
  const step = compile(trainOnce)
  await checkFlat(10_000, async () => (await step(x, y)).item())
})

test('memory stays flat over 500 steps without compile', async () => {
  await checkFlat(500, async () => trainOnce(x, y).item())
})
