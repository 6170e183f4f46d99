import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { compile, Generator, io, nn, optim, rand, type Tensor } from '../index.ts'

/** A training with everything that has a state: batch norm, dropout, momentum, a schedule. */
function training() {
  const generator = new Generator(3)
  const model = new nn.Sequential(
    new nn.Linear(4, 8, { generator }),
    new nn.BatchNorm1d(8),
    new nn.Dropout(0.3, { generator }),
    new nn.Linear(8, 1, { generator }),
  )
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 })
  const schedule = new optim.CosineAnnealingLR(optimizer, 20)
  const step = compile((x: Tensor) => {
    optimizer.zeroGrad()
    const loss = model.forward(x).pow(2).mean()
    loss.backward()
    optimizer.step()
    return loss
  })
  const parts = { model, optimizer, schedule, generators: { default: generator } }
  const run = async (steps: number) => {
    const losses: number[] = []
    for (let i = 0; i < steps; i++) {
      losses.push(await (await step(rand([6, 4], { generator }))).item())
      schedule.step()
    }
    return losses
  }
  return { parts, run }
}

test('a training continues bit for bit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-'))
  try {
    const path = join(folder, 'last.safetensors')
    const whole = training()
    await whole.run(4)
    await io.saveCheckpoint(path, whole.parts, { epoch: 2, best: 0.5, note: 'before' })
    const expected = await whole.run(5)
    const resumed = training()
    await resumed.run(2)
    const progress = await io.loadCheckpoint(path, resumed.parts)
    assert.deepEqual(progress, { epoch: 2, best: 0.5, note: 'before' })
    assert.deepEqual(await resumed.run(5), expected)
    assert.deepEqual(await readdir(folder), ['last.safetensors'])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a checkpoint of something else changes nothing', async () => {
  const { parts, run } = training()
  await run(2)
  const bytes = await io.packCheckpoint(parts, { epoch: 1 })
  const before = await nn.copyState(parts.model.stateDict())
  const unchanged = async () => {
    for (const [key, t] of Object.entries(parts.model.stateDict())) {
      assert.deepEqual(await t.data(), await before[key].data(), key)
    }
    assert.equal(parts.schedule.lastEpoch, 2)
  }
  await run(0)
  const checkpoint = io.unpackCheckpoint(bytes)
  const other = new nn.Sequential(new nn.Linear(4, 8))
  assert.throws(() => io.restoreCheckpoint(checkpoint, { ...parts, model: other }), /does not fit this Sequential/)
  const sgd = new optim.SGD(parts.model.parameters(), { momentum: 0.9 })
  assert.throws(() => io.restoreCheckpoint(checkpoint, { ...parts, optimizer: sgd }), /momentum_buffer of parameter 0/)
  assert.throws(
    () => io.restoreCheckpoint({ ...checkpoint, schedule: null }, parts, 'last.safetensors'),
    /last.safetensors: holds no schedule/,
  )
  assert.throws(
    () => io.restoreCheckpoint(checkpoint, { ...parts, generators: { data: new Generator() } }),
    /holds no random generator "data"/,
  )
  await unchanged()
})

test('damaged files and plain weights are no checkpoints', async () => {
  const { parts } = training()
  const bytes = await io.packCheckpoint(parts)
  bytes[bytes.length - 1] ^= 1
  assert.throws(() => io.unpackCheckpoint(bytes, 'last'), /last: is damaged: its checksum does not fit/)
  assert.throws(() => io.unpackCheckpoint(bytes.subarray(0, bytes.length - 200), 'last'), /it was cut short/)
  const weights = await io.writeSafetensors(parts.model.stateDict())
  assert.throws(() => io.unpackCheckpoint(weights, 'w'), /w: is not a checkpoint of Trainyard, but plain weights/)
})

test('no change of one byte goes unnoticed', async () => {
  const model = new nn.Linear(1, 2)
  const bytes = await io.packCheckpoint({ model, generators: { default: new Generator(1) } }, { epoch: 1 })
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = bytes.slice()
      damaged[at] ^= change
      // White space after the header is the one place that says nothing.
      fc.pre(!(bytes[at] === 0x20 && [0x09, 0x0a, 0x0d].includes(damaged[at])))
      assert.throws(() => io.unpackCheckpoint(damaged), { name: 'FormatError' })
    }),
    { numRuns: 500 },
  )
})
