import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  arange,
  concat,
  eye,
  fromArray,
  full,
  hostScalar,
  linspace,
  ones,
  stack,
  tensor,
  wrapArray,
  zeros,
} from '../index.ts'

test('nested arrays become tensors; rows of different lengths or depths are refused', async () => {
  assert.deepEqual(tensor([[1, 2, 3], [4, 5, 6]]).shape, [2, 3]) // biome-ignore format: one row
  assert.equal(tensor([true, false]).dtype, 'bool')
  assert.deepEqual(await tensor([true, false]).toArray(), [true, false])
  assert.deepEqual(tensor(3).shape, [])
  assert.throws(() => tensor([[1, 2], [3]]), /rows at depth 1 have lengths 2 and 1/)
  assert.throws(() => tensor([1, [2]]), /a number was expected at depth 1/)
  assert.throws(() => tensor([[1], 2]), /rows at depth 1/)
})

test('arrays are copied by fromArray and taken over by wrapArray', async () => {
  const array = Float32Array.of(1, 2, 3, 4)
  const [copied, wrapped] = [fromArray(array, [2, -1]), wrapArray(array, [4])]
  array[0] = 9
  assert.deepEqual(await copied.data(), Float32Array.of(1, 2, 3, 4))
  assert.equal((await wrapped.data())[0], 9)
  assert.throws(() => fromArray(array, [3]), /fromArray: 4 elements do not fit shape \[3\]/)
  assert.throws(() => wrapArray(array, [5]), /4 elements do not fit/)
})

test('constant, counted and diagonal tensors', async () => {
  assert.deepEqual(await full([2, 2], 7, { dtype: 'int32' }).data(), Int32Array.of(7, 7, 7, 7))
  assert.deepEqual(await zeros([2]).data(), Float32Array.of(0, 0))
  assert.ok(ones([2], { requiresGrad: true }).requiresGrad)
  assert.throws(() => zeros([-1]), /every size must be an integer/)
  assert.deepEqual(await arange(2, 11, 3).data(), Int32Array.of(2, 5, 8))
  assert.deepEqual(await arange(0, 1, 0.25).data(), Float32Array.of(0, 0.25, 0.5, 0.75))
  assert.throws(() => arange(0, 1, 0), /step 0/)
  assert.deepEqual(await linspace(0, 1, 5).data(), Float32Array.of(0, 0.25, 0.5, 0.75, 1))
  assert.deepEqual(await eye(2).toArray(), [
    [1, 0],
    [0, 1],
  ])
})

test('concat and stack: promoted types, axes from the end, shapes checked', async () => {
  const a = tensor([[1, 2]])
  const b = tensor([[3, 4]], { dtype: 'int32' })
  assert.deepEqual(await concat([b, a], -1).toArray(), [[3, 4, 1, 2]])
  assert.equal(concat([b, a]).dtype, 'float32')
  assert.deepEqual(await stack([a, a], -1).toArray(), [
    [
      [1, 1],
      [2, 2],
    ],
  ])
  assert.throws(() => concat([]), /at least one/)
  assert.throws(() => concat([a, b], 2), /concat: axis 2 is out of range/)
  assert.throws(() => concat([tensor(1), tensor(2)]), /use stack/)
  assert.throws(() => concat([a, tensor([[1, 2, 3]])]), /differ on an axis other than 0/)
  assert.throws(() => stack([a, tensor([1])]), /stack: shapes \[1, 2\] and \[1\] differ/)
})

test('a host scalar outside of compile is asked at once', async () => {
  assert.equal(await hostScalar(() => 0.5).item(), 0.5)
})
