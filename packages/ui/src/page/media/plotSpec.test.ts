import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPlotSpec } from './plotSpec.ts'

test('marks as data, flat or with options', () => {
  const made = readPlotSpec({
    grid: true,
    marks: [
      { mark: 'line', data: [{ x: 1 }], x: 'x' },
      { type: 'ruleY', data: [0], options: { stroke: 'red' } },
      { mark: 'frame' },
    ],
  })
  assert.deepEqual(made.options, { grid: true })
  assert.deepEqual(made.marks[0], { name: 'line', data: [{ x: 1 }], options: { x: 'x' } })
  assert.deepEqual(made.marks[1].options, { stroke: 'red' })
  assert.equal(made.marks[2].data, null)
})

test('what is wrong is said, and nothing but marks can be called', () => {
  assert.throws(() => readPlotSpec(null), /no object/)
  assert.throws(() => readPlotSpec({}), /no marks/)
  assert.throws(() => readPlotSpec({ marks: [{ mark: 'constructor' }] }), /"constructor" is not known/)
  assert.throws(() => readPlotSpec({ marks: [{ mark: 'geo', data: [] }] }), /not known/)
  assert.throws(() => readPlotSpec({ marks: [{ mark: 'dot', data: 'https://x' }] }), /must be a list/)
})
