import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeLeaf, type Node } from '../graph/node.ts'
import { Storage } from '../graph/storage.ts'
import { build as g } from '../ops/build.ts'
import { registry as ops } from '../ops/registry.ts'
import { programGraph } from '../runtime/program.ts'
import { planMemory } from './memory.ts'
import { planProgram } from './planProgram.ts'
import { argument, plainTarget, program } from './testing.ts'

/** Plans a program whose every op is a kernel of its own. */
function plan(graph: ReturnType<typeof program>) {
  const { plan: kernels, order } = planProgram(graph, plainTarget, { fuse: false })
  const memory = planMemory(
    kernels,
    order,
    graph,
    order.kernels.map(() => 0),
  )
  return { kernels, order, memory }
}

test('blocks in use at the same time never overlap, for random graphs', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { minLength: 1, maxLength: 25 }), (steps) => {
      const nodes: Node[] = [argument([16]), argument([16])]
      for (const [a, b, unary] of steps) {
        const [x, y] = [nodes[a % nodes.length], nodes[b % nodes.length]]
        nodes.push(unary ? g.exp(x) : g.mul(x, y))
      }
      const graph = program(nodes.at(-1)!, nodes[nodes.length >> 1])
      const { order, memory, kernels } = plan(graph)
      const last = new Map<Node, number>()
      order.kernels.forEach((kernel, i) => {
        for (const read of kernel.reads) last.set(kernels.aliases.get(read) ?? read, i)
      })
      const live: { node: Node; offset: number }[] = []
      order.kernels.forEach((kernel, i) => {
        for (const node of kernel.nodes) {
          const place = memory.placeOf(node)
          if (kernels.outputs.includes(node)) {
            assert.deepEqual(place, { kind: 'result', index: kernels.outputs.indexOf(node) })
            continue
          }
          assert.ok(place.kind === 'arena')
          for (const other of live) {
            if ((last.get(other.node) ?? -1) < i) continue
            assert.ok(Math.abs(other.offset - place.offset) >= 64, `${node.op.name} overlaps ${other.node.op.name}`)
          }
          live.push({ node, offset: place.offset })
        }
      })
    }),
    { numRuns: 60 },
  )
})

test('a long chain needs memory for two links', () => {
  let x = argument([1024])
  for (let i = 0; i < 20; i++) x = g.exp(x)
  const { memory } = plan(program(x))
  assert.ok(memory.arenaBytes <= 3 * (4096 + 64), `${memory.arenaBytes} bytes`)
})

test('an update is written in place of the buffer once nobody reads the old content any more', () => {
  const storage = new Storage('float32', 8)
  const weight = makeLeaf(ops.buffer, { storage }, [8], 'float32')
  const x = argument([8])
  // The output reads the old weight: it must be computed before the weight is replaced.
  const output = g.exp(g.mul(weight, x))
  const graph = programGraph([x], [output], [{ storage, shape: [8], value: g.sub(weight, x) }])
  const { order, memory, kernels } = plan(graph)
  assert.deepEqual(memory.placeOf(kernels.updates[0].value), { kind: 'buffer', index: 0 })
  const writer = order.kernels.findIndex((kernel) => kernel.nodes.includes(kernels.updates[0].value))
  const readers = order.kernels.flatMap((kernel, i) => (i !== writer && kernel.reads.has(weight) ? [i] : []))
  assert.ok(readers.every((reader) => reader < writer))
})

test('two buffers that swap their contents are copied at the end', () => {
  const [a, b] = [new Storage('float32', 8), new Storage('float32', 8)]
  const node = (storage: Storage) => makeLeaf(ops.buffer, { storage }, [8], 'float32')
  const graph = programGraph(
    [],
    [],
    [
      { storage: a, shape: [8], value: node(b) },
      { storage: b, shape: [8], value: node(a) },
    ],
  )
  const { memory, kernels } = plan(graph)
  const places = kernels.updates.map(({ value }) => memory.placeOf(value).kind)
  assert.ok(places.includes('arena'), 'at least one of the two is taken aside first')
})
