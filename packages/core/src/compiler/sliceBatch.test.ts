import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeLeaf, type Node } from '../graph/node.ts'
import { Storage } from '../graph/storage.ts'
import { build as g } from '../ops/build.ts'
import { registry as ops } from '../ops/registry.ts'
import { programGraph } from '../runtime/program.ts'
import { sizeOf } from '../tensor/shape.ts'
import { sliceBatch } from './sliceBatch.ts'
import { argument, program } from './testing.ts'

const plain = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1], groups: 1 } as const
const weights = () => argument([6, 3, 3, 3])
/** Rows of a slice, and how many slices; null where a program is not cut. */
const cutOf = (above: number, ...outputs: Node[]) => {
  const sliced = sliceBatch(program(...outputs), above)
  return sliced && [sliced.graph.outputs[0].shape[0], sliced.slices]
}

test('a network that predicts is cut: what is the same for all rows stays, the rest gets fewer rows', () => {
  const [x, w, bias] = [argument([12, 3, 8, 8]), weights(), argument([6])]
  const biased = g.add(g.conv2d(x, w, plain), g.expand(g.reshape(bias, [1, 6, 1, 1]), [12, 6, 8, 8]))
  const pooled = g.maxPool2d(g.relu(biased), { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] })
  const classes = g.matmul(g.reshape(pooled, [12, 96]), argument([96, 5]), false, false)
  const sliced = sliceBatch(program(g.sum(classes, [1])), 4 * 6 * 64 * 8)
  assert.ok(sliced)
  assert.equal(sliced.slices, 3)
  assert.deepEqual(
    sliced.graph.inputs.map(({ shape }) => shape),
    [[4, 3, 8, 8], [6, 3, 3, 3], [6], [96, 5]],
  )
  assert.deepEqual(sliced.isCut, [true, false, false, false])
  assert.deepEqual(sliced.graph.outputs[0].shape, [4])
})

test('slices divide the batch and take at most half of the limit; what is small, or a batch of a prime, is left whole', () => {
  const rowBytes = 4 * 6 * 64
  const y = (rows: number) => g.conv2d(argument([rows, 3, 8, 8]), weights(), plain)
  assert.equal(cutOf(12 * rowBytes, y(12)), null)
  assert.deepEqual(cutOf(11 * rowBytes, y(12)), [4, 3])
  assert.deepEqual(cutOf(4 * rowBytes, y(12)), [2, 6])
  assert.deepEqual(cutOf(0, y(12)), [1, 12])
  assert.deepEqual(cutOf(8 * rowBytes, y(13)), [1, 13])
  assert.equal(cutOf(9 * rowBytes, y(13)), null)
})

test('a batch of as many rows as there are channels is cut all the same', () => {
  const buffer = (...shape: number[]) =>
    makeLeaf(ops.buffer, { storage: new Storage('float32', sizeOf(shape)) }, shape, 'float32')
  const [x, w, scale] = [argument([6, 3, 8, 8]), buffer(6, 3, 3, 3), buffer(6)]
  const deviation = g.rsqrt(g.add(scale, g.expand(g.reshape(g.scalar(1e-5), [1]), [6])))
  const y = g.mul(g.conv2d(x, w, plain), g.expand(g.reshape(deviation, [1, 6, 1, 1]), [6, 6, 8, 8]))
  assert.deepEqual(cutOf(0, g.mul(y, g.exp(g.expand(g.reshape(scale, [1, 6, 1, 1]), [6, 6, 8, 8])))), [1, 6])
  assert.equal(cutOf(0, g.mul(y, g.expand(g.reshape(scale, [6, 1, 1, 1]), [6, 6, 8, 8]))), null)
})

test('rows that depend on each other are never cut', () => {
  const x = argument([4, 4])
  const product = g.matmul(x, argument([4, 4], 'float32'), false, false)
  const image = argument([4, 3, 8, 8])
  const convolved = g.conv2d(image, weights(), plain)
  const refused: Record<string, Node> = {
    'a sum over the batch': g.expand(g.reshape(g.sum(product, [0]), [1, 4]), [4, 4]),
    'statistics of the batch': g.standardize(convolved, [0, 2, 3], 1e-5),
    'the batch as columns': g.matmul(x, g.matmul(x, x, false, false), true, false),
    'rows in another order': g.permute(g.matmul(x, x, false, false), [1, 0]),
    'rows beside a counter': g.mul(
      g.relu(g.matmul(x, argument([4, 5]), false, false)),
      g.cast(g.iota([4, 5], 0), 'float32'),
    ),
    'rows of a reshape across them': g.reshape(g.matmul(argument([8, 2]), argument([2, 2]), false, false), [4, 4]),
    'rows picked from others': g.gather(g.matmul(x, argument([4, 5]), false, false), argument([4, 5], 'int32'), 0),
  }
  for (const [what, node] of Object.entries(refused)) assert.equal(cutOf(0, node), null, what)
  // The second argument has four rows as well, and is wanted whole.
  assert.equal(cutOf(0, product), null)
})

test('programs that change state, or give back what is no batch, are left whole', () => {
  const x = argument([4, 3, 8, 8])
  const y = g.conv2d(x, weights(), plain)
  assert.equal(cutOf(0, y, g.sum(y, [0, 1, 2, 3])), null)
  const graph = program(y)
  const state = programGraph([...graph.inputs], [y], [])
  assert.ok(sliceBatch(state, 0))
  assert.equal(sliceBatch({ ...state, updates: [{ buffer: 0, value: y }] }, 0), null)
})
