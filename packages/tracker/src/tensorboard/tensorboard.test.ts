import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { RunIndex } from '../index/runIndex.ts'
import { Histogram, Image, init } from '../index.ts'
import { seeRun } from '../testing/readRun.ts'
import { scratch } from '../testing/scratch.ts'
import { decodeEvent, type Event, encodeEvent } from './event.ts'
import { exportTensorBoard } from './export.ts'
import { EventWriter, encodeRecord, readEvents } from './file.ts'
import { importTensorBoard } from './import.ts'

test('events come back as they were', () => {
  const tag = fc.string({ minLength: 1 })
  const summary = fc.oneof(
    fc.record({ kind: fc.constant('scalar' as const), tag, value: fc.float() }),
    fc.record({
      kind: fc.constant('text' as const),
      tag,
      text: fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
    }),
    fc.record({
      kind: fc.constant('histogram' as const),
      tag,
      edges: fc.constant<number[]>([0, 1, 2.5]),
      counts: fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 100 })),
    }),
  )
  fc.assert(
    fc.property(
      fc.double({ noNaN: true }),
      fc.maxSafeInteger(),
      fc.array(summary, { maxLength: 4 }),
      (wallTime, step, summaries) => {
        const event: Event = { wallTime, step, summaries: summaries.map((summary) => ({ ...summary })) }
        assert.deepEqual(decodeEvent(encodeEvent(event)), event)
      },
    ),
  )
})

test('any bytes are read without a crash or a hang, also behind right checksums', (t) => {
  const file = join(scratch(t), 'tfevents')
  const good = encodeEvent({
    wallTime: 1,
    step: 2,
    summaries: [{ kind: 'histogram', tag: 'h', edges: [0, 1], counts: [3] }],
  })
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 300 }).map(encodeRecord),
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }).map((changes) => {
          const bytes = good.slice()
          for (const [at, byte] of changes) bytes[at] = byte
          return encodeRecord(bytes)
        }),
      ),
      (bytes) => {
        writeFileSync(file, bytes)
        const problems: { at: number; reason: string }[] = []
        const events = [...readEvents(file, problems)]
        assert.ok(bytes.length === 0 || events.length + problems.length > 0)
      },
    ),
    { numRuns: 500 },
  )
})

test('a torn file gives what is whole, and says what is not', (t) => {
  const file = join(scratch(t), 'tfevents')
  const writer = new EventWriter(file, 1)
  for (let i = 0; i < 10; i++)
    writer.write({ wallTime: i + 1, step: i, summaries: [{ kind: 'scalar', tag: 'x', value: i }] })
  writer.close()
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.subarray(0, bytes.length - 5))
  const problems: { at: number; reason: string }[] = []
  assert.equal([...readEvents(file, problems)].length, 10)
  assert.match(problems[0].reason, /incomplete/)
  const damaged = Buffer.from(bytes)
  damaged[bytes.length - 8] ^= 1
  writeFileSync(file, damaged)
  assert.equal([...readEvents(file, problems)].length, 10)
  assert.match(problems[1].reason, /checksum/)
})

test('a run goes to TensorBoard and back', async (t) => {
  const dir = scratch(t)
  const run = await init({ dir, project: 'p', id: 'r', name: 'first run', capture: false, config: { lr: 0.5 } })
  for (let i = 0; i < 5000; i++) run.log({ loss: 1 / (i + 1), 'val/acc': Math.fround(i / 5000) })
  run.log({
    image: new Image({ data: new Uint8Array(6).fill(9), width: 3, height: 2 }),
    h: new Histogram([1, 2, 3], { bins: 2 }),
    note: 'hi',
  })
  await run.finish()
  const index = new RunIndex(dir)
  index.refresh()
  const out = join(dir, 'tensorboard')
  const { folder, events } = exportTensorBoard(index, 'p', 'r', out)
  index.close()
  assert.equal(events, 5004)
  assert.match(folder, /p\/first%20run-r$/)
  const [imported] = importTensorBoard(out, dir, 'again')
  assert.equal(imported.scalars, 10_000)
  assert.deepEqual(imported.problems, [])
  const before = seeRun(dir, 'p', 'r')
  const after = seeRun(dir, 'again', imported.id)
  assert.equal(after.fold.counts.rows, 5000)
  assert.deepEqual(after.series['val/acc'], before.series['val/acc'])
  assert.deepEqual(
    after.series.loss,
    before.series.loss.map(([step, value]) => [step, Math.fround(value)]),
  )
  const media = (seen: typeof before) =>
    seen.records.flatMap((record) => (record.type === 'media' ? [[record.key, record.items] as const] : []))
  assert.deepEqual(new Map(media(after)).get('h'), new Map(media(before)).get('h'))
  assert.deepEqual(new Map(media(after)).get('image'), new Map(media(before)).get('image'))
  assert.equal(after.fold.summary.note, 'hi')
  assert.equal(after.fold.finish?.state, 'finished')
})

