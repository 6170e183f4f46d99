import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { arange, tensor } from '../index.ts'

test('ranges of one axis are what Array.slice takes, with steps', async () => {
  const bound = fc.option(fc.integer({ min: -9, max: 9 }))
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 7 }),
      bound,
      bound,
      fc.integer({ min: 1, max: 3 }),
      async (n, a, b, s) => {
        const expected = Array.from({ length: n }, (_, i) => i)
          .slice(a ?? undefined, b ?? undefined)
          .filter((_, i) => i % s === 0)
        assert.deepEqual(await arange(n).slice([a, b, s]).toArray(), expected)
      },
    ),
    { numRuns: 60 },
  )
})

test('a number drops its axis, null keeps one whole', async () => {
  const x = arange(24).reshape([2, 3, 4])
  assert.deepEqual(await x.slice(1, null, -1).toArray(), [15, 19, 23])
  assert.deepEqual(await x.slice(0, 2).toArray(), [8, 9, 10, 11])
  assert.deepEqual(await x.slice(0, 2, 3).item(), 11)
})

test('indices out of range and ranges that make no sense are named', () => {
  const x = tensor([[1, 2, 3]])
  assert.throws(() => x.slice(1), /slice: index 1 is out of range for axis 0 of \[1, 3\]/)
  assert.throws(() => x.slice(0, -4), /index -4 is out of range for axis 1/)
  assert.throws(() => x.slice(0, [0, 2, 0]), /step 0 on axis 1 must be an integer of at least 1/)
  assert.throws(() => x.slice(0, [0.5]), /bound 0.5/)
  assert.throws(() => x.slice(0, 0, 0), /3 indices for the 2 axes/)
})

test('gather and indexSelect pick, and send gradients back', async () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ])
  x.requiresGrad = true
  const picked = x.gather(1, tensor([[0, 0], [2, 1]], { dtype: 'int32' })) // biome-ignore format: one row
  assert.deepEqual(await picked.toArray(), [
    [1, 1],
    [6, 5],
  ])
  picked.sum().backward()
  assert.deepEqual(await x.grad!.toArray(), [
    [2, 0, 0],
    [0, 1, 1],
  ])
  assert.deepEqual(await x.indexSelect(1, tensor([2, 0, 2], { dtype: 'int32' })).toArray(), [
    [3, 1, 3],
    [6, 4, 6],
  ])
  assert.throws(() => x.gather(1, tensor([[0]])), /index must be int32, got float32/)
})
