import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Generator, nn } from '@trainyard/core'
import { noisyXor } from './data.ts'
import { DEPTHS, trainGrid, WIDTHS, type XorSetting, xorSets } from './grid.ts'
import { parametersByFormula, xorModel } from './model.ts'
import { REPORTED, rowOf } from './result.ts'
import { comparisonTable } from './tables.ts'

const setting: XorSetting = {
  seed: 1,
  repeats: 3,
  training: { learningRate: 0.1, batchSize: 128, epochs: 200 },
  deviation: 0.1,
  trainSize: 1000,
  testSize: 500,
}

test('models have the layers and parameters that their depth and width say', () => {
  for (const depth of DEPTHS) {
    for (const width of WIDTHS) {
      const model = xorModel(depth, width)
      const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0)
      assert.equal(parameters, parametersByFormula(depth, width), `${depth} × ${width}`)
      const linear = model.layers.filter((layer) => layer instanceof nn.Linear)
      assert.equal(linear.length, depth + 1)
      assert.equal(new Set(linear.map((layer) => layer.weight)).size, depth + 1, 'no layer shares its weights')
    }
  }
  assert.equal(parametersByFormula(0, 3), 3)
  assert.equal(parametersByFormula(3, 3), 37)
})

test('points lie around the corners, and are of class 1 where one coordinate is 1', async () => {
  const { points, labels } = await noisyXor(2000, 0.1, new Generator(4))
  const [xy, classes] = [await points.data(), await labels.data()]
  let offset = 0
  const corners = [0, 0, 0, 0]
  for (let i = 0; i < classes.length; i++) {
    const [a, b] = [Math.round(xy[2 * i]), Math.round(xy[2 * i + 1])]
    assert.equal(classes[i], a === b ? 0 : 1)
    corners[2 * a + b]++
    offset += (xy[2 * i] - a) ** 2
  }
  for (const count of corners) assert.ok(Math.abs(count - 500) < 100, `${corners}`)
  assert.ok(Math.abs(Math.sqrt(offset / classes.length) - 0.1) < 0.01)
})

test('the grid: lines never solve it, three units behind one or two layers mostly do', async () => {
  const sets = await xorSets(setting)
  const cells = await trainGrid(setting, sets, () => {})
  const rows = cells.map((cell) => rowOf(cell))
  assert.equal(rows.length, 12)
  const solved = (depth: number, width: number) =>
    rows.find((row) => row.depth === depth && row.width === width)!.solved
  for (const width of WIDTHS) assert.equal(solved(0, width), 0)
  for (const depth of DEPTHS) assert.equal(solved(depth, 1), 0, 'one unit draws one line')
  for (const depth of [1, 2]) assert.ok(solved(depth, 3) > 0.5)
  for (const row of rows) {
    assert.equal(row.repeats, 3)
    assert.ok(row.accuracyMean >= 0 && row.accuracyMean <= 1 && row.lossMean > 0)
  }

  // A repeat's network does not depend on how many others are trained, nor in which process.
  const once = await trainGrid({ ...setting, repeats: 1 }, await xorSets(setting), () => {})
  for (const [i, cell] of once.entries()) assert.deepEqual(cell.outcomes[0], cells[i].outcomes[0])
})

test("the report's depths 0 and 1 both stand beside our depth 1", () => {
  const rows = DEPTHS.flatMap((depth) =>
    WIDTHS.map((width) => rowOf({ depth, width, parameters: 3, outcomes: [outcome(0.5), outcome(1)] })),
  )
  const table = comparisonTable(rows)
  assert.equal(table.rows.length, 3 + REPORTED.length)
  assert.deepEqual(table.rows[0].slice(4), ['–', 'not built', '–'])
  assert.deepEqual(table.rows[3].slice(0, 2), [1, 1])
  assert.deepEqual(
    table.rows.slice(3, 5).map((row) => row[4]),
    [0, 1],
  )
})

function outcome(accuracy: number) {
  return { accuracy, loss: 0.1, curve: new Float32Array(1), surface: new Float32Array(1) }
}
