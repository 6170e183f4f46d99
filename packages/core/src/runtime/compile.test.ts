import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, hostScalar, nn, rand, stateZeros, type Tensor, tensor, zeros } from '../index.ts'
import { activeTrace } from './trace.ts'

const leaf = (values: Parameters<typeof tensor>[0]) => tensor(values, { requiresGrad: true })

test('a function is traced once for each kind of arguments', async () => {
  let traces = 0
  const double = compile((x: Tensor, factor?: number) => {
    traces++
    return x.mul(factor ?? 2)
  })
  assert.deepEqual(await (await double(tensor([1, 2]))).toArray(), [2, 4])
  assert.deepEqual(await (await double(tensor([3, 4]))).toArray(), [6, 8])
  assert.equal(traces, 1)
  await double(tensor([1, 2, 3]))
  await double(tensor([1, 2], { dtype: 'int32' }))
  assert.deepEqual(await (await double(tensor([1, 2]), 3)).toArray(), [3, 6], 'other arguments are part of the trace')
  assert.equal(traces, 4)
})

test('arguments and results may be lists and object literals', async () => {
  const both = compile(({ x, y }: { x: Tensor; y: Tensor[] }) => ({ sum: x.add(y[0]), rest: [x, 'text', null] }))
  const { sum, rest } = await both({ x: tensor([1]), y: [tensor([2])] })
  assert.deepEqual(await sum.toArray(), [3])
  assert.deepEqual(await (rest[0] as Tensor).toArray(), [1])
  assert.deepEqual(rest.slice(1), ['text', null])
})

test('state is read and assigned in place; a training step moves its weights', async () => {
  const w = leaf([1, 1])
  const velocity = stateZeros([2])
  const step = compile((x: Tensor) => {
    w.grad = null
    const loss = w.mul(x).sum()
    loss.backward()
    velocity.assign(velocity.mul(0.5).add(w.grad!))
    w.assign(w.sub(velocity))
    return loss
  })
  assert.equal(await (await step(tensor([1, 2]))).item(), 3)
  assert.deepEqual(await w.toArray(), [0, -1])
  assert.equal(await (await step(tensor([1, 2]))).item(), -2)
  assert.deepEqual(await velocity.toArray(), [1.5, 3])
  assert.deepEqual(await w.toArray(), [-1.5, -4])
  assert.equal(w.grad, null, 'a gradient that was used up is gone')
})

test('a tensor that was assigned to is returned as it is then', async () => {
  const w = tensor([1, 2])
  const moved = compile(() => {
    const before = w.mul(1)
    w.assign(w.add(10))
    return { before, w, double: w.mul(2) }
  })
  const first = await moved()
  const second = await moved()
  assert.deepEqual(await Promise.all([first.before, first.w, first.double].map((t) => t.toArray())), [
    [1, 2],
    [11, 12],
    [22, 24],
  ])
  assert.deepEqual(await second.w.toArray(), [21, 22])
  assert.deepEqual(await first.w.toArray(), [11, 12], 'results are not written to by later calls')
  assert.deepEqual(await w.toArray(), [21, 22])
})

test('tensors that were never read before take part: lazily made weights and counters', async () => {
  const w = rand([2])
  w.requiresGrad = true
  const count = zeros([1])
  const peek = compile(() => count.add(0))
  assert.deepEqual(await (await peek()).toArray(), [0])
  const step = compile(() => {
    w.grad = null
    w.sum().backward()
    w.assign(w.sub(w.grad!))
    count.assign(count.add(1))
  })
  await step()
  const first = await w.data()
  await step()
  const second = await w.data()
  assert.ok(Math.abs(first[0] - second[0] - 1) < 1e-6)
  assert.deepEqual(await (await peek()).toArray(), [2], 'a function traced before sees what another assigns')
  count.assign(tensor([7]))
  assert.deepEqual(await (await peek()).toArray(), [7], 'and what is assigned outside')
})

test('gradients accumulate over calls when nothing sets them to null', async () => {
  const w = leaf([1])
  const accumulate = compile((x: Tensor) => w.mul(x).sum().backward())
  await accumulate(tensor([2]))
  await accumulate(tensor([3]))
  await accumulate(tensor([4]))
  assert.deepEqual(await w.grad!.toArray(), [9])
  const apply = compile(() => {
    w.assign(w.sub(w.grad!))
    w.grad = null
  })
  await apply()
  assert.deepEqual(await w.toArray(), [-8])
  await accumulate(tensor([5]))
  assert.deepEqual(await w.grad!.toArray(), [5])
})

test('a gradient computed outside is added to inside', async () => {
  const w = leaf([1])
  w.mul(10).sum().backward()
  const accumulate = compile((x: Tensor) => w.mul(x).sum().backward())
  await accumulate(tensor([2]))
  assert.deepEqual(await w.grad!.toArray(), [12])
  await accumulate(tensor([2]))
  assert.deepEqual(await w.grad!.toArray(), [14])
})

test('host scalars are asked at each run, without tracing again', async () => {
  let rate = 1
  let traces = 0
  const scale = compile((x: Tensor) => {
    traces++
    return x.mul(hostScalar(() => rate))
  })
  assert.equal(await (await scale(tensor(3))).item(), 3)
  rate = 5
  assert.equal(await (await scale(tensor(3))).item(), 15)
  assert.equal(traces, 1)
})

