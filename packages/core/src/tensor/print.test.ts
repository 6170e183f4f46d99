import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arange, tensor } from '../index.ts'

test('rows are aligned, truths are words, small numbers are in scientific notation', async () => {
  assert.equal(
    await tensor([[1, -2.5], [10, 0.125]]).show(), // biome-ignore format: one row
    '[[ 1.0000, -2.5000],\n [10.0000,  0.1250]]',
  )
  assert.equal(await tensor([true, false]).show(), '[ true, false]')
  assert.equal(await tensor(1e-6).show(), '1.0000e-6')
  assert.equal(await tensor([Number.NaN, Number.POSITIVE_INFINITY]).show(), '[     NaN, Infinity]')
})

test('long axes are shortened to their ends', async () => {
  assert.equal(await arange(5000).show(), '[   0,    1,    2, …, 4997, 4998, 4999]')
})

test('a handle prints its shape and type without being computed', () => {
  assert.equal(String(tensor([1, 2]).mul(2)), 'Tensor([2], float32)')
})
