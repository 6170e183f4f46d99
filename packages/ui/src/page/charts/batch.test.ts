import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeriesData, SeriesQuery } from '@trainyard/tracker/api'
import { SeriesBatcher, type SeriesRequest } from './batch.ts'

const request = (metric: string, runs: string[], part: Partial<SeriesRequest> = {}): SeriesRequest => ({
  series: runs.map((run) => ({ run, metric })),
  x: 'step',
  pixels: 512,
  smoothing: { kind: 'none' },
  ...part,
})

function fake() {
  const queries: SeriesQuery[] = []
  const ask = async (query: SeriesQuery) => {
    queries.push(query)
    return { series: query.series.map(({ run, metric }) => ({ run, metric }) as SeriesData) }
  }
  return { queries, ask }
}

test('charts that ask alike share a request, and each gets its own', async () => {
  const { queries, ask } = fake()
  const batcher = new SeriesBatcher(ask, 0)
  const [loss, accuracy, zoomed] = await Promise.all([
    batcher.request(request('loss', ['a', 'b'])),
    batcher.request(request('acc', ['b'])),
    batcher.request(request('loss', ['a'], { range: [0, 10] })),
  ])
  assert.equal(queries.length, 2)
  assert.deepEqual(
    loss.map(({ run, metric }) => run + metric),
    ['aloss', 'bloss'],
  )
  assert.deepEqual(
    accuracy.map(({ metric }) => metric),
    ['acc'],
  )
  assert.equal(zoomed.length, 1)
})

test('what was given up is not asked', async () => {
  const { queries, ask } = fake()
  const batcher = new SeriesBatcher(ask, 0)
  const gone = new AbortController()
  const lost = batcher.request(request('loss', ['a']), gone.signal)
  gone.abort()
  await assert.rejects(lost, { name: 'AbortError' })
  assert.equal(queries.length, 0)
})

test('no request carries so many series that the first charts would wait for the last, and nothing is lost', async () => {
  const { queries, ask } = fake()
  const batcher = new SeriesBatcher(ask, 0)
  const runs = Array.from({ length: 50 }, (_, i) => `r${i}`)
  const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((metric) => batcher.request(request(metric, runs))))
  assert.ok(queries.every((query) => query.series.length <= 60))
  assert.equal(queries.length, 5)
  assert.ok(answers.every((series, i) => series.length === 50 && series[49].metric === 'abcde'[i]))
})

test('a failure reaches every chart that waited', async () => {
  const batcher = new SeriesBatcher(async () => Promise.reject(new Error('no index')), 0)
  const results = await Promise.allSettled([batcher.request(request('a', ['r'])), batcher.request(request('b', ['r']))])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
})
