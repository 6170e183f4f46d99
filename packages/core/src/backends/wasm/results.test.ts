import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { CompilerOptions } from '../../compiler/planProgram.ts'
import { compile, fromArray, nn, noGrad, optim, rand, type Tensor, useBackend } from '../../index.ts'
import { backendOf } from './index.ts'
import { type WasmOptions, WasmRuntime } from './runtime.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Collects all garbage; finalizers run between turns of the event loop. */
async function collectAll(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collectGarbage()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const MEGABYTE = 2 ** 20
/** Elements of a megabyte: large enough to stay in the heap. */
const SIZE = MEGABYTE / 4

async function setUp(options: WasmOptions & CompilerOptions = { threads: 1 }) {
  const runtime = await WasmRuntime.create(options)
  useBackend(backendOf(runtime, options))
  // A compiled function keeps to the backend of its first call.
  const plus = compile((x: Tensor, by: Tensor) => noGrad(() => x.add(by)))
  return { heap: runtime.heap, plus }
}

/** Numbers that differ from place to place, and small enough to be exact. */
const ramp = (size = SIZE, from = 0): Tensor =>
  fromArray(
    Float32Array.from({ length: size }, (_, i) => from + (i % 1000)),
    [size],
  )

const one = fromArray(new Float32Array([1]), [1])

async function assertRamp(x: Tensor, from: number, message?: string): Promise<void> {
  const elements = await x.data()
  for (let i = 0; i < elements.length; i++)
    if (elements[i] !== from + (i % 1000)) assert.fail(`${message ?? 'read'}: ${elements[i]} at ${i}`)
}

/** As a page's main thread runs programs: never blocked. */
async function inBrowser(work: () => Promise<void>): Promise<void> {
  Object.assign(globalThis, { document: {} })
  try {
    await work()
  } finally {
    Reflect.deleteProperty(globalThis, 'document')
  }
}

const everywhere: { name: string; options: WasmOptions; run: (work: () => Promise<void>) => Promise<void> }[] = [
  { name: 'one thread', options: { threads: 1 }, run: (work) => work() },
  { name: 'two threads', options: { threads: 2 }, run: (work) => work() },
  { name: 'strict, two threads', options: { threads: 2, strict: true }, run: (work) => work() },
  { name: 'two threads of a page', options: { threads: 2 }, run: inBrowser },
]

for (const { name, options, run } of everywhere)
  describe(`large results stay in the heap, ${name}:`, () => {
    const check = (what: string, work: () => Promise<void>) => test(what, () => run(work))

    check('unread, read, read again, and the next one is written where a read one was', async () => {
      const { heap, plus } = await setUp(options)
      const x = ramp()
      await plus(x, one)
      const before = heap.bytesInUse
      const y = await plus(x, one)
      assert.ok(heap.bytesInUse >= before + MEGABYTE, 'a result that nobody has read has no array on the host')
      await assertRamp(y, 1, 'read')
      await assertRamp(y, 1, 'read again')
      const inUse = heap.bytesInUse
      for (let i = 0; i < 5; i++) await assertRamp(await plus(x, one), 1)
      assert.ok(heap.bytesInUse <= inUse + MEGABYTE, `${heap.bytesInUse} after ${inUse}`)
      await assertRamp(y, 1, 'read when its block belongs to another')
    })

    check('fed to another function, read before and after, and again and again', async () => {
      const { plus } = await setUp(options)
      const y = await plus(ramp(), one)
      await assertRamp(await plus(await plus(y, one), one), 3)
      for (let i = 0; i < 5; i++) {
        await assertRamp(await plus(y, one), 2)
        await assertRamp(y, 1)
      }
    })

    check('assigned to a parameter, and of a parameter that steps overwrite', async () => {
      const { plus } = await setUp(options)
      const w = ramp().add(0)
      const step = compile(() => {
        const next = w.add(1)
        w.assign(next)
        return next
      })
      const x = ramp()
      const kept = [await step(), await step()]
      await assertRamp(w, 2)
      for (let i = 0; i < 3; i++) kept.push(await step())
      // Others want blocks meanwhile.
      for (let i = 0; i < 3; i++) await (await plus(x, one)).data()
      for (const [i, result] of kept.entries()) await assertRamp(result, i + 1, `result ${i}`)
      w.assign(await plus(x, one))
      await assertRamp(await step(), 2)
      await assertRamp(w, 2)
      await assertRamp(await plus(x, one), 1)
    })

    check('the same tensor twice, a reshape and a slice beside it, a scalar, an argument', async () => {
      await setUp(options)
      const several = compile((x: Tensor) =>
        noGrad(() => {
          const y = x.add(1)
          return [y, y, y.reshape([-1, 2]), y.slice([1, SIZE]), y.sum(), x, y.add(1)]
        }),
      )
      const x = ramp()
      for (let i = 0; i < 2; i++) {
        const [y, again, pairs, rest, sum, argument, next] = await several(x)
        // Each is memory of its own.
        again.assign(again.mul(0))
        await again.realize()
        await assertRamp(y, 1)
        await assertRamp(pairs, 1)
        assert.deepEqual((await rest.data()).slice(0, 3), new Float32Array([2, 3, 4]))
        assert.ok((await sum.item()) > 0)
        assert.ok((await again.data()).every((element) => element === 0))
        await assertRamp(argument, 0)
        await assertRamp(next, 2)
      }
      await assertRamp(x, 0)
    })

    check('as an update of two buffers and a result at once', async () => {
      await setUp(options)
      const [a, b] = [ramp(), ramp()]
      await Promise.all([a.realize(), b.realize()])
      const step = compile((x: Tensor) => {
        const next = noGrad(() => x.add(1))
        a.assign(next)
        b.assign(next)
        return next
      })
      const first = await step(ramp())
      const second = await step(ramp(SIZE, 1))
      await assertRamp(first, 1)
      for (const x of [second, a, b]) await assertRamp(x, 2)
    })

    check('of many batches, large alone or together', async () => {
      await setUp(options)
      const rows = 64
      const width = SIZE / rows
      const halves = compile((x: Tensor) =>
        noGrad(() => ({ all: x.add(1), sums: x.sum(), firsts: x.slice(null, [0, 300]) })),
      )
      const data = ramp().reshape([rows, width])
      const order = Int32Array.from({ length: rows }, (_, i) => rows - 1 - i)
      const source = await data.data()
      for (const batchSize of [1, 8, 32]) {
        const { all, sums, firsts } = await halves.overBatches([data], { order, batchSize })
        const [elements, starts] = [await all.data(), await firsts.data()]
        assert.equal((await sums.data()).length, rows / batchSize)
        for (let row = 0; row < rows; row++) {
          const from = order[row] * width
          const expected = source.slice(from, from + width).map((element) => element + 1)
          assert.deepEqual(elements.slice(row * width, (row + 1) * width), expected)
          assert.deepEqual(starts.slice(row * 300, (row + 1) * 300), source.slice(from, from + 300))
        }
      }
    })

    check('of a batch worked off in slices, from an unread result too', async () => {
      const net = new nn.Linear(64, 512)
      const predict = () => compile((x: Tensor) => noGrad(() => net.forward(x) as Tensor))
      const x = rand([512, 64])
      await setUp(options)
      const expected = await (await predict()(x)).data()
      await setUp({ ...options, sliceAbove: 2 ** 18 })
      const sliced = predict()
      for (let i = 0; i < 3; i++) assert.deepEqual(await (await sliced(x)).data(), expected)
      const [{ kernels, resultBytes }] = sliced.explain()
      assert.match(kernels[0].shape, /8 times/)
      assert.equal(resultBytes, MEGABYTE)
      const copy = compile((x: Tensor) => noGrad(() => x.mul(1)))
      assert.deepEqual(await (await sliced(await copy(x))).data(), expected)
    })

    check('of calls at the same time', async () => {
      const { plus } = await setUp(options)
      const x = ramp()
      const double = compile((x: Tensor) => noGrad(() => x.add(x)))
      const calls = await Promise.all([plus(x, one), double(x), plus(x, one), double(x)])
      assert.equal((await calls[1].data())[999], 1998)
      assert.equal((await calls[3].data())[999], 1998)
      await assertRamp(calls[0], 1)
      await assertRamp(calls[2], 1)
    })

    check('and training is what it is without', async () => {
      const train = async () => {
        const net = new nn.Linear(512, 512, { bias: false })
        net.weight.assign(
          ramp(512 * 512)
            .reshape([512, 512])
            .mul(1e-5),
        )
        const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 })
        const step = compile((x: Tensor) => {
          optimizer.zeroGrad()
          const y = net.forward(x) as Tensor
          y.pow(2).mean().backward()
          optimizer.step()
          return y
        })
        const x = ramp(128 * 512)
          .reshape([128, 512])
          .mul(1e-3)
        const read: ArrayLike<number>[] = []
        for (let i = 0; i < 4; i++) {
          const y = await step(x)
          if (i % 2) read.push(await y.data(), await net.weight.data())
        }
        return read
      }
      await setUp({ ...options, threads: 1 })
      const expected = await train()
      const { plus } = await setUp(options)
      const x = await plus(ramp(), one)
      assert.deepEqual(await train(), expected)
      await assertRamp(x, 1)
    })
  })

