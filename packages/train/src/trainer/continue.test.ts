import assert from 'node:assert/strict'
import { test } from 'node:test'
import { data, Generator, nn, optim, rand } from '@trainyard/core'
import { Trainer } from './trainer.ts'

/** Trains for two epochs of eight batches, stopped after the given step and continued in the same session. */
async function weightsAfter(stopAt: number | null): Promise<number[]> {
  const generator = new Generator(2)
  const model = new nn.Linear(3, 1, { generator })
  const samples = new data.TensorDataset(rand([16, 3], { generator }), rand([16, 1], { generator }))
  const trainer = new Trainer({
    model,
    optimizer: new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }),
    loss: new nn.MSELoss(),
    progress: false,
    callbacks: [
      {
        onStep(context) {
          if (context.step === stopAt) context.stop('for a test')
        },
      },
    ],
  })
  const batches = samples.loader({ batchSize: 2, shuffle: true, seed: 5 })
  await trainer.fit(batches, { epochs: 2 })
  if (stopAt !== null) await trainer.fit(batches, { epochs: 2 })
  return [...(await model.weight.data()), ...(await model.bias!.data())]
}

test('fit called again after a stop goes on with the batch that comes next', async () => {
  const whole = await weightsAfter(null)
  assert.deepEqual(await weightsAfter(3), whole)
  assert.deepEqual(await weightsAfter(11), whole)
})
