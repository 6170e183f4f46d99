import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { reference } from '../backends/reference/index.ts'
import { forwardCases, gradientCases, prepare } from '../testing/cases.ts'
import { checkGradient } from '../testing/gradcheck.ts'
import { type OpName, registry } from './registry.ts'
import type { OpSpec } from './spec.ts'

const LEAVES = ['buffer', 'input', 'feed', 'constant', 'iota', 'random']

describe('ops', () => {
  test('every op has samples', () => {
    for (const [name, op] of Object.entries(registry) as [OpName, OpSpec][]) {
      assert.equal(op.name, name)
      if (!LEAVES.includes(name)) assert.ok(op.samples().length > 0, name)
    }
  })

  for (const example of gradientCases()) {
    const first = forwardCases().find(({ op, name }) => op === example.op && `gradient ${name}` === example.name)!
    test(`gradient of ${first.op}, ${first.name}`, () => {
      checkGradient(first)
    })
    test(`second derivatives of ${first.op}, ${first.name}`, () => {
      checkGradient(example)
    })
  }

  for (const example of forwardCases()) {
    test(`${example.op}, ${example.name}: shape and type are as computed`, async () => {
      const { graph, elements } = prepare(example)
      const program = await reference.build(graph)
      const results = await program.run({ inputs: elements, buffers: [], feeds: [] })
      graph.outputs.forEach(({ shape, dtype }, i) => {
        assert.equal(
          results[i].length,
          shape.reduce((a, b) => a * b, 1),
        )
        assert.equal(results[i].constructor, dtype === 'float32' ? Float32Array : Int32Array)
        if (dtype === 'bool') assert.ok(results[i].every((x) => x === 0 || x === 1))
      })
    })
  }
})