test('a hundred results at once: the oldest are fetched to the host, all are what they were', async () => {
  const { heap, plus } = await setUp()
  const size = 4 * SIZE
  const x = ramp(size)
  const first = await plus(x, one)
  const before = heap.bytesInUse
  const results: Tensor[] = []
  for (let i = 0; i < 100; i++) results.push(await plus(x, fromArray(new Float32Array([i]), [1])))
  assert.ok(heap.bytesInUse - before <= 257 * MEGABYTE, `${(heap.bytesInUse - before) / MEGABYTE} MiB`)
  assert.ok(heap.bytesInUse - before >= 200 * MEGABYTE)
  await assertRamp(first, 1)
  for (const [i, result] of results.entries()) await assertRamp(result, i, `result ${i}`)
  await plus(x, one)
  assert.ok(heap.bytesInUse - before <= 8 * MEGABYTE, 'blocks of results that have been read are given up')
})

test('results that nobody holds any more give their blocks back, without a call', async () => {
  const { heap, plus } = await setUp()
  const x = ramp()
  await plus(x, one)
  await plus(x, one)
  const before = heap.bytesInUse
  const make = async (): Promise<void> => {
    const held: Tensor[] = []
    for (let i = 0; i < 20; i++) held.push(await plus(x, one))
    assert.ok(heap.bytesInUse >= before + 10 * MEGABYTE, `${held.length} results in ${heap.bytesInUse} bytes`)
  }
  await make()
  await collectAll()
  assert.ok(heap.bytesInUse <= before, `${heap.bytesInUse} of ${before} bytes`)
})

