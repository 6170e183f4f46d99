import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsOf, settingsToResume, XRAY_DEFAULTS } from './settings.ts'

test('what is not said is as in the course', () => {
  assert.deepEqual(settingsOf({}), XRAY_DEFAULTS)
  const { batchSize, learningRate, optimizer, loss, size, encoder } = settingsOf({ epochs: 3, seed: 4 })
  assert.deepEqual(
    [batchSize, learningRate, optimizer, loss, size, encoder],
    [16, 1e-4, 'adam', 'bce+dice', 256, 'efficientnet-b0'],
  )
})

test('settings that make no sense are named', () => {
  const refused = (options: Parameters<typeof settingsOf>[0], pattern: RegExp) =>
    assert.throws(() => settingsOf(options), pattern)
  refused({ size: 12.5 }, /the size must be a whole number from 8 to 4096, got 12\.5/)
  refused({ epochs: 0 }, /the number of epochs/)
  refused({ learningRate: Number.NaN }, /the learning rate must be a number above 0, got NaN/)
  refused({ folds: 2 }, /the number of folds must be a whole number from 3/)
  refused({ fold: 1 }, /say how many there are by --folds/)
  refused({ folds: 5, fold: 5 }, /the fold must be a whole number from 0 to 4, got 5/)
  refused({ external: 'a', holdOut: 'b=c' }, /either by --external or by --hold-out/)
  refused({ maskThreshold: 1 }, /between 0 and 1/)
})

test('a training is continued with its own settings, for longer perhaps', () => {
  const stored = settingsOf({ size: 64, learningRate: 0.01, epochs: 5 })
  assert.deepEqual(settingsToResume(stored, {}), stored)
  assert.deepEqual(settingsToResume(stored, { size: 64, epochs: 9 }), { ...stored, epochs: 9 })
  assert.equal(settingsToResume(stored, { external: 'further/' }).external, 'further/')
  const { external: _, holdOut: __, ...older } = stored
  assert.deepEqual(settingsToResume(older as typeof stored, {}), stored)
  assert.throws(
    () => settingsToResume(stored, { size: 32, learningRate: 0.1 }),
    /size was 64, not 32, learningRate was 0\.01, not 0\.1; leave that out/,
  )
})
