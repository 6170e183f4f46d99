import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatExplanation } from './formatExplanation.ts'

const kernels = [
  { name: 'gemm', shape: '16 parts', flops: 2e6, bytes: 3e6, seconds: 1e-3 },
  { name: 'relu', shape: '1 part', flops: 1e5, bytes: 1e6, seconds: 3e-3 },
]

test('a profiled program is printed slowest kernel first, with totals and memory', () => {
  const text = formatExplanation({ kernels, arenaBytes: 5e6, bufferBytes: 2e6, resultBytes: 1e6 }, { peak: 4 })
  const lines = text.split('\n')
  assert.match(lines[0], /kernel .* GFLOP\/s .* % of peak/)
  assert.match(lines[1], /^relu .* 3\.000 +75\.0/)
  assert.match(lines[2], /^gemm .* 1\.000 +25\.0 .* 2\.0 .* 50$/)
  assert.match(lines[3], /^all .*2 kernels .* 4\.000/)
  assert.match(lines[4], /5\.0 MB for intermediates at their peak, 2\.0 MB for buffers that stay, 1\.0 MB for results/)
})

test('rows beyond the limit are summed up, and without times only sizes are shown', () => {
  const untimed = kernels.map(({ seconds: _, ...rest }) => rest)
  const text = formatExplanation({ kernels: untimed, arenaBytes: 0, bufferBytes: 0, resultBytes: 0 }, { rows: 1 })
  assert.match(text, /^1 more/m)
  assert.doesNotMatch(text, /GFLOP\/s/)
})