test('a run with a very long name whose pictures did not come along is exported without them', async (t) => {
  const dir = scratch(t)
  const run = await init({ dir, project: 'p', id: 'r', name: 'ü'.repeat(1000), capture: false })
  run.log({ loss: 1, image: new Image({ data: new Uint8Array(6), width: 3, height: 2 }) })
  await run.finish()
  rmSync(join(run.folder, 'blobs'), { recursive: true })
  const index = new RunIndex(dir)
  index.refresh()
  const { events, missing } = exportTensorBoard(index, 'p', 'r', join(dir, 'out'))
  index.close()
  assert.deepEqual([events, missing], [2, 1])
})

test('files of TensorFlow 1, TensorFlow 2 and PyTorch are read', (t) => {
  const root = join(import.meta.dirname, '../../test/fixtures/tensorboard')
  const dir = scratch(t)
  const runs = importTensorBoard(root, dir, 'foreign')
  assert.ok(runs.length > 0)
  for (const { id, name, problems } of runs) {
    const { series, fold, records } = seeRun(dir, 'foreign', id)
    assert.deepEqual(problems, [], name)
    assert.deepEqual(
      series['train/loss'].map(([step]) => step),
      [0, 1, 2, 3, 4],
      name,
    )
    assert.deepEqual(
      series['train/loss'].map(([, value]) => value),
      [0, 1, 2, 3, 4].map((i) => Math.fround(1 / (i + 1))),
      name,
    )
    const kinds = new Set(records.flatMap((record) => (record.type === 'media' ? [record.items[0].kind] : [])))
    assert.deepEqual([...kinds].sort(), ['histogram', 'image', 'text'], name)
    assert.equal(fold.finish?.state, 'finished')
  }
})

test('a folder without event files is refused', (t) => {
  const dir = scratch(t)
  mkdirSync(join(dir, 'empty'))
  assert.throws(() => importTensorBoard(join(dir, 'empty'), dir, 'p'), /no event file/)
})

/** Set to a Python that has TensorBoard, to have it read what we write. */
const python = process.env.TRAINYARD_TENSORBOARD_PYTHON

test('TensorBoard itself reads what is exported', {
  skip: python ? false : 'TRAINYARD_TENSORBOARD_PYTHON names no Python with TensorBoard',
}, async (t) => {
  const dir = scratch(t)
  const run = await init({ dir, project: 'p', id: 'r', capture: false })
  for (let i = 0; i < 50; i++) run.log({ loss: i, h: new Histogram([i, i + 1, i + 2]) })
  run.log({ image: new Image({ data: new Uint8Array(6), width: 3, height: 2 }), note: 'hi' })
  await run.finish()
  const index = new RunIndex(dir)
  index.refresh()
  const { folder } = exportTensorBoard(index, 'p', 'r', join(dir, 'out'))
  index.close()
  const script = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0, 'histograms': 0}); a.Reload()
h = a.Histograms('h')[3].histogram_value
print(json.dumps(dict(scalars=[(e.step, e.value) for e in a.Scalars('loss')], histograms=len(a.Histograms('h')), num=h.num, image=a.Images('image')[0].width, texts=a.Tags()['tensors'])))`
  const { stdout, stderr } = spawnSync(python!, ['-c', script, folder], { encoding: 'utf8' })
  const seen = JSON.parse(stdout || assert.fail(stderr)) as { [key: string]: unknown }
  assert.deepEqual(
    seen.scalars,
    Array.from({ length: 50 }, (_, i) => [i, i]),
  )
  assert.deepEqual([seen.histograms, seen.num, seen.image], [50, 3, 3])
  assert.deepEqual((seen.texts as string[]).sort(), ['config', 'note'])
  assert.equal(readdirSync(folder).length, 1)
})
