import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { compile, fromArray, io, nn, noGrad, optim, type Tensor } from '@trainyard/core'
import { assertClose } from '../../core/src/testing/close.ts'
import { shared } from '../../core/src/testing/shared.ts'
import { assertTrajectory } from '../../core/src/testing/trajectory.ts'
import { readMnist } from '../src/idx/mnist.ts'

const networks: Record<string, () => nn.Sequential> = {
  mlp: () =>
    new nn.Sequential(
      new nn.Flatten(),
      new nn.Linear(784, 128),
      new nn.ReLU(),
      new nn.Linear(128, 64),
      new nn.ReLU(),
      new nn.Linear(64, 10),
      new nn.LogSoftmax(1),
    ),
  cnn: () =>
    new nn.Sequential(
      new nn.Conv2d(1, 16, 3),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(16, 32, 3),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(800, 10),
      new nn.LogSoftmax(1),
    ),
}

/** Pixels as the fixtures took them: to [0, 1], then (x − 0.5) / 0.5, in float32. */
function batchOf(images: Uint8Array, first: number, count: number): Tensor {
  const pixels = Float32Array.from(images.subarray(first * 784, (first + count) * 784), (byte) => {
    return Math.fround(Math.fround(Math.fround(byte / 255) - 0.5) / 0.5)
  })
  return fromArray(pixels, [count, 1, 28, 28])
}

for (const [name, make] of Object.entries(networks)) {
  const fixture = shared('fixtures', `mnist-${name}.json`)
  const weights = shared('fixtures', `mnist-${name}.init.safetensors`)
  test(`100 steps of the MNIST ${name} go as in PyTorch`, { skip: fixture.skip || weights.skip }, async () => {
    const recorded = JSON.parse(readFileSync(fixture.path, 'utf8'))
    const { train, test: held } = await readMnist()
    const model = make()
    model.loadStateDict((await io.loadSafetensors(weights.path)).tensors)
    assert.equal(
      model.parameters().reduce((sum, { size }) => sum + size, 0),
      recorded.parameters,
    )
    const { lr, momentum, batch, losses } = recorded
    const optimizer = new optim.SGD(model.parameters(), { lr, momentum })
    const step = compile((images: Tensor, labels: Tensor) => {
      optimizer.zeroGrad()
      const loss = nn.functional.nllLoss(model.forward(images), labels)
      loss.backward()
      optimizer.step()
      return loss
    })
    const found: number[] = []
    for (let i = 0; i < losses.length; i++) {
      const labels = fromArray(train.labels.subarray(i * batch, (i + 1) * batch), [batch], { dtype: 'int32' })
      found.push(await (await step(batchOf(train.images, i * batch, batch), labels)).item())
    }
    assertTrajectory(found, losses)
    model.eval()
    const outputs = noGrad(() => model.forward(batchOf(held.images, 0, 16)))
    const expected = recorded.logProbsOfFirst16TestImages.flat()
    assertClose(await outputs.data(), expected, { absolute: 2e-3, relative: 1e-3 }, 'log-probabilities')
  })
}
