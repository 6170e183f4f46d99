import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gradients } from '../autograd/backward.ts'
import { makeLeaf, type Node } from '../graph/node.ts'
import { build as g } from '../ops/build.ts'
import type { ConvAttrs } from '../ops/conv2d.ts'
import { registry as ops } from '../ops/registry.ts'
import { statistics } from '../ops/standardize.ts'
import { planKernels, prepareResults } from './fuse.ts'
import { argument, kernelsOf, plainTarget, program } from './testing.ts'

const axes = [0, 2, 3]
const attrs: ConvAttrs = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 }
const convolution = (x: Node) => g.conv2d(x, argument([16, x.shape[1], 1, 1]), attrs)
const images = () => argument([2, 8, 64, 64])

/** What the kernels of convolutions gather: the statistics, and of how many channels. */
function gathered(...outputs: Node[]): string[] {
  const graph = program(...outputs)
  const { kernels } = planKernels(prepareResults(graph, plainTarget), graph, plainTarget)
  return kernels.flatMap((kernel) =>
    kernel.kind === 'op' && kernel.epilogue
      ? kernel.epilogue.gathers.map(({ statistic, targets }) => `${statistic} of ${targets[0].shape}`)
      : [],
  )
}

test('a batch norm forward leaves nothing to read but what it normalises', () => {
  const normal = g.standardize(convolution(images()), axes, 1e-5)
  assert.deepEqual(gathered(normal), ['moments of 16'])
  assert.equal(kernelsOf(normal).filter((kernel) => kernel.includes('fold')).length, 0)
})

test('the two sums of its gradient are gathered where the gradient comes from', () => {
  const y = makeLeaf(ops.input, { index: 1000 }, [2, 16, 64, 64], 'float32', true)
  const activated = g.relu(g.standardize(y, axes, 1e-5))
  const [gradient] = gradients(convolution(activated), [y], argument([2, 16, 64, 64]))
  assert.deepEqual(gathered(gradient!), ['sum of 16', 'sum of 16'])
})

test('a variance by itself is moments too, and a mean by itself a sum', () => {
  const { mean, variance } = statistics(g, convolution(images()), { axes, eps: 0 })
  assert.deepEqual(gathered(variance), ['moments of 16'])
  assert.deepEqual(gathered(mean), ['sum of 16'])
})

test('sums that wait for another sum of the same results are done apart', () => {
  const y = convolution(images())
  const mean = g.expand(g.reshape(g.sum(y, axes), [1, 16, 1, 1]), [...y.shape])
  // Not the mean but the sum, so no moments; and one with a result of its own from another convolution.
  assert.deepEqual(gathered(g.sum(g.exp(g.sub(y, mean)), axes)), ['sum of 16'])
  const other = convolution(argument([2, 16, 64, 64]))
  assert.deepEqual(gathered(g.sum(g.mul(other, convolution(g.relu(other))), axes)), ['sum of 16'])
})

test('a part of the results, or more than they are, is summed apart', () => {
  const y = g.conv2d(argument([2, 8, 64, 64]), argument([32, 8, 1, 1]), attrs)
  assert.deepEqual(gathered(y, g.sum(g.slice(y, [0, 0, 0, 0], [2, 32, 32, 32]), axes)), [])
  assert.deepEqual(gathered(y, g.sum(g.slice(y, [0, 0, 0, 0], [2, 16, 64, 64]), axes)), [])
  assert.deepEqual(gathered(y, g.sum(g.pad(y, [0, 0, 0, 0], [0, 0, 1, 0], 3), axes)), [])
})

test('distances from the means of the channels laid along another axis are no variance', () => {
  const y = g.conv2d(argument([1, 8, 64, 64]), argument([64, 8, 1, 1]), attrs)
  const mean = g.mul(g.sum(y, axes), g.scalar(1 / 64 ** 2))
  const varianceFrom = (shape: readonly number[]): Node => {
    const centered = g.sub(y, g.expand(g.reshape(mean, shape), [...y.shape]))
    return g.sum(g.mul(centered, centered), axes)
  }
  assert.deepEqual(gathered(varianceFrom([1, 64, 1, 1])), ['moments of 64'])
  assert.deepEqual(gathered(varianceFrom([1, 1, 64, 1])), ['sum of 64'])
  assert.deepEqual(gathered(varianceFrom([1, 1, 1, 64])), ['sum of 64'])
})

test('other axes, small images and the largest element are left to kernels of their own', () => {
  const y = convolution(images())
  assert.deepEqual(gathered(g.sum(y, [2, 3]), g.max(y, axes)), [])
  assert.deepEqual(gathered(g.sum(convolution(argument([2, 8, 16, 16])), axes)), [])
})