test('a guard that fails makes another trace, and the first is kept', async () => {
  const mode = { training: true }
  let traces = 0
  const run = compile((x: Tensor) => {
    traces++
    activeTrace()!.guard(mode, 'training', () => mode.training)
    return mode.training ? x.mul(2) : x
  })
  assert.equal(await (await run(tensor(1))).item(), 2)
  mode.training = false
  assert.equal(await (await run(tensor(1))).item(), 1)
  mode.training = true
  assert.equal(await (await run(tensor(1))).item(), 2)
  assert.equal(traces, 2)
})

test('arguments that are no tensors are told apart, and known again', async () => {
  let traces = 0
  const apply = compile((x: Tensor, how: unknown) => {
    traces++
    if (typeof how === 'function') return how(x) as Tensor
    if (how instanceof nn.Linear) return how.forward(x.reshape([1, 1])).reshape([])
    return x.add(Object.is(how, -0) ? 10 : typeof how === 'string' ? 20 : how instanceof Int32Array ? how[1] : 30)
  })
  const layers = [2, 3].map((weight) => {
    const layer = new nn.Linear(1, 1, { bias: false })
    layer.weight.assign(tensor([[weight]]))
    return layer
  })
  const double = (x: Tensor) => x.mul(2)
  const half = (x: Tensor) => x.mul(0.5)
  const given: [how: unknown, result: number][] = [
    [double, 4],
    [half, 1],
    [layers[0], 4],
    [layers[1], 6],
    [0, 32],
    [-0, 12],
    ['0', 22],
    [0n, 32],
    [Symbol.for('0'), 32],
    [Number.POSITIVE_INFINITY, 32],
    ['Infinity', 22],
    [null, 32],
    ['null', 22],
    [Int32Array.of(1, 5), 7],
    [Int32Array.of(1, 6), 8],
    [{ a: 1 }, 32],
    [{ a: '1' }, 32],
  ]
  for (let round = 0; round < 2; round++) {
    for (const [how, result] of given) assert.equal(await (await apply(tensor(2), how)).item(), result, String(how))
  }
  assert.equal(traces, given.length)
  assert.equal(await (await apply(tensor(2), Int32Array.of(1, 5))).item(), 7, 'by content')
  await apply(tensor(2), { a: 1 })
  assert.equal(traces, given.length)
})

test('an error while tracing leaves everything as it was', async () => {
  const w = leaf([1])
  const fail = compile(() => {
    w.grad = null
    w.sum().backward()
    w.assign(w.mul(5))
    throw new Error('on purpose')
  })
  await assert.rejects(fail(), /on purpose/)
  assert.deepEqual(await w.toArray(), [1])
  assert.equal(w.grad, null)
})

test('an async function is refused', async () => {
  const reading = compile(async (x: Tensor) => await x.data())
  await assert.rejects(reading(tensor(1)), /the function must not be async; it only records/)
})

test('compiled functions called by another become part of it', async () => {
  const inner = compile((x: Tensor) => x.add(1))
  const outer = compile((x: Tensor) => (inner(x) as unknown as Tensor).mul(2))
  assert.equal(await (await outer(tensor(1))).item(), 4)
  assert.equal(outer.explain().length, 1)
  assert.equal(inner.explain().length, 0)
})

test('calls run one after another, in the order they were made', async () => {
  const state = zeros([1])
  const append = compile((digit: Tensor) => {
    state.assign(state.mul(10).add(digit))
    return state.add(0)
  })
  const results = await Promise.all([1, 2, 3].map((digit) => append(tensor([digit]))))
  assert.deepEqual(await Promise.all(results.map((r) => r.item())), [1, 12, 123])
})

test('one value is assigned to several tensors', async () => {
  const [a, b, c] = [tensor([1, 2]), tensor([3, 4]), tensor([5, 6])]
  const spread = compile((x: Tensor) => {
    const sum = a.add(x)
    a.assign(sum)
    b.assign(sum)
    c.assign(a.mul(2).sub(sum))
    return sum.mul(b)
  })
  assert.deepEqual(await (await spread(tensor([10, 20]))).toArray(), [121, 484])
  for (const state of [a, b, c]) assert.deepEqual(await state.toArray(), [11, 22])
})

test('what was recorded before memory is written to reads what was there', async () => {
  const w = leaf([1, 2])
  const doubled = w.mul(2)
  w.assign(tensor([10, 20]))
  const tenth = w.mul(0.1)
  await w.data()
  assert.deepEqual(await doubled.toArray(), [2, 4])
  assert.deepEqual(await tenth.toArray(), [1, 2])
  const start = w.mul(1)
  const step = compile(() => {
    w.assign(w.add(1))
  })
  await step()
  const between = w.mul(1)
  await step()
  await step()
  assert.deepEqual(await w.toArray(), [13, 23])
  assert.deepEqual(await start.toArray(), [10, 20])
  assert.deepEqual(await between.toArray(), [11, 21])
  const loss = w.mul(w).sum()
  await step()
  loss.backward()
  assert.deepEqual(await w.grad!.toArray(), [26, 46], 'gradients are taken where the loss was')
})

test('a program can be planned without being run', async () => {
  const counter = tensor([0])
  const count = compile((x: Tensor) => counter.assign(counter.add(x)))
  const { arenaBytes, bufferBytes, kernels } = await count.plan(tensor([1]))
  assert.ok(arenaBytes > 0 && bufferBytes >= 4 && kernels.length > 0)
  assert.deepEqual(await counter.toArray(), [0])
  await count(tensor([1]))
  assert.deepEqual(await counter.toArray(), [1])
})
