import assert from 'node:assert/strict'
import { test } from 'node:test'
import { build as g } from '../ops/build.ts'
import { argument, kernelsOf } from './testing.ts'

test('a chain of pointwise ops is one loop over as few counters as memory allows', () => {
  const [x, y] = [argument([4, 5, 6]), argument([4, 5, 6])]
  assert.deepEqual(kernelsOf(g.relu(g.add(g.mul(x, y), g.scalar(1)))), ['for 120 -> relu[4, 5, 6]'])
})

test('views cost nothing: transposed, sliced, padded and stretched operands are read where they are', () => {
  const [x, bias] = [argument([6, 4]), argument([4])]
  const part = g.slice(g.permute(x, [1, 0]), [0, 1], [4, 5])
  assert.deepEqual(kernelsOf(g.mul(part, g.expand(g.reshape(bias, [4, 1]), [4, 4]))), ['for 4×4 -> mul[4, 4]'])
  assert.deepEqual(kernelsOf(g.neg(g.pad(x, [1, 0], [0, 2], 0))), ['for 7×6 -> neg[7, 6]'])
})

test('a reduction takes the expression it reduces with it', () => {
  const [x, y] = [argument([8, 16]), argument([8, 16])]
  assert.deepEqual(kernelsOf(g.sum(g.mul(x, y), [1])), ['for 8 fold 16 -> sum[8]'])
})

test('a product with a long vector is a sum, fused like any other; with a short one it stays a product', () => {
  const [x, y] = [argument([8, 64]), argument([64, 1])]
  const biased = g.add(g.matmul(x, y, false, false), g.scalar(1))
  assert.deepEqual(kernelsOf(biased), ['for 8 fold 64 -> sum[8]', 'for 8 -> add[8, 1]'])
  const short = g.matmul(argument([8, 16]), argument([16, 1]), false, false)
  assert.deepEqual(kernelsOf(short), ['matmul -> matmul[8, 1]'])
})

test('reductions of the same elements are done in one pass', () => {
  const x = argument([8, 16])
  assert.deepEqual(kernelsOf(g.sum(x, [1]), g.max(x, [1])), ['for 8 fold 16 -> sum[8] and max[8]'])
})

test('maps over the same elements are done in one pass, each result from registers', () => {
  const x = argument([64])
  const y = g.exp(x)
  assert.deepEqual(kernelsOf(y, g.mul(y, x)), ['for 64 -> exp[64] and mul[64]'])
})

test('what is stretched is computed before, once', () => {
  const [x, y] = [argument([8, 16]), argument([16])]
  const scale = g.rsqrt(g.add(y, g.scalar(1)))
  assert.deepEqual(kernelsOf(g.mul(x, g.expand(g.reshape(scale, [1, 16]), [8, 16]))), [
    'for 16 -> rsqrt[16]',
    'for 8×16 -> mul[8, 16]',
  ])
})

test('bias and activation become part of the product', () => {
  const [x, w, bias] = [argument([32, 8]), argument([16, 8]), argument([16])]
  const hidden = g.relu(g.add(g.matmul(x, w, false, true), g.expand(g.reshape(bias, [1, 16]), [32, 16])))
  assert.deepEqual(kernelsOf(hidden), ['matmul then -> relu[32, 16]'])
})

test('a product that somebody else wants as it is stays', () => {
  const [x, w] = [argument([32, 8]), argument([16, 8])]
  const product = g.matmul(x, w, false, true)
  assert.deepEqual(kernelsOf(g.relu(product), g.sum(product, [0])), [
    'matmul -> matmul[32, 16]',
    'for 512 -> relu[32, 16]',
    'for 16 fold 32 -> sum[16]',
  ])
})

test('an activation that several kernels read is stored in place of the product', () => {
  const [x, w] = [argument([32, 8]), argument([16, 8])]
  const product = g.matmul(x, w, false, true)
  const activated = g.mul(product, g.sigmoid(product))
  assert.deepEqual(kernelsOf(g.sum(activated, [0]), g.max(activated, [1])), [
    'matmul then -> mul[32, 16]',
    'for 16 fold 32 -> sum[16]',
    'for 32 fold 16 -> max[32]',
  ])
})

test('a large reduction to few results is done in two stages, whatever the number of threads', () => {
  assert.deepEqual(kernelsOf(g.sum(argument([1024, 64]), [0, 1])), [
    'for 32 fold 2048 -> sum[32]',
    'for 1 fold 32 -> sum[]',
  ])
})
