import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { compile, nn, optim, type Tensor, tensor } from '@trainyard/core'
import { assertClose } from '../../src/testing/close.ts'
import { shared } from '../../src/testing/shared.ts'
import { assertTrajectory } from '../../src/testing/trajectory.ts'

const { path, skip } = shared('fixtures', 'xor.json')

test('200 epochs of noisy XOR go as in PyTorch', { skip }, async () => {
  const { x, y, init, lr, batch, epochs, losses, final } = JSON.parse(readFileSync(path, 'utf8'))
  const model = new nn.Sequential(
    new nn.Linear(2, 3),
    new nn.Tanh(),
    new nn.Linear(3, 3),
    new nn.Tanh(),
    new nn.Linear(3, 1),
  )
  model.loadStateDict(Object.fromEntries(Object.entries(init).map(([key, value]) => [key, tensor(value as number[])])))
  const optimizer = new optim.SGD(model.parameters(), { lr })
  const loss = new nn.BCEWithLogitsLoss()
  const step = compile((points: Tensor, labels: Tensor) => {
    optimizer.zeroGrad()
    const value = loss.forward(model.forward(points).squeeze(1), labels)
    value.backward()
    optimizer.step()
    return value
  })
  const batches = Array.from({ length: Math.ceil(x.length / batch) }, (_, i) => {
    const part = (list: number[]) => tensor(list.slice(i * batch, (i + 1) * batch))
    return [part(x), part(y)] as const
  })
  const found: number[] = []
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [points, labels] of batches) found.push(await (await step(points, labels)).item())
  }
  assertTrajectory(found, losses)
  assert.equal(found.length, 1600)
  for (const [key, weights] of Object.entries(model.stateDict())) {
    const tolerance = { absolute: 1e-3, relative: 1e-3 }
    assertClose(await weights.data(), (final[key] as number[]).flat(), tolerance, key)
  }
})
