import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Load, PagedRows } from './pages.ts'

const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

function list(length: number, name = '') {
  const calls: [number, number][] = []
  const load: Load<string> = async (offset, limit) => {
    calls.push([offset, limit])
    const rows = Array.from({ length: Math.max(0, Math.min(limit, length - offset)) }, (_, i) => `${name}${offset + i}`)
    return { total: length, rows }
  }
  return { calls, load }
}

test('only pages that are looked at are loaded, and once', async () => {
  const { calls, load } = list(1000)
  const rows = new PagedRows<string>(() => {}, 100)
  rows.ask(load)
  await settle()
  assert.equal(rows.total, 1000)
  rows.want(250, 310)
  rows.want(255, 300)
  await settle()
  assert.deepEqual(calls, [
    [0, 100],
    [200, 100],
    [300, 100],
  ])
  assert.equal(rows.get(287), '287')
  assert.equal(rows.get(500), undefined)
  rows.want(990, 5000)
  await settle()
  assert.equal(calls.length, 4)
})

test('the rows of before stay until the new ones are there, then none of them', async () => {
  const rows = new PagedRows<string>(() => {}, 10)
  rows.ask(list(30, 'a').load, 0, 25)
  await settle()
  rows.ask(list(12, 'b').load)
  assert.equal(rows.get(0), 'a0')
  assert.equal(rows.ready, false)
  await settle()
  assert.equal(rows.get(0), 'b0')
  assert.equal(rows.get(15), undefined)
  assert.deepEqual([...rows.leading()].length, 10)
})

test('an answer that comes too late is dropped', async () => {
  const rows = new PagedRows<string>(() => {}, 10)
  let late: (() => void) | undefined
  rows.ask(
    () =>
      new Promise((resolve) => {
        late = () => resolve({ total: 1, rows: ['late'] })
      }),
  )
  rows.ask(list(5, 'new').load)
  await settle()
  late?.()
  await settle()
  assert.equal(rows.get(0), 'new0')
  assert.equal(rows.total, 5)
})

test('an error is kept, the rows stay, and asking again heals', async () => {
  const rows = new PagedRows<string>(() => {}, 10)
  rows.ask(list(3).load)
  await settle()
  rows.ask(async () => Promise.reject(new Error('no index')))
  await settle()
  assert.equal(rows.error?.message, 'no index')
  assert.equal(rows.get(1), '1')
  assert.equal(rows.loading, false)
  rows.ask(list(4).load)
  await settle()
  assert.equal(rows.error, undefined)
  assert.equal(rows.total, 4)
})

test('a refresh loads again what is seen, and forgets the rest when it is seen again', async () => {
  const { calls, load } = list(300)
  const rows = new PagedRows<string>(() => {}, 100)
  rows.ask(load)
  await settle()
  rows.want(100, 199)
  await settle()
  rows.refresh(0, 50)
  await settle()
  rows.want(120, 130)
  await settle()
  assert.deepEqual(
    calls.map(([offset]) => offset),
    [0, 100, 0, 100],
  )
})

test('a list that got shorter forgets what is behind its end', async () => {
  let length = 250
  const load: Load<string> = (offset, limit, signal) => list(length).load(offset, limit, signal)
  const rows = new PagedRows<string>(() => {}, 100)
  rows.ask(load, 0, 249)
  await settle()
  assert.equal(rows.get(249), '249')
  length = 120
  rows.refresh(0, 50)
  await settle()
  assert.equal(rows.total, 120)
  assert.equal(rows.get(249), undefined)
})
