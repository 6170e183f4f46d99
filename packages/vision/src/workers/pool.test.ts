import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DataError } from '../errors.ts'
import type { TestJob } from '../testing/poolWorker.ts'
import { ahead } from './ahead.ts'
import { WorkerPool } from './pool.ts'

interface TestResult {
  value: number
  threadId: number
  bytes: Uint8Array
}
const module = new URL('../testing/poolWorker.ts', import.meta.url)
const open = (threads: number) => new WorkerPool<TestJob, TestResult>(module, { threads, data: { add: 1 } })

test('jobs are done by no more threads than asked for, with the data given', async () => {
  const pool = open(2)
  const results = await Promise.all(Array.from({ length: 12 }, (_, square) => pool.ask({ square, give: 1000 })))
  assert.deepEqual(
    results.map(({ value }) => value),
    Array.from({ length: 12 }, (_, square) => square * square + 1),
  )
  assert.ok(new Set(results.map(({ threadId }) => threadId)).size <= 2)
  assert.equal(results[3].bytes.length, 1000)
  await pool.close()
})

test('an error reaches who asked, as what it is, and the pool goes on', async () => {
  const pool = open(1)
  const bad = pool.ask({ fail: 'folder/film.png' })
  const good = pool.ask({ square: 3 })
  await assert.rejects(bad, (thrown) => {
    assert.ok(thrown instanceof DataError)
    assert.equal(thrown.file, 'folder/film.png')
    assert.equal(thrown.message, 'folder/film.png: cannot be read')
    return true
  })
  assert.equal((await good).value, 10)
  await pool.close()
})

test('a thread that dies fails its own job only', async () => {
  const pool = open(1)
  const dying = pool.ask({ exit: true })
  const next = pool.ask({ square: 2 })
  await assert.rejects(dying, /ended with exit code 3/)
  assert.equal((await next).value, 5)
  await pool.close()
})

test('closing rejects what is unanswered, ends the threads, and can be repeated', async () => {
  const pool = open(2)
  const slow = Array.from({ length: 5 }, () => pool.ask({ after: 60_000 }))
  const settled = Promise.allSettled(slow)
  await pool.close()
  await pool.close()
  assert.ok((await settled).every((result) => result.status === 'rejected' && /closed/.test(result.reason.message)))
  await assert.rejects(pool.ask({ square: 1 }), /closed/)
})

test('an idle pool lets the process end, a busy one keeps it alive', () => {
  const program = `
    import { WorkerPool } from ${JSON.stringify(new URL('./pool.ts', import.meta.url).href)}
    const pool = new WorkerPool(new URL(${JSON.stringify(module.href)}), { threads: 1, data: { add: 1 } })
    pool.ask({ square: 4, after: 50 }).then(({ value }) => console.log(value))
  `
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    timeout: 20_000,
  })
  assert.equal(stdout.trim(), '17')
  assert.equal(status, 0)
})

test('ahead keeps the order, bounds what is begun, and delivers errors in their place', async () => {
  let begun = 0
  let consumed = 0
  let most = 0
  const delays = [30, 5, 20, 1, 10, 2, 8, 1]
  const run = async (index: number) => {
    begun += 1
    most = Math.max(most, begun - consumed)
    await new Promise((resolve) => setTimeout(resolve, delays[index]))
    if (index === 6) throw new Error('six')
    return index
  }
  const got: number[] = []
  await assert.rejects(async () => {
    for await (const index of ahead(delays.keys(), run, 3)) {
      got.push(index)
      consumed += 1
    }
  }, /six/)
  assert.deepEqual(got, [0, 1, 2, 3, 4, 5])
  assert.ok(most <= 4, `${most}`)
})

test('who leaves early begins nothing more', async () => {
  let begun = 0
  for await (const index of ahead(
    Array.from({ length: 100 }).keys(),
    async (at) => {
      begun += 1
      return at
    },
    4,
  ))
    if (index === 2) break
  assert.ok(begun <= 7, `${begun}`)
  await assert.rejects(ahead([1], async (at) => at, 0).next(), /expected at least 1/)
})
