import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { detectEngine, measurePeak, narrowTile, wasmFeatures, wideTile } from './index.ts'
import { buildMicroKernel } from './microKernel.ts'

test('Node 24 has SIMD, relaxed SIMD and threads', () => {
  assert.deepEqual(detectEngine(), { simd: true, relaxedSimd: true, threads: true })
})

test('the chosen tile belongs to the chosen mode, and the reason is told', () => {
  const features = wasmFeatures()
  assert.equal(features.tile, features.revectorize ? wideTile : narrowTile)
  assert.match(features.revectorizeReason, /GFLOP\/s|switched off|needs Node/)
  assert.equal(wasmFeatures(), features)
})

for (const flavour of ['strict', 'relaxed'] as const)
  for (const revectorize of [false, true])
    test(`both tiles are right: ${flavour}, ${revectorize ? 'joined' : 'single'} vectors`, () => {
      for (const tile of [narrowTile, wideTile]) {
        const kernel = buildMicroKernel(tile, flavour, revectorize)
        assert.ok(kernel.error() > 0.1, 'the check notices that nothing is computed yet')
        kernel.run(3)
        assert.ok(kernel.error() < 1e-6)
      }
    })

test('the measured peak is a rate that SIMD code reaches', () => {
  const peak = measurePeak(10)
  assert.ok(peak > 1 && peak < 2000, `${peak} GFLOP/s`)
})

test('TRAINYARD_REVECTORIZE=0 switches joining off', () => {
  const module = new URL('./index.ts', import.meta.url).href
  const { stdout } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { wasmFeatures } from '${module}'; console.log(JSON.stringify(wasmFeatures()))`,
    ],
    {
      env: { ...process.env, TRAINYARD_REVECTORIZE: '0' },
      encoding: 'utf8',
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    },
  )
  const features = JSON.parse(stdout)
  assert.equal(features.revectorize, false)
  assert.deepEqual(features.tile, narrowTile)
  assert.match(features.revectorizeReason, /switched off/)
})
