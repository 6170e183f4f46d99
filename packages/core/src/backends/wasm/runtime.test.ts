import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WasmRuntime } from './runtime.ts'

test('a block that could not be replaced by a larger one is nobody’s any more', async () => {
  const runtime = await WasmRuntime.create({ threads: 1 })
  for (const block of [(bytes: number) => runtime.staging(bytes), (bytes: number) => runtime.table(bytes / 4)]) {
    block(1000)
    assert.throws(() => block(2 ** 33), RangeError)
    const other = runtime.heap.allocate(1000)
    assert.notEqual(block(500), other)
    block(5000)
    assert.notEqual(runtime.heap.allocate(1000), other)
  }
})
