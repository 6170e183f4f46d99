import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { scratch } from '../../testing/scratch.ts'
import { Database } from '../database.ts'
import { columnNumber } from '../save.ts'
import { aggregateLines } from './aggregate.ts'
import { digestPoints, encodePoints } from './chunk.ts'
import { RunClock, type XAxis } from './clock.ts'
import { type Line, type LineQuery, SeriesQueries } from './query.ts'
import { emaStart, type Smoothing, smooth } from './smooth.ts'
import { SeriesStore } from './store.ts'
import { SeriesTail } from './tail.ts'

const clock = new RunClock([{ started: 0, ended: null, runtime: 0, step: 0 }])
const plain: LineQuery = { x: 'step', range: undefined, pixels: 100, smoothing: { kind: 'none' } }

/** Series in an index, filled by hand. */
function makeStore(t: Parameters<typeof scratch>[0]) {
  const database = Database.open(join(scratch(t), 'index.sqlite'))
  t.after(() => database.close())
  const tails = new Map<string, SeriesTail>()
  const queries = new SeriesQueries(new SeriesStore(database))
  const add = (metric: string, points: { step: number; time: number; value: number; row?: number }[]) => {
    let tail = tails.get(metric)
    if (!tail) tails.set(metric, (tail = new SeriesTail()))
    for (const { step, time, value, row } of points) tail.push(row ?? Number.NaN, step, time * 1e6, value)
    database.transaction(() => {
      for (const { first, points: piece } of tail.save())
        database.run(
          'INSERT OR REPLACE INTO chunk (run_id, metric, first, count, blocks, points) VALUES (1, ?, ?, ?, ?, ?)',
          columnNumber(database, 'metric', metric),
          first,
          piece.count,
          new Uint8Array(digestPoints(piece, 0, piece.count).buffer),
          encodePoints(piece),
        )
    })
  }
  const line = (metric: string, query: Partial<LineQuery> = {}, cursor?: string): Line =>
    queries.line({ id: 1, clock }, metric, { ...plain, ...query }, cursor)
  return { add, line, queries }
}

const points = (count: number, from = 0, value = (i: number) => Math.sin(i / 50) + (i % 7)) =>
  Array.from({ length: count }, (_, i) => ({ step: from + i, time: 1000 + (from + i) / 10, value: value(from + i) }))

test('every bucket holds the least, greatest and mean of its points, whatever is asked', (t) => {
  const { add, line } = makeStore(t)
  const all = points(20_000)
  add('m', all.slice(0, 7000))
  add('m', all.slice(7000))
  for (const pixels of [1, 7, 100, 1000, 10_000])
    for (const range of [
      undefined,
      [0, 19_999],
      [5000, 5100],
      [123.5, 15_000.25],
      [-50, 20],
      [30_000, 40_000],
    ] as const)
      for (const x of ['step', 'wall', 'relative'] as XAxis[]) {
        const scale = x === 'step' ? (step: number) => step : (step: number) => 1000 + step / 10
        const seen = line('m', { pixels, range: range && [scale(range[0]), scale(range[1])], x })
        const what = `${pixels} pixels, range ${range}, ${JSON.stringify(x)}`
        const low = range ? Math.max(0, Math.ceil(range[0]) - 1) : 0
        const high = range ? Math.min(all.length, Math.floor(range[1]) + 2) : all.length
        assert.ok(seen.x.length <= pixels + 3, `${what}: ${seen.x.length} buckets`)
        if (low >= high) continue
        if (seen.bucket === 0) {
          assert.ok(seen.x.every((value, i) => i === 0 || value > seen.x[i - 1]))
          assert.deepEqual(
            seen.y,
            all.slice(low, low + seen.y.length).map((point) => point.value),
            what,
          )
          continue
        }
        // Digests may reach to the next multiple of 64 on either side; elsewhere the cover is exact.
        const [min, max] = [Math.min(...(seen.min as number[])), Math.max(...(seen.max as number[]))]
        const inside = all.slice(low, high).map((point) => point.value)
        assert.ok(min <= Math.min(...inside) && max >= Math.max(...inside), what)
        assert.ok(
          seen.y.every((y, i) => y! >= seen.min![i]! && y! <= seen.max![i]!),
          what,
        )
        assert.ok(
          seen.x.every(
            (value, i) => i === 0 || Math.floor(value / seen.bucket) > Math.floor(seen.x[i - 1] / seen.bucket),
          ),
          what,
        )
      }
})

test('buckets do not move when a run grows or a person pans', (t) => {
  const { add, line } = makeStore(t)
  add('m', points(5000))
  const before = line('m')
  add('m', points(100, 5000))
  const after = line('m')
  assert.equal(before.bucket, after.bucket)
  assert.deepEqual(after.y.slice(0, before.y.length - 1), before.y.slice(0, -1))
  const left = line('m', { range: [1000, 2000], pixels: 50 })
  const right = line('m', { range: [1100, 2100], pixels: 50 })
  const shared = left.x.filter((x) => x > 1150 && x < 1950)
  assert.ok(shared.every((x) => right.x.includes(x)))
})

