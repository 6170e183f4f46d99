import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { FitContext } from './callback.ts'
import { bestIn, checkpoints, latestIn, previousIn } from './checkpoints.ts'

/** Where a training stands after an epoch, with a trainer that saves the number of the epoch. */
function after(epoch: number, loss: number, save: (file: string) => void): FitContext {
  const history = [{ epoch, step: epoch, learningRate: 1, seconds: 1, metrics: { 'train/loss': loss } }]
  return { history, epoch, epochs: 9, trainer: { save: async (file: string) => save(file) } } as unknown as FitContext
}

test('the newest state, the one before it and the best; a full disk costs none of them', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-checkpoints-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const callback = checkpoints({ folder })
  const kept = () => [latestIn, previousIn, bestIn].map((file) => readFileSync(file(folder), 'utf8'))
  for (const [epoch, loss] of [
    [1, 0.5],
    [2, 0.3],
    [3, 0.4],
  ])
    await callback.onEpochEnd!(after(epoch, loss, (file) => writeFileSync(file, `${epoch}`)))
  assert.deepEqual(kept(), ['3', '2', '2'])
  const full = () => {
    throw new Error('no space left')
  }
  await assert.rejects(async () => callback.onEpochEnd!(after(4, 0.6, full)), /no space left/)
  assert.equal(readFileSync(latestIn(folder), 'utf8'), '3')
  assert.equal(readFileSync(bestIn(folder), 'utf8'), '2')
  assert.deepEqual(readdirSync(folder).sort(), ['best.safetensors', 'latest.safetensors'])
  await callback.onEpochEnd!(after(4, 0.6, (file) => writeFileSync(file, '4')))
  assert.deepEqual(kept(), ['4', '3', '2'])
})
