import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arange, fromArray, ones, tensor, zeros } from '../index.ts'
import { assertClose } from '../testing/close.ts'
import { drawElements } from '../testing/elements.ts'

const random = (shape: number[], seed = 1) => fromArray(drawElements({ shape }, seed), shape)
const near = { absolute: 1e-6, relative: 1e-6 }

test('types: whole numbers keep integers, real ones make them real, division always does', () => {
  const i = tensor([1, 2], { dtype: 'int32' })
  assert.equal(i.add(1).dtype, 'int32')
  assert.equal(i.add(0.5).dtype, 'float32')
  assert.equal(i.div(2).dtype, 'float32')
  assert.equal(i.add(tensor([1.5])).dtype, 'float32')
  assert.equal(i.gt(1).dtype, 'bool')
  assert.equal(tensor([true]).add(tensor([true])).dtype, 'int32')
  assert.equal(i.gt(1).where(i, 0).dtype, 'int32')
  assert.equal(i.gt(1).where(0, i).dtype, 'int32')
  assert.equal(i.gt(1).where(0.5, i).dtype, 'float32')
  assert.throws(() => i.exp(), /exp: is defined for float32, got int32; convert with cast\(\)/)
  assert.throws(() => i.where(1, 2), /where: the condition must be bool, got int32; compare first/)
})

test('reductions over any axes, kept or not', async () => {
  const x = arange(24).reshape([2, 3, 4]).cast('float32')
  assert.deepEqual(x.sum([0, -1], { keepDims: true }).shape, [1, 3, 1])
  assert.deepEqual(await x.sum([0, -1]).toArray(), [60, 92, 124])
  assert.deepEqual(await x.mean(1).slice(0).toArray(), [4, 5, 6, 7])
  assert.deepEqual(await x.max().item(), 23)
  assert.deepEqual(await x.argmax(-1).toArray(), [
    [3, 3, 3],
    [3, 3, 3],
  ])
  assert.equal(await x.var().item(), 50)
  assert.equal(await tensor([true, false, true]).sum().item(), 2)
  assert.deepEqual(await zeros([0, 3]).sum(0).toArray(), [0, 0, 0])
  assert.throws(() => zeros([0, 3]).max(0), /max: nothing to choose from along axes \[0\]/)
})

test('softmax, logSoftmax and logSumExp hold for large numbers', async () => {
  const x = tensor([[1000, 1001, 999], [-1000, -1000, -1000]]) // biome-ignore format: one row
  const e = Math.E
  const total = e + e * e + 1
  assertClose(await x.softmax(1).slice(0).data(), [e / total, (e * e) / total, 1 / total], near, 'softmax')
  assertClose(await x.logSoftmax(1).slice(1).data(), [0, 0, 0].fill(-Math.log(3)), near, 'logSoftmax')
  assertClose(await x.logSumExp(1).data(), [999 + Math.log(total), -1000 + Math.log(3)], near, 'logSumExp')
  assert.equal(await tensor([Number.NEGATIVE_INFINITY]).logSumExp(0).item(), Number.NEGATIVE_INFINITY)
})

test('matmul broadcasts what is in front and takes vectors', async () => {
  const [a, b] = [random([2, 1, 3, 4]), random([5, 4, 2], 2)]
  const product = a.matmul(b)
  assert.deepEqual(product.shape, [2, 5, 3, 2])
  const single = a.slice(1, 0).matmul(b.slice(3))
  assertClose(await product.slice(1, 3).data(), await single.data(), near, 'one of the products')
  const v = random([4], 3)
  assert.deepEqual(a.slice(0, 0).matmul(v).shape, [3])
  assert.deepEqual(v.matmul(v).shape, [])
  assert.deepEqual(random([7, 2, 3]).matmul(random([3, 5])).shape, [7, 2, 5])
  assert.throws(() => random([4, 3]).matmul(random([4, 5])), /matmul: \[4, 3\] @ \[4, 5\]: inner sizes 3 and 4 differ/)
  assert.throws(() => random([2, 4, 3]).matmul(random([3, 3, 5])), /leading sizes differ/)
  assert.throws(() => tensor(1).matmul(v), /a scalar has no rows/)
})

test('shapes: permute, transpose, flatten, squeeze, expand, pad', async () => {
  const x = random([2, 3, 4])
  assert.deepEqual(x.permute([2, 0, 1]).shape, [4, 2, 3])
  assert.deepEqual(await x.transpose().transpose().data(), await x.data())
  assert.deepEqual(x.flatten(1).shape, [2, 12])
  assert.deepEqual(x.flatten().shape, [24])
  assert.deepEqual(x.unsqueeze(-1).squeeze().shape, [2, 3, 4])
  assert.deepEqual(tensor([1, 2]).expand([3, -1]).shape, [3, 2])
  assert.deepEqual(
    await tensor([1])
      .pad([[1, 2]], 7)
      .toArray(),
    [7, 1, 7, 7],
  )
  assert.throws(() => x.reshape([5, -1]), /no size for -1/)
  assert.throws(() => x.permute([0, 1]), /not an order of the 3 axes/)
  assert.throws(() => x.flatten(2, 1), /axis 2 comes after axis 1/)
  assert.throws(() => x.expand([2, 5, 4]), /only sizes of 1 can/)
  assert.throws(() => x.pad([[-1, 0]]), /at least 0/)
})

test('clamp lets gradients through inside the bounds, bounds included', async () => {
  const x = tensor([-2, -1, 0, 1, 2])
  x.requiresGrad = true
  const y = x.clamp(-1, 1)
  assert.deepEqual(await y.toArray(), [-1, -1, 0, 1, 1])
  y.sum().backward()
  assert.deepEqual(await x.grad!.toArray(), [0, 1, 1, 1, 0])
  assert.deepEqual(await tensor([Number.NaN]).clamp(0, 1).toArray(), [Number.NaN])
})

test('reading says what was wrong', async () => {
  await assert.rejects(ones([2]).item(), /item: wants a tensor of one element, got shape \[2\]/)
  assert.deepEqual(await tensor([[1], [2]]).toArray(), [[1], [2]])
})

test('assign replaces elements in place and checks what it is given', async () => {
  const x = zeros([2])
  const before = x.add(1)
  assert.deepEqual(await before.toArray(), [1, 1])
  x.assign(tensor([3, 4]))
  assert.deepEqual(await x.toArray(), [3, 4])
  assert.throws(() => x.assign(tensor([1])), /assign: float32 \[1\] does not fit float32 \[2\]/)
  assert.throws(() => x.assign(tensor([1, 2], { dtype: 'int32' })), /assign: int32/)
})