test('a loop that reads nothing is held in bounds by the garbage collector alone', async () => {
  const { heap, plus } = await setUp()
  const x = ramp(4 * SIZE)
  let most = 0
  for (let i = 0; i < 400; i++) {
    await plus(x, one)
    most = Math.max(most, heap.bytesInUse)
  }
  assert.ok(most <= 300 * MEGABYTE, `${most / MEGABYTE} MiB`)
})

test('the garbage collector counts what lies in the heap', async () => {
  const { plus } = await setUp()
  const x = ramp()
  await plus(x, one)
  await collectAll()
  const before = process.memoryUsage().external
  const results: Tensor[] = []
  for (let i = 0; i < 50; i++) results.push(await plus(x, one))
  assert.ok(process.memoryUsage().external - before > 40 * MEGABYTE, `${results.length} results weigh nothing`)
})

test('what is used again and again is not copied in anew', async () => {
  const { plus } = await setUp()
  const [x, y] = [ramp(), await plus(ramp(), one)]
  const address = () => (y.storage.resident as { address: number } | null)?.address
  const first = address()
  await plus(y, one)
  for (let i = 0; i < 4; i++) {
    await assertRamp(await plus(y, one), 2)
    await assertRamp(y, 1)
    await plus(x, one)
    assert.equal(address(), first)
  }
})

test('where the heap is full, results make room', async () => {
  const { heap, plus } = await setUp()
  const x = ramp(4 * SIZE)
  const results: Tensor[] = []
  for (let i = 0; i < 10; i++) results.push(await plus(x, one))
  // All that is left, but for some megabytes.
  const filler: number[] = []
  for (let bytes = 2 ** 31; bytes >= 2 ** 21; bytes /= 2) {
    const room = 2 ** 32 - heap.memory.buffer.byteLength
    if (room >= bytes) filler.push(heap.allocate(bytes))
  }
  try {
    for (let i = 0; i < 10; i++) results.push(await plus(results[i], one))
    for (const [i, result] of results.entries()) await assertRamp(result, i < 10 ? 1 : 2, `result ${i}`)
  } finally {
    for (const address of filler) heap.free(address)
  }
})

test('profiling leaves results alone', async () => {
  const { plus } = await setUp()
  const x = ramp()
  const y = await plus(x, one)
  const { kernels, resultBytes } = await plus.profile(3, x, one)
  assert.ok(kernels.every(({ seconds }) => seconds! > 0))
  assert.equal(resultBytes, MEGABYTE)
  await assertRamp(y, 1)
})
