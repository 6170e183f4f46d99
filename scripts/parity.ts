import { reference } from '../packages/core/src/backends/reference/index.ts'
import { createWasmBackend } from '../packages/core/src/backends/wasm/index.ts'
import { makeNode } from '../packages/core/src/graph/node.ts'
import { Storage } from '../packages/core/src/graph/storage.ts'
import { registry } from '../packages/core/src/ops/registry.ts'
import { Generator } from '../packages/core/src/random/generator.ts'
import { programGraph } from '../packages/core/src/runtime/program.ts'
import { bufferNode } from '../packages/core/src/runtime/realize.ts'
import { allocate } from '../packages/core/src/tensor/dtype.ts'
import { sizeOf } from '../packages/core/src/tensor/shape.ts'

const only = process.argv[2]
const backends = [
  await createWasmBackend({ threads: 1 }),
  await createWasmBackend({ threads: 2 }),
  await createWasmBackend({ threads: 1, fuse: false }),
]
let bad = 0,
  good = 0
for (const op of Object.values(registry)) {
  if (only && op.name !== only) continue
  for (const sample of op.samples()) {
    const gen = new Generator(3)
    const inputs = sample.inputs.map((s) => {
      const n = sizeOf(s.shape),
        dtype = s.dtype ?? 'float32'
      const [lo, hi] = s.range ?? (dtype === 'float32' ? [-2, 2] : dtype === 'bool' ? [0, 1] : [0, 3])
      const u = gen.uniform(n),
        a = allocate(dtype, n)
      for (let i = 0; i < n; i++)
        a[i] = dtype === 'float32' ? lo + (hi - lo) * u[i] : lo + Math.floor((hi - lo + 1) * u[i])
      return bufferNode(new Storage(dtype, n, a), s.shape)
    })
    try {
      const node = makeNode(op as never, inputs, sample.attrs as never)
      const graph = programGraph([], [node], [])
      const args = { inputs: [], buffers: graph.buffers.map((b) => b.attrs.storage), feeds: [] }
      const [want] = await (await reference.build(graph)).run(args)
      for (const b of backends) {
        const [got] = await (await b.build(graph)).run(args)
        let err = 0
        for (let i = 0; i < want.length; i++) {
          const e = Math.abs(got[i] - want[i]) / (1 + Math.abs(want[i]))
          if (!(e <= err)) err = e
        }
        if (err > 1e-5 || Number.isNaN(err)) {
          bad++
          console.log(
            'BAD',
            b.name,
            op.name,
            sample.name ?? '',
            sample.inputs.map((i) => i.shape),
            err,
            [...want.slice(0, 6)].join(),
            [...got.slice(0, 6)].join(),
          )
        } else good++
      }
    } catch (e) {
      bad++
      console.log(
        'ERR',
        op.name,
        sample.name,
        JSON.stringify(sample.inputs.map((i) => i.shape)),
        (e as Error).stack!.split('\n').slice(0, 4).join('\n'),
      )
    }
  }
}
console.log({ good, bad })
process.exit()
