import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  compile,
  concat,
  createWasmBackend,
  full,
  Generator,
  hostScalar,
  manualSeed,
  nn,
  noGrad,
  rand,
  type Tensor,
  useBackend,
} from '../../index.ts'
import { assertClose } from '../../testing/close.ts'
import { backendOf } from './index.ts'
import { WasmRuntime } from './runtime.ts'

/** A small network with what networks for images have: skips, up-sampling, squeeze and excitation. */
class Net extends nn.Module {
  readonly first = new nn.Sequential(new nn.Conv2d(3, 12, 3, { padding: 1 }), new nn.BatchNorm2d(12), new nn.SiLU())
  readonly second = new nn.Sequential(new nn.MaxPool2d(2), new nn.Conv2d(12, 12, 3, { padding: 1, groups: 12 }))
  readonly gate = new nn.Conv2d(12, 12, 1)
  readonly third = new nn.Sequential(
    new nn.Conv2d(24, 8, 3, { padding: 1 }),
    new nn.Flatten(),
    new nn.Linear(8 * 40 ** 2, 9),
  )

  override forward(x: Tensor): Tensor {
    const a = this.first.forward(x) as Tensor
    const b = this.second.forward(a) as Tensor
    const gated = b.mul((this.gate.forward(b.mean([2, 3], { keepDims: true })) as Tensor).sigmoid())
    const up = nn.functional.interpolate(gated, { scaleFactor: 2 })
    return (this.third.forward(concat([up, a], 1)) as Tensor).logSoftmax(1)
  }
}

async function predictor(sliceAbove: number, threads = 2) {
  useBackend(await createWasmBackend({ threads, sliceAbove }))
  manualSeed(1)
  const net = new Net()
  net.eval()
  return { net, predict: compile((x: Tensor) => noGrad(() => net.forward(x))) }
}

test('a batch worked off in slices gives what it gives at once, in a fraction of the memory', async () => {
  const x = rand([12, 3, 40, 40])
  const whole = await predictor(Number.POSITIVE_INFINITY)
  const expected = await (await whole.predict(x)).data()
  const rowBytes = 4 * 12 * 40 ** 2
  for (const threads of [1, 2])
    for (const rows of [1, 2, 4]) {
      const { predict } = await predictor(2 * rows * rowBytes, threads)
      for (let i = 0; i < 3; i++) {
        assertClose(await (await predict(x)).data(), expected, { absolute: 2e-6, relative: 2e-6 }, `${rows} rows`)
      }
      const [explained] = predict.explain()
      const [complete] = whole.predict.explain()
      assert.ok(explained.arenaBytes < complete.arenaBytes)
      assert.match(explained.kernels[0].shape, new RegExp(`${12 / rows} times`))
      const flops = (kernels: typeof complete.kernels) => kernels.reduce((sum, kernel) => sum + kernel.flops, 0)
      const ratio = flops(explained.kernels) / flops(complete.kernels)
      assert.ok(ratio > 0.95 && ratio < 1.05, `${ratio} times the operations`)
      const profiled = await predict.profile(2, x)
      assert.ok(profiled.kernels.every(({ seconds }) => seconds! > 0))
    }
})

test('batches of rows, several inputs and concurrent calls are cut as well', async () => {
  const [x, y] = [rand([12, 3, 40, 40]), rand([12, 9])]
  const whole = await predictor(Number.POSITIVE_INFINITY)
  const expected = await (await whole.predict(x)).data()
  const { net, predict } = await predictor(0)
  const order = Int32Array.from({ length: 12 }, (_, i) => 11 - i)
  const batches = await (await predict.overBatches([x], { order, batchSize: 6 })).data()
  const reversed = Array.from({ length: 12 }, (_, i) => [...expected.subarray((11 - i) * 9, (12 - i) * 9)]).flat()
  assertClose(batches, reversed, { absolute: 2e-6, relative: 2e-6 }, 'batches')
  const scored = compile((x: Tensor, _unused: Tensor, y: Tensor) => noGrad(() => net.forward(x).mul(y)))
  const results = await Promise.all([predict(x), scored(x, rand([12, 2]), y), predict(x)])
  assertClose(await results[2].data(), expected, { absolute: 2e-6, relative: 2e-6 }, 'concurrent')
  const weighted = await (await whole.predict(x)).mul(y).data()
  assertClose(await results[1].data(), weighted, { absolute: 2e-6, relative: 2e-6 }, 'two inputs')
})

