import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeriesData } from '@trainyard/tracker/api'
import type { SeriesRequest } from './batch.ts'
import { SeriesLoader } from './loader.ts'

const settle = () => new Promise((resolve) => setTimeout(resolve, 5))
const question = { x: 'step', pixels: 512, smoothing: { kind: 'none' } } as const

/** A server whose runs have as many points as said. */
function fake(lengths: { [run: string]: number }) {
  const requests: SeriesRequest[] = []
  const request = async (asked: SeriesRequest, signal?: AbortSignal): Promise<SeriesData[]> => {
    requests.push(asked)
    await new Promise((resolve) => setTimeout(resolve, 1))
    signal?.throwIfAborted()
    return asked.series.map(({ run, metric, cursor }) => {
      const keep = cursor ? Number(cursor) : 0
      const x = Array.from({ length: lengths[run] - keep }, (_, i) => keep + i)
      return {
        run,
        metric,
        keep,
        x,
        y: x.map((at) => at * 2),
        bucket: 0,
        points: lengths[run],
        nonFinite: 0,
        extent: [0, lengths[run] - 1],
        cursor: String(lengths[run]),
      }
    })
  }
  return { requests, request, lengths }
}

test('a run more asks for that run only, a run less for nothing', async () => {
  const { requests, request } = fake({ a: 3, b: 4 })
  let changes = 0
  const loader = new SeriesLoader(request, () => changes++)
  loader.set([{ run: 'a', metric: 'loss' }], question)
  assert.equal(loader.loading, true)
  await settle()
  loader.set(
    [
      { run: 'a', metric: 'loss' },
      { run: 'b', metric: 'loss' },
    ],
    question,
  )
  await settle()
  assert.deepEqual(
    requests.map(({ series }) => series.map(({ run }) => run)),
    [['a'], ['b']],
  )
  loader.set(
    [
      { run: 'b', metric: 'acc' },
      { run: 'b', metric: 'loss' },
    ],
    question,
  )
  loader.set(
    [
      { run: 'b', metric: 'acc' },
      { run: 'b', metric: 'loss' },
    ],
    question,
  )
  await settle()
  assert.equal(requests.length, 3, 'what is on its way is not asked for again')
  const before = changes
  loader.set([{ run: 'b', metric: 'loss' }], question)
  assert.equal(loader.data.size, 1)
  assert.equal(changes, before + 1)
  assert.equal(requests.length, 3)
})

test('a live run costs its new points', async () => {
  const { requests, request, lengths } = fake({ a: 3, b: 3 })
  const loader = new SeriesLoader(request, () => {})
  loader.set(
    [
      { run: 'a', metric: 'loss' },
      { run: 'b', metric: 'loss' },
    ],
    question,
  )
  await settle()
  lengths.a = 5
  loader.poke([{ run: 'a', keys: new Set(['loss', 'acc']) }])
  loader.poke([{ run: 'b', keys: new Set(['acc']) }])
  await settle()
  assert.deepEqual(requests[1].series, [{ run: 'a', metric: 'loss', cursor: '3' }])
  assert.equal(requests.length, 2)
  assert.deepEqual(loader.data.get('a\nloss')?.y, [0, 2, 4, 6, 8])
})

test('another question replaces all, and the answer of the one before is dropped', async () => {
  const { requests, request } = fake({ a: 3 })
  const loader = new SeriesLoader(request, () => {})
  loader.set([{ run: 'a', metric: 'loss' }], question)
  loader.set([{ run: 'a', metric: 'loss' }], { ...question, range: [0, 1] })
  await settle()
  assert.equal(requests.length, 2)
  assert.equal(loader.data.size, 1)
  assert.equal(loader.loading, false)
})

test('an error is said, and asking again heals', async () => {
  const { request } = fake({ a: 3 })
  let broken = true
  const loader = new SeriesLoader(
    (asked, signal) => (broken ? Promise.reject(new Error('no index')) : request(asked, signal)),
    () => {},
  )
  loader.set([{ run: 'a', metric: 'loss' }], question)
  await settle()
  assert.equal(loader.error?.message, 'no index')
  broken = false
  loader.reload()
  await settle()
  assert.equal(loader.error, undefined)
  assert.equal(loader.data.size, 1)
})
