import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grad, noGrad, type Tensor, tensor, valueAndGrad } from '../index.ts'

const leaf = (values: Parameters<typeof tensor>[0]) => tensor(values, { requiresGrad: true })

test('backward leaves the gradient at the leaves and adds to what is there', async () => {
  const x = leaf([1, 2])
  const y = leaf([3, 4])
  const unused = leaf([5])
  x.mul(y).sum().backward()
  assert.deepEqual(await x.grad!.toArray(), [3, 4])
  assert.deepEqual(await y.grad!.toArray(), [1, 2])
  assert.equal(unused.grad, null)
  x.mul(2).sum().backward()
  assert.deepEqual(await x.grad!.toArray(), [5, 6])
  x.grad = null
  assert.equal(x.grad, null)
})

test('a value used along several ways gets the sum of their gradients', async () => {
  const x = leaf(3)
  const y = x.mul(x)
  y.add(y.mul(x)).backward()
  assert.equal(await x.grad!.item(), 6 + 27)
})

test('broadcast operands get gradients of their own shape', async () => {
  const row = leaf([1, 2, 3])
  const column = leaf([[1], [2]])
  row.mul(column).sum().backward()
  assert.deepEqual(await row.grad!.toArray(), [3, 3, 3])
  assert.deepEqual(await column.grad!.toArray(), [[6], [6]])
})

test('detach and noGrad cut', async () => {
  const x = leaf(2)
  x.mul(x.detach()).backward()
  assert.equal(await x.grad!.item(), 2)
  assert.ok(!noGrad(() => x.mul(3)).requiresGrad)
  assert.throws(() => x.detach().backward(), /does not depend on any tensor with requiresGrad/)
})

test('backward wants one number or a gradient of the right shape', async () => {
  const x = leaf([1, 2])
  assert.throws(() => x.mul(2).backward(), /is not one number; reduce it first/)
  assert.throws(() => x.mul(2).backward(tensor([1])), /gradient \[1\] for a tensor \[2\]/)
  x.mul(2).backward(tensor([1, 10]))
  assert.deepEqual(await x.grad!.toArray(), [2, 20])
})

test('only real tensors have gradients', () => {
  const i = tensor([1], { dtype: 'int32' })
  assert.throws(() => {
    i.requiresGrad = true
  }, /only float32 tensors have gradients, this one is int32/)
})

test('grad applied again gives higher derivatives', async () => {
  const cube = (x: Tensor) => x.mul(x).mul(x).sum()
  const x = tensor([2])
  assert.deepEqual(await grad(cube)(x).toArray(), [12])
  const slope = (x: Tensor) => grad(cube)(x).sum()
  const curvature = (x: Tensor) => grad(slope)(x).sum()
  assert.deepEqual(await grad(slope)(x).toArray(), [12])
  assert.deepEqual(await grad(curvature)(x).toArray(), [6])
  const { value, gradient } = valueAndGrad((x: Tensor) => x.sin().sum())(x)
  assert.ok(Math.abs((await value.item()) - Math.sin(2)) < 1e-6)
  assert.ok(Math.abs((await gradient.item()) - Math.cos(2)) < 1e-6)
  assert.deepEqual(await grad((x: Tensor) => x.detach().sum())(x).toArray(), [0], 'what does not depend has gradient 0')
  assert.throws(() => grad((x: Tensor) => x)(tensor([1, 2])), /must give one number, got shape \[2\]/)
})

test('gradients with a graph of their own: a penalty on the gradient', async () => {
  const w = leaf(3)
  const x = leaf(2)
  w.mul(x).mul(x).backward(undefined, { createGraph: true })
  const slope = x.grad! // 2wx
  w.grad = null
  slope.mul(slope).backward() // d(4w²x²)/dw = 8wx²
  assert.equal(await w.grad!.item(), 8 * 3 * 4)
})

test('x ** 0 has the gradient 0 everywhere', async () => {
  const x = leaf([0, 2])
  x.pow(0).sum().backward()
  assert.deepEqual(await x.grad!.toArray(), [0, 0])
  const y = leaf([0, 2])
  y.pow(3).sum().backward()
  assert.deepEqual(await y.grad!.toArray(), [0, 12])
})

test('a value may be read before it is differentiated', async () => {
  const x = leaf([1, 2])
  const y = x.mul(x)
  const loss = y.sum()
  assert.equal(await loss.item(), 5)
  assert.deepEqual(await y.toArray(), [1, 4])
  loss.backward()
  assert.deepEqual(await x.grad!.toArray(), [2, 4])
})
