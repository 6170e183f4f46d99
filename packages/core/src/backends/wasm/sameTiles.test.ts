import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prepare } from '../../testing/cases.ts'
import { asArguments } from '../../testing/elements.ts'
import { gatheredCases } from '../../testing/gatheredCases.ts'
import { narrowTile, wideTile } from './features/index.ts'
import { backendOf } from './index.ts'
import { WasmRuntime } from './runtime.ts'

/** The strict backend of a machine with that register tile. */
async function strictBackend(tile: typeof wideTile) {
  const runtime = await WasmRuntime.create({ threads: 1, strict: true })
  return backendOf(Object.assign(runtime, { tile }))
}

const machines = [await strictBackend(narrowTile), await strictBackend(wideTile)]

for (const example of gatheredCases())
  test(`strict, the same bits with every register tile: ${example.name}`, async () => {
    const { graph, elements } = prepare(example)
    const [narrow, wide] = await Promise.all(
      machines.map(async (machine) => {
        const program = await machine.build(graph)
        return program.run({ inputs: asArguments(elements), buffers: [], feeds: [] })
      }),
    )
    wide.forEach((result, i) => {
      assert.deepEqual(result.read(), narrow[i].read(), `output ${i}`)
    })
  })
