import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, test } from 'node:test'
import { atomic, i32, type MemoryLimits, ModuleBuilder } from '../assembler/index.ts'
import { emitBarrier, Heap, ThreadPool } from './index.ts'

/**
 * `rounds` barriers; before each, every thread adds its number + 1 to the round's slot, and after it checks that the sum
 * is complete, else traps. `fail` lets the thread of number `failing` trap in the middle.
 */
function buildModule(memory: MemoryLimits): WebAssembly.Module {
  const m = new ModuleBuilder({ memory })
  const barrier = emitBarrier(m)
  const meet = m.func('meet', ['i32', 'i32', 'i32', 'i32'], [], (f, thread, threads, slots, rounds) => {
    const i = f.local('i32')
    f.for(i, 0, rounds, 1, () => {
      f.drop(atomic.add(i32.add(slots, i32.mul(i, 4)), i32.add(thread, 1)))
      f.call(barrier, [thread, threads])
      const all = i32.divU(i32.mul(threads, i32.add(threads, 1)), 2)
      f.if(i32.ne(i32.load(i32.add(slots, i32.mul(i, 4))), all), () => f.unreachable())
    })
  })
  const fail = m.func('fail', ['i32', 'i32', 'i32'], [], (f, thread, threads, failing) => {
    f.call(barrier, [thread, threads])
    f.if(i32.eq(thread, failing), () => f.unreachable())
    f.call(barrier, [thread, threads])
    f.call(barrier, [thread, threads])
  })
  m.export('meet', meet)
  m.export('fail', fail)
  return new WebAssembly.Module(m.toBytes())
}

const pools: ThreadPool[] = []
after(() => Promise.all(pools.map((pool) => pool.close())))

async function setUp(threads: number, shared = true) {
  const heap = new Heap({ shared })
  const pool = await ThreadPool.create(heap, threads)
  pools.push(pool)
  return { heap, pool, program: pool.load(buildModule(heap.limits), ['meet', 'fail']) }
}

for (const threads of [1, 2, 3, 5])
  test(`${threads} threads meet at 500 barriers, with the caller and without`, async () => {
    const { heap, pool, program } = await setUp(threads)
    const slots = heap.allocate(2000)
    for (const run of ['run', 'runAsync', 'run', 'runAsync'] as const) {
      heap.int32(slots, 500).fill(0)
      await pool[run](program, 'meet', [slots, 500])
      assert.deepEqual(new Set(heap.int32(slots, 500)), new Set([(threads * (threads + 1)) / 2]))
    }
  })

test('a trap in any thread is an error of the run, and the pool works on', async () => {
  const { heap, pool, program } = await setUp(3)
  const slots = heap.allocate(40)
  for (const failing of [0, 1, 2])
    for (const run of ['run', 'runAsync'] as const) {
      await assert.rejects(async () => pool[run](program, 'fail', [failing]), /unreachable/)
      heap.int32(slots, 10).fill(0)
      pool.run(program, 'meet', [slots, 10])
    }
})

test('programs come and go while others stay', async () => {
  const { heap, pool, program } = await setUp(2)
  const slots = heap.allocate(40)
  for (let i = 0; i < 5; i++) {
    const other = pool.load(buildModule(heap.limits), ['meet'])
    heap.int32(slots, 10).fill(0)
    pool.run(other, 'meet', [slots, 10])
    pool.unload(other)
    assert.throws(() => pool.run(other, 'meet', [slots, 10]), /has no entry "meet" \(unloaded\?\)/)
    heap.int32(slots, 10).fill(0)
    pool.run(program, 'meet', [slots, 10])
  }
})

test('asynchronous runs queue up, leave the caller free, and forbid a synchronous one meanwhile', async () => {
  const { heap, pool, program } = await setUp(2)
  const rounds = 200_000
  const slots = heap.allocate(8 * rounds)
  heap.int32(slots, 2 * rounds).fill(0)
  await pool.runAsync(program, 'meet', [slots, 0])
  let ticks = 0
  const timer = setInterval(() => ticks++, 0)
  try {
    const first = pool.runAsync(program, 'meet', [slots, rounds])
    const second = pool.runAsync(program, 'meet', [slots + 4 * rounds, rounds])
    // Some microtasks later the first is under way; it ends in a message, which is no microtask.
    for (let i = 0; i < 20; i++) await null
    assert.throws(() => pool.run(program, 'meet', [slots, 0]), /still under way/)
    await Promise.all([first, second])
  } finally {
    clearInterval(timer)
  }
  assert.deepEqual(new Set(heap.int32(slots, 2 * rounds)), new Set([3]))
  assert.ok(ticks > 0)
})

test('memory that grows between runs is seen by all threads', async () => {
  const { heap, pool, program } = await setUp(2)
  const far = heap.allocate(64 << 20)
  const slots = far + (63 << 20)
  pool.run(program, 'meet', [slots, 10])
  assert.deepEqual([...heap.int32(slots, 10)], new Array(10).fill(3))
})

test('without shared memory a pool has one thread', async () => {
  const { heap, pool, program } = await setUp(4, false)
  assert.equal(pool.threads, 1)
  const slots = heap.allocate(40)
  heap.int32(slots, 10).fill(0)
  await pool.runAsync(program, 'meet', [slots, 10])
  assert.deepEqual([...heap.int32(slots, 10)], new Array(10).fill(1))
})

test('a process ends by itself with a pool open, after both kinds of run, and its idle workers use no processor', () => {
  const source = `
    const { emitBarrier, Heap, ThreadPool } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
    const { ModuleBuilder } = await import(${JSON.stringify(new URL('../assembler/index.ts', import.meta.url).href)})
    const heap = new Heap({ shared: true })
    const m = new ModuleBuilder({ memory: heap.limits })
    const barrier = emitBarrier(m)
    m.export('run', m.func('run', ['i32', 'i32'], [], (f, thread, threads) => f.call(barrier, [thread, threads])))
    const pool = await ThreadPool.create(heap, 3)
    const program = pool.load(new WebAssembly.Module(m.toBytes()), ['run'])
    await pool.runAsync(program, 'run')
    pool.run(program, 'run')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const before = process.cpuUsage()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const used = process.cpuUsage(before)
    console.log(JSON.stringify({ milliseconds: (used.user + used.system) / 1000 }))`
  const { stdout, status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  assert.equal(status, 0, stderr)
  assert.ok(JSON.parse(stdout).milliseconds < 60, stdout)
})

test('bad thread counts are refused', async () => {
  await assert.rejects(ThreadPool.create(new Heap({ shared: true }), 0), /0 is not a whole number from 1 to 1024/)
})