test('threads that take whole slices give the bits of one thread, however many there are and whether the batch is there', async () => {
  const x = rand([12, 3, 40, 40])
  const bits = async (threads: number) => {
    const { predict } = await predictor(0, threads)
    const results: unknown[] = []
    // Copied at the first run; in the heap, with weights that are kept, later.
    for (let i = 0; i < 3; i++) results.push(await (await predict(x)).data())
    // An unread result as the argument.
    results.push(await (await predict(await compile((y: Tensor) => y.mul(1))(x))).data())
    const [{ kernels, arenaBytes }] = predict.explain()
    return { results, shape: kernels[0].shape, arenaBytes }
  }
  const alone = await bits(1)
  for (const threads of [2, 3, 5, 10]) {
    const { results, shape, arenaBytes } = await bits(threads)
    assert.deepEqual(results, alone.results, `${threads} threads`)
    // Of ten threads eight would wait while two do the last two slices.
    const atOnce = threads === 10 ? 1 : threads
    assert.equal(/(\d+) at once/.exec(shape)?.[1] ?? '1', String(atOnce), `${threads} threads`)
    assert.ok(atOnce === 1 ? arenaBytes === alone.arenaBytes : arenaBytes > alone.arenaBytes)
  }
})

test('what is asked of the host is there for every slice', async () => {
  const x = rand([12, 3, 40, 40])
  const scaled = async (threads: number) => {
    const { net, predict } = await predictor(0, threads)
    const twice = compile((x: Tensor) => noGrad(() => net.forward(x.mul(hostScalar(() => 2)))))
    return [await (await twice(x)).data(), await (await predict(x.mul(2))).data()]
  }
  const [alone, expected] = await scaled(1)
  assertClose(alone, expected, { absolute: 2e-6, relative: 2e-6 }, 'one thread')
  assert.deepEqual(await scaled(2), [alone, expected])
})

test('where the heap holds too much else for an arena a thread, slices are run one after the other', async () => {
  const x = rand([12, 3, 40, 40])
  const { predict, net } = await predictor(0, 1)
  const expected = await (await predict(x)).data()
  const { arenaBytes, bufferBytes } = predict.explain()[0]
  const runtime = await WasmRuntime.create({ threads: 12 })
  useBackend(backendOf(runtime, { sliceAbove: 0 }))
  const crowded = compile((x: Tensor) => noGrad(() => net.forward(x)))
  runtime.heap.allocate(2 ** 32 - 2 ** 20 - bufferBytes - 6 * arenaBytes)
  assert.deepEqual(await (await crowded(x)).data(), expected)
  assert.doesNotMatch(crowded.explain()[0].kernels[0].shape, /at once/)
})

test('of a batch that is larger than what is brought into the heap at once, some slices come after the others', async () => {
  const x = rand([1100, 1, 128, 128])
  const blur = (threads: number) => async () => {
    useBackend(await createWasmBackend({ threads, sliceAbove: 16e6 }))
    const weight = full([1, 1, 3, 3], 1 / 9)
    const scale = rand([1], { generator: new Generator(3) })
    const program = compile((x: Tensor, scale: Tensor) =>
      nn.functional.conv2d(x, weight, null, { padding: 1 }).mul(scale).sum([1, 2, 3]),
    )
    const y = await program(x, scale)
    return { y: await y.data(), shape: program.explain()[0].kernels[0].shape }
  }
  const [alone, shared] = [await blur(1)(), await blur(2)()]
  assert.match(shared.shape, /at once/)
  assert.deepEqual(shared.y, alone.y)
})
