import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { trainyard } from './run.ts'

const scratch = mkdtempSync(join(tmpdir(), 'trainyard-results-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

/** Strict: what is reached here is reached with the same numbers on every machine. */
async function study(words: string) {
  const { code, stdout, stderr } = await trainyard(['study', ...words.split(' '), '--strict', '--json'], scratch)
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

test("on MNIST both networks reach the report's accuracies after four epochs", async () => {
  const { models } = await study('mnist')
  const [mlp, cnn] = models
  assert.deepEqual([mlp.parameters, cnn.parameters], [109_386, 12_810])
  assert.ok(mlp.accuracy >= 0.94, `MLP ${mlp.accuracy}`)
  assert.ok(cnn.accuracy >= 0.97, `CNN ${cnn.accuracy}`)
  for (const { confusion, perClass, accuracy } of models) {
    const all = confusion.flat().reduce((sum: number, n: number) => sum + n, 0)
    assert.equal(all, 10_000, 'all test images count')
    const right = confusion.reduce((sum: number, row: number[], i: number) => sum + row[i], 0)
    assert.equal(accuracy, right / 10_000)
    for (const [i, row] of confusion.entries())
      assert.equal(perClass[i], row[i] / row.reduce((sum: number, n: number) => sum + n, 0))
  }
})

test('on XOR depth 0 never does it, and three units mostly do', async () => {
  const { rows } = await study('xor')
  for (const row of rows) {
    assert.equal(row.repeats, 10)
    if (row.depth === 0 || row.width === 1) assert.equal(row.solved, 0)
  }
  const three = rows.filter((row: { depth: number; width: number }) => row.depth > 0 && row.width === 3)
  const solved = three.reduce((sum: number, row: { solved: number }) => sum + row.solved, 0) / three.length
  assert.ok(solved > 0.5, `${solved}`)
})