test('what cursors bring is what a question without them brings', (t) => {
  const smoothings: Smoothing[] = [
    { kind: 'none' },
    { kind: 'ema', weight: 0.9 },
    { kind: 'time-weighted-ema', weight: 0.6 },
    { kind: 'running-mean', window: 9 },
    { kind: 'gaussian', sigma: 2 },
  ]
  fc.assert(
    fc.property(
      fc.constantFrom(...smoothings),
      fc.constantFrom(20, 300, 5000),
      fc.constantFrom<XAxis>('step', 'relative'),
      fc.option(fc.constantFrom<[number, number]>([100, 900], [0, 1e6]), { nil: undefined }),
      fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 6 }),
      (smoothing, pixels, x, range, sizes) => {
        const { add, line } = makeStore(t)
        const query = { smoothing, pixels, x, range }
        let have: Line | null = null
        let total = 0
        for (const size of sizes) {
          add('m', points(size, total))
          total += size
          const next: Line = line('m', query, have?.cursor)
          const merge = (key: 'x' | 'y' | 'min' | 'max' | 'raw') => {
            const fresh = next[key]
            return fresh && [...((have?.[key] as unknown[]) ?? []).slice(0, next.keep), ...fresh]
          }
          const merged = { x: merge('x'), y: merge('y'), min: merge('min'), max: merge('max'), raw: merge('raw') }
          const whole = line('m', query)
          for (const key of ['x', 'y', 'min', 'max', 'raw'] as const)
            close(merged[key], whole[key], `${key} at ${total}`)
          have = { ...whole, cursor: next.cursor, ...(merged as Pick<Line, 'x' | 'y'>) }
        }
      },
    ),
    { numRuns: 40 },
  )
})

/** The same but for the last digits: sums over other parts round otherwise. */
function close(a: unknown[] | undefined, b: unknown[] | undefined, what: string): void {
  assert.equal(a?.length, b?.length, what)
  a?.forEach((value, i) => {
    const [x, y] = [value as number, b?.[i] as number]
    assert.ok(value === b?.[i] || Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(x)), `${what}[${i}]: ${x} and ${y}`)
  })
}

test('a live chart is sent new points only', (t) => {
  const { add, line } = makeStore(t)
  add('m', points(60_000))
  let seen = line('m', { pixels: 1000 })
  for (let i = 0; i < 20; i++) {
    add('m', points(10, 60_000 + i * 10))
    const next = line('m', { pixels: 1000 }, seen.cursor)
    assert.ok(next.x.length <= 2, `${next.x.length} buckets for 10 points`)
    assert.equal(next.keep + next.x.length >= 900 || next.keep > 0, true)
    seen = next
  }
})

test('a cursor of another question, or a made-up one, is no cursor', (t) => {
  const { add, line } = makeStore(t)
  add('m', points(5000))
  const whole = line('m')
  const foreign = line('m', { pixels: 50 }).cursor
  for (const cursor of [
    foreign,
    'x',
    '~~~~~',
    whole.cursor.replace(/~\d+$/, '~999999999'),
    `${whole.cursor}9`,
    whole.cursor.replace(/~\d+~/, '~-1~'),
  ])
    assert.doesNotThrow(() => line('m', {}, cursor), cursor)
  assert.equal(line('m', {}, foreign).keep, 0)
})

test('a value that is replaced is replaced in the chart too, also at the end of a piece', (t) => {
  const { add, line } = makeStore(t)
  add(
    'm',
    Array.from({ length: 1024 }, (_, i) => ({ step: i, time: i, value: 1, row: i })),
  )
  assert.equal(line('m', { pixels: 5000 }).y.at(-1), 1)
  add('m', [{ step: 1023, time: 1023, value: 9, row: 1023 }])
  const seen = line('m', { pixels: 5000 })
  assert.deepEqual([seen.points, seen.y.at(-1)], [1024, 9])
})

test('values that are not finite are gaps, are counted, and poison nothing', (t) => {
  const { add, line } = makeStore(t)
  add(
    'm',
    points(3000, 0, (i) => (i % 10 === 3 ? Number.NaN : i === 100 ? Infinity : 2)),
  )
  for (const smoothing of [
    { kind: 'none' },
    { kind: 'ema', weight: 0.9 },
    { kind: 'running-mean', window: 5 },
    { kind: 'gaussian', sigma: 3 },
  ] as Smoothing[]) {
    const seen = line('m', { smoothing })
    assert.equal(seen.nonFinite, 301)
    assert.ok(
      seen.y.every((y) => Math.abs(y! - 2) < 1e-12),
      smoothing.kind,
    )
  }
  const near = line('m', { range: [98, 104], pixels: 100 })
  assert.deepEqual(near.y.slice(1, -1), [2, 2, null, 2, 2, null, 2])
})

