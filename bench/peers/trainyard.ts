/** Trainyard itself, in a process as its peers have one: `--threads N`, `--strict`; TRAINYARD_REVECTORIZE=0 for 128-bit vectors. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createWasmBackend, measurePeak, useBackend, wasmFeatures } from '@trainyard/core'
import { cases } from '../cases/index.ts'
import { serve } from './serve.ts'

const { values } = parseArgs({ options: { threads: { type: 'string' }, strict: { type: 'boolean', default: false } } })
const setup = { threads: Number(values.threads ?? 2), strict: values.strict }
useBackend(await createWasmBackend(setup))
const { revectorize, relaxedSimd } = wasmFeatures()
const manifest = new URL('../../packages/core/package.json', import.meta.url)
const hello = {
  version: JSON.parse(readFileSync(manifest, 'utf8')).version as string,
  node: process.version,
  revectorize,
  flavour: setup.strict || !relaxedSimd ? 'strict' : 'relaxed',
}
await serve(
  hello,
  ({ case: name }) => cases.find((entry) => entry.name === name)?.make(setup) ?? null,
  () => ({ peakGflops: measurePeak(20) }),
)
