import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { nn } from '@trainyard/core'
import { writeSquares } from '../testing/idxFolder.ts'
import { evaluate } from './evaluate.ts'
import { mnistModels, sidesOf } from './models.ts'
import { isMnist } from './result.ts'
import { mnistStudy } from './study.ts'

const scratch = mkdtempSync(join(tmpdir(), 'trainyard-mnist-'))
after(() => rmSync(scratch, { recursive: true, force: true }))
process.env.TRAINYARD_DIR = join(scratch, 'runs')

test('the models have the parameters and shapes of the report', () => {
  const [mlp, cnn] = [mnistModels.mlp(), mnistModels.cnn()].map((model) => nn.summary(model, [1, 1, 28, 28]))
  assert.equal(mlp.parameters, 109_386)
  assert.equal(cnn.parameters, 12_810)
  assert.deepEqual(sidesOf(28), [26, 13, 11, 5])
  assert.throws(
    () => mnistModels.cnn({ height: 8, width: 8 }),
    /images of 8 × 8 are too small for the CNN.*--model mlp/,
  )
  assert.equal(nn.summary(mnistModels.cnn({ height: 10, width: 10 }), [1, 1, 10, 10]).outputShape!.at(-1), 10)
  const sides = cnn.layers.map(({ outputShape }) => outputShape!.at(-1))
  assert.deepEqual(sides, [26, 26, 13, 11, 11, 5, 800, 10, 10])
})

test('every test image counts, and mistakes come with the surest first', () => {
  const log = (...p: number[]) => p.map(Math.log)
  const outputs = Float32Array.from([...log(0.9, 0.1), ...log(0.8, 0.2), ...log(0.4, 0.6), ...log(0.45, 0.55)])
  const found = evaluate(outputs, Uint8Array.from([0, 1, 1, 0]), 2)
  assert.equal(found.accuracy, 0.5)
  assert.deepEqual(found.perClass, [0.5, 0.5])
  assert.deepEqual(found.confusion, [
    [1, 1],
    [1, 1],
  ])
  assert.deepEqual(
    found.mistakes.map(({ index, truth, guess }) => [index, truth, guess]),
    [
      [1, 1, 0],
      [3, 0, 1],
    ],
  )
  assert.equal(isMnist([5, 5]), false)
})

test('a data set of another size and number of classes goes the same way, from data to report', async () => {
  const data = join(scratch, 'squares')
  writeSquares(data)
  const out = join(scratch, 'report')
  const lines: string[] = []
  const options = { data, out, epochs: 3, batchSize: 16, learningRate: 0.02, seed: 3 }
  const result = await mnistStudy({ ...options, print: (text) => lines.push(text) })
  assert.deepEqual(
    result.models.map(({ name, epochs }) => [name, epochs]),
    [
      ['mlp', 3],
      ['cnn', 3],
    ],
  )
  for (const { accuracy, perClass, confusion } of result.models) {
    assert.equal(accuracy, 1)
    // Ten classes at least are told apart; those without images have no share.
    assert.deepEqual(perClass, [1, 1, 1, 1, ...new Array(6).fill(null)])
    assert.equal(
      confusion.flat().reduce((sum, n) => sum + n, 0),
      100,
    )
  }
  const markdown = readFileSync(join(out, 'report.md'), 'utf8')
  assert.match(markdown, /^# Feed-forward against convolutional\n/)
  assert.match(markdown, /Sides: 12 → 10 → 5 → 3 → 1/)
  assert.ok(!markdown.includes('report:'), "the report's numbers are of MNIST alone")
  assert.ok(lines.some((line) => line.includes(join(out, 'report.html'))))
})