test('steps out of order are put in order, other metrics are paired by step', (t) => {
  const { add, line } = makeStore(t)
  add(
    'm',
    [5, 3, 4, 1].map((step, i) => ({ step, time: i, value: step * 10 })),
  )
  const seen = line('m')
  assert.deepEqual(
    [seen.x, seen.y],
    [
      [1, 3, 4, 5],
      [10, 30, 40, 50],
    ],
  )
  add(
    'epoch',
    [0, 100, 200].map((step, i) => ({ step, time: step, value: i })),
  )
  add(
    'val',
    [0, 50, 100, 250].map((step) => ({ step, time: step, value: step })),
  )
  const byEpoch = line('val', { x: { metric: 'epoch' } })
  assert.deepEqual(
    [byEpoch.x, byEpoch.y],
    [
      [0, 0, 1, 2],
      [0, 50, 100, 250],
    ],
  )
  assert.deepEqual(line('val', { x: { metric: 'none' } }).x, [])
  add(
    'zigzag',
    points(5000, 0, (i) => i % 100),
  )
  add('y', points(5000))
  const strides = line('y', { x: { metric: 'zigzag' }, pixels: 100 })
  assert.ok(strides.x.length <= 100 && strides.bucket > 0)
  assert.deepEqual(strides.extent, [0, 99])
})

test('smoothing: a constant stays, ema is debiased, windows are what they say, order of magnitude of work does not grow with them', () => {
  const n = 20_000
  const x = Float64Array.from({ length: n }, (_, i) => i)
  const y = Float64Array.from({ length: n }, (_, i) => Math.sin(i))
  const run = (smoothing: Smoothing, values = y) => {
    const out = new Float64Array(values.length)
    smooth(smoothing, x, values, out, 0, values.length, emaStart(), n / 1000)
    return out
  }
  const kinds: Smoothing[] = [
    { kind: 'ema', weight: 0.99 },
    { kind: 'time-weighted-ema', weight: 0.99 },
    { kind: 'running-mean', window: 501 },
    { kind: 'gaussian', sigma: 5 },
    { kind: 'gaussian', sigma: 500 },
  ]
  const constant = new Float64Array(n).fill(0.1)
  for (const kind of kinds)
    assert.ok(
      run(kind, constant).every((value) => Math.abs(value - 0.1) < 1e-12),
      JSON.stringify(kind),
    )
  const ema = run({ kind: 'ema', weight: 0.5 }, Float64Array.of(1, 2, 4))
  assert.deepEqual(
    Array.from(ema, (value) => Number(value.toFixed(6))),
    [1, 1.666667, 3],
  )
  const mean = run({ kind: 'running-mean', window: 3 }, Float64Array.of(3, 6, 9, 0))
  assert.deepEqual(Array.from(mean), [4.5, 6, 5, 4.5])
  // The fast gaussian agrees with the exact one.
  const noise = Float64Array.from({ length: 2000 }, (_, i) => ((i * 7919) % 101) / 101)
  const exact = new Float64Array(2000)
  for (let i = 0; i < 2000; i++) {
    let sum = 0
    let weights = 0
    for (let j = 0; j < 2000; j++) {
      const weight = Math.exp(-((i - j) ** 2) / (2 * 20 * 20))
      sum += weight * noise[j]
      weights += weight
    }
    exact[i] = sum / weights
  }
  const fast = run({ kind: 'gaussian', sigma: 20 }, noise)
  for (let i = 100; i < 1900; i++) assert.ok(Math.abs(fast[i] - exact[i]) < 0.01, `${i}: ${fast[i]} ${exact[i]}`)
  const start = performance.now()
  run({ kind: 'gaussian', sigma: 100_000 })
  run({ kind: 'running-mean', window: 1_000_000 })
  assert.ok(performance.now() - start < 2000)
})

test('a mean over runs counts each run over its own extent, by straight lines', () => {
  const line = (x: number[], y: number[]): Line => ({
    keep: 0,
    x,
    y,
    bucket: 0,
    points: x.length,
    nonFinite: 0,
    extent: null,
    cursor: '',
  })
  const { results } = aggregateLines([[line([0, 2, 4], [0, 2, 4]), line([0, 4, 8], [10, 10, 10])]], {
    range: undefined,
    pixels: 100,
    center: 'mean',
    band: 'range',
  })
  const [band] = results
  assert.deepEqual(band.x, [0, 2, 4, 8])
  assert.deepEqual(band.center, [5, 6, 7, 10])
  assert.deepEqual(band.low, [0, 2, 4, 10])
  assert.deepEqual(band.count, [2, 2, 2, 1])
  const spread = aggregateLines([[line([0], [1]), line([0], [3])]], {
    range: undefined,
    pixels: 10,
    center: 'median',
    band: 'deviation',
  })
  assert.ok(Math.abs(spread.results[0].high[0]! - (2 + Math.SQRT2)) < 1e-12)
})

test('the pause between two sessions does not count as running', () => {
  const resumed = new RunClock([
    { started: 100, ended: 110, runtime: 0, step: 0 },
    { started: 500, ended: null, runtime: 10, step: 50 },
  ])
  assert.deepEqual(
    [100, 105, 500, 520].map((time) => resumed.relative(time)),
    [0, 5, 10, 30],
  )
  for (const time of [103, 501]) assert.equal(resumed.wall(resumed.relative(time)), time)
})
