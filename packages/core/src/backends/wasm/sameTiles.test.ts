import assert from 'node:assert/strict'
import { test } from 'node:test'
import { build as g } from '../../ops/build.ts'
import { type Case, prepare } from '../../testing/cases.ts'
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

/** Few images, of which the sum over pixels has to be cut: by blocks of rows, or output channels. */
const weightGradients = [5, 3].map(
  (kernel): Case => ({
    op: 'joined',
    name: `weight gradient ${kernel} × ${kernel}`,
    inputs: [{ shape: [1, 24, 28, 34] }, { shape: [1, 24, 28, 34] }],
    outputs: ([x, dy]) => {
      const padding = kernel >> 1
      return [
        g.conv2dWeightGrad(x, dy, {
          stride: [1, 1],
          padding: [padding, padding, padding, padding],
          dilation: [1, 1],
          groups: 1,
          weightShape: [24, 24, kernel, kernel],
        }),
      ]
    },
  }),
)

const machines = [await strictBackend(narrowTile), await strictBackend(wideTile)]

for (const example of [...gatheredCases(), ...weightGradients])
  test(`strict, the same bits with every register tile: ${example.name}`, async () => {
    const { graph, elements } = prepare(example)
    const [narrow, wide] = await Promise.all(
      machines.map(async (machine) => {
        const program = await machine.build(graph)
        return program.run({ inputs: asArguments(elements), buffers: [], feeds: [] })
      }),
    )
    wide.forEach((result, i) => {
      const [a, b] = [result.read(), narrow[i].read()]
      assert.equal(a.filter((element, at) => !Object.is(element, b[at])).length, 0, `output ${i}`)
    })
  })
