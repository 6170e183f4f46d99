import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { decode } from 'fast-png'
import {
  Artifact,
  ConfusionMatrix,
  Histogram,
  Html,
  Image,
  type InitOptions,
  init,
  MediaError,
  Plot,
  StepConflictError,
  Table,
} from '../index.ts'
import type { MediaRecordItem } from '../log/records.ts'
import { blobPath } from '../store/blobs.ts'
import { pathsIn } from '../store/paths.ts'
import { seeRun } from '../testing/readRun.ts'
import { scratch } from '../testing/scratch.ts'

const quiet: InitOptions = { project: 'p', capture: false }

test('a run keeps its rows, config and summary, and says how it ended', async (t) => {
  const dir = scratch(t)
  const run = await init({
    ...quiet,
    dir,
    name: 'first',
    group: 'g',
    tags: ['a'],
    config: { lr: 0.1, net: { depth: 3 } },
  })
  assert.equal(run.config.lr, 0.1)
  for (let i = 0; i < 1000; i++) run.log({ loss: 1 / (i + 1), accuracy: i / 1000 })
  run.log({ 'val/loss': 0.5 })
  run.summary.best = 0.25
  run.config.update({ epochs: 3 })
  assert.equal(run.summary.loss, 1 / 1000)
  assert.equal(run.step, 1001)
  await run.finish()
  const { fold, series } = seeRun(dir, 'p', run.id)
  assert.equal(fold.name, 'first')
  assert.deepEqual(fold.config, { lr: 0.1, net: { depth: 3 }, epochs: 3 })
  assert.deepEqual(fold.summary, { loss: 1 / 1000, accuracy: 0.999, 'val/loss': 0.5, best: 0.25 })
  assert.deepEqual(series.loss[999], [999, 1 / 1000])
  assert.deepEqual(series['val/loss'], [[1000, 0.5]])
  assert.equal(fold.counts.rows, 1001)
  assert.equal(fold.finish?.state, 'finished')
  assert.equal(existsSync(pathsIn(dir).run('p', run.id).active), false)
})

test('rows with the same step are one row whose last value counts', async (t) => {
  const dir = scratch(t)
  const run = await init({ ...quiet, dir })
  run.log({ a: 1, b: 1 }, { step: 5 })
  run.log({ a: 2, c: 3 }, { step: 5 })
  run.log({ a: 4 }, { step: 7, commit: true })
  run.log({ a: 5 })
  await run.finish()
  const { fold } = seeRun(dir, 'p', run.id)
  assert.equal(fold.counts.rows, 3)
  const a = fold.metrics.get('a')!
  assert.deepEqual(a.aggregate(), { min: 2, max: 5, mean: 11 / 3, count: 3 })
  assert.equal(a.first, 2)
  assert.equal(fold.lastStep, 8)
})

test('a step that went by is kept, dropped or refused, as asked for', async (t) => {
  const dir = scratch(t)
  const logged = async (onStepConflict: 'append' | 'warn' | 'error') => {
    const run = await init({ ...quiet, dir, onStepConflict })
    run.log({ x: 1 }, { step: 10 })
    let thrown: unknown
    try {
      run.log({ x: 2 }, { step: 3 })
    } catch (error) {
      thrown = error
    }
    run.log({ x: 3 }, { step: 11 })
    await run.finish()
    const { series, fold } = seeRun(dir, 'p', run.id)
    return { steps: series.x.map(([step]) => step), problems: fold.problems, thrown }
  }
  const append = await logged('append')
  assert.deepEqual(append.steps, [10, 3, 11])
  assert.match(append.problems[0], /step 3/)
  const dropped = await logged('warn')
  assert.deepEqual(dropped.steps, [10, 11])
  assert.match(dropped.problems[0], /not kept/)
  const refused = await logged('error')
  assert.deepEqual(refused.steps, [10, 11])
  assert.ok(refused.thrown instanceof StepConflictError)
})

test('defineMetric chooses the summary and fills in the step metric', async (t) => {
  const dir = scratch(t)
  const run = await init({ ...quiet, dir })
  run.defineMetric('val/*', { stepMetric: 'epoch', summary: ['min', 'mean'] })
  run.defineMetric('secret', { summary: 'none' })
  run.log({ 'val/loss': 3, secret: 1 })
  run.log({ epoch: 1 })
  run.log({ 'val/loss': 1 })
  assert.deepEqual(run.summary['val/loss'], { min: 1, mean: 2 })
  assert.throws(() => run.defineMetric('a*b'), /at the end/)
  await run.finish()
  const { series, fold } = seeRun(dir, 'p', run.id)
  assert.deepEqual(series.epoch, [
    [0, 0],
    [1, 1],
    [2, 1],
  ])
  assert.deepEqual(fold.summary, { 'val/loss': { min: 1, mean: 2 }, epoch: 1 })
})

test('log takes anything, throws at nothing and says what it could not keep', async (t) => {
  const dir = scratch(t)
  const run = await init({ ...quiet, dir })
  run.log({ nan: Number.NaN, inf: -Infinity, big: 2n ** 60n, yes: true, text: 'hello', nested: { a: { b: 1 } } })
  run.log({ list: [1, 2], weights: new Float32Array(100).fill(1), nothing: null, f: () => 1 } as never)
  run.log(null as never)
  run.log({ x: 1 }, { step: Number.NaN })
  run.log({ ok: 1 })
  await run.finish()
  run.log({ late: 1 })
  const { series, records, fold } = seeRun(dir, 'p', run.id)
  assert.ok(Number.isNaN(series.nan[0][1]))
  assert.equal(series.inf[0][1], -Infinity)
  assert.equal(series.big[0][1], 2 ** 60)
  assert.equal(series.yes[0][1], 1)
  assert.equal(series['nested.a.b'][0][1], 1)
  assert.equal(series.ok.length, 1)
  assert.equal(series.late, undefined)
  assert.equal(fold.summary.text, 'hello')
  const kinds = records.flatMap((record) => (record.type === 'media' ? [`${record.key}:${record.items[0].kind}`] : []))
  assert.deepEqual(kinds.sort(), ['list:text', 'text:text', 'weights:histogram'])
  assert.ok(fold.problems.some((problem) => /"nothing" is null/.test(problem)))
  assert.ok(fold.problems.some((problem) => /step NaN/.test(problem)))
})

test('a value that cannot even be read costs itself, and not those beside it', async (t) => {
  const dir = scratch(t)
  const run = await init({ ...quiet, dir })
  /** Has a getter that throws. */
  const thrower = (thrown: unknown) => ({
    get broken() {
      throw thrown
    },
  })
  const loop: unknown[] = [1]
  loop.push(loop)
  const detached = new Float32Array(8)
  structuredClone(detached, { transfer: [detached.buffer] })
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const odd = [
    ...[null, undefined, Symbol('s'), Object.create(null), { message: Symbol('s') }].map(thrower),
    { loop, detached, date: new Date(Number.NaN), revoked: revoked.proxy, inner: thrower(null) },
    { html: new Html('x'), list: [{ toJSON: () => assert.fail('no') }] },
    JSON.parse('{"__proto__": 5, "text": "t"}') as object,
  ]
  for (const values of odd)
    run.log(Object.defineProperties({ loss: 1 }, Object.getOwnPropertyDescriptors(values) as PropertyDescriptorMap))
  run.log({ ids: new BigInt64Array(40).fill(3n), far: Array.from({ length: 40 }, (_, i) => (i - 20) * 1e307) })
  for (const values of [revoked.proxy, Symbol('s'), () => 1]) run.log(values as never)
  run.log({ x: 1 }, { step: Symbol('s') as never })
  run.log({ x: 1 }, { step: 1e300 })
  await run.finish()
  const { series, records, fold, reader } = seeRun(dir, 'p', run.id)
  assert.equal(series.loss.length, odd.length)
  assert.equal(fold.metrics.get('__proto__')?.last, 5)
  const problems = fold.problems.join('\n')
  for (const key of ['broken', 'loop', 'detached', 'date', 'revoked', 'inner.broken', 'list', 'far'])
    assert.match(problems, new RegExp(`"${key}": `))
  const ids = records.flatMap((record) => (record.type === 'media' && record.key === 'ids' ? record.items : []))
  assert.ok(ids[0].kind === 'histogram' && ids[0].counts.includes(40))
  assert.deepEqual(reader.damage, [])
})

test('media are stored beside the log and come back', async (t) => {
  const dir = scratch(t)
  const run = await init({ ...quiet, dir })
  const pixels = Float32Array.from({ length: 12 }, (_, i) => i / 11)
  const image = new Image(
    { data: pixels, width: 4, height: 3 },
    {
      caption: 'x-ray',
      masks: { truth: { data: new Uint8Array(12).fill(1), classes: { 1: 'lung' } } },
      boxes: { found: { boxes: [{ box: [0, 0, 2, 2], class: 1, scores: { p: 0.5 } }] } },
    },
  )
  const table = new Table(['picture', 'truth'])
  table.add(image, 3)
  run.log({ image, images: [image, image], table })
  run.log({
    h: new Histogram([1, 2, Number.NaN, 4], { bins: 3 }),
    cm: new ConfusionMatrix({ classes: ['a', 'b'], truth: [0, 1, 1], predictions: [0, 0, 1] }),
    html: new Html('<b>hi</b>'),
    plot: new Plot({ mark: 'line' }),
  })
  await run.finish()
  const { records } = seeRun(dir, 'p', run.id)
  const media = new Map(
    records.flatMap((r) => (r.type === 'media' ? [[r.key, r.items] as [string, MediaRecordItem[]]] : [])),
  )
  const blob = (sha256: string) => readFileSync(blobPath(pathsIn(dir).run('p', run.id).blobs, sha256))
  const [item] = media.get('image')!
  assert.ok(item.kind === 'image')
  const png = decode(blob(item.blob.sha256))
  assert.deepEqual([png.width, png.height, png.channels], [4, 3, 1])
  assert.deepEqual(
    Array.from(png.data),
    Array.from(pixels, (p) => Math.round(p * 255)),
  )
  assert.deepEqual(Array.from(decode(blob(item.masks.truth.blob.sha256)).data), new Array(12).fill(1))
  assert.equal(media.get('images')!.length, 2)
  const [stored] = media.get('table')!
  assert.ok(stored.kind === 'table' && stored.rows === 1)
  const rows = JSON.parse(blob(stored.blob.sha256).toString()) as { rows: [{ kind: string }, number][] }
  assert.equal(rows.rows[0][0].kind, 'image')
  assert.deepEqual(media.get('h'), [{ kind: 'histogram', edges: [1, 2, 3, 4], counts: [1, 1, 1] }])
  assert.deepEqual(media.get('cm'), [
    {
      kind: 'confusion-matrix',
      classes: ['a', 'b'],
      counts: [
        [1, 0],
        [1, 1],
      ],
    },
  ])
})

test('media that do not fit are refused by name where they are made', () => {
  assert.throws(() => new Image({ data: [1, 2, 3], width: 2, height: 2 }), MediaError)
  assert.throws(
    () => new Image({ data: new Uint8Array(4), width: 2, height: 2 }, { masks: { truth: [1] } }),
    /mask "truth"/,
  )
  assert.throws(() => new Image(new Uint8Array([1, 2, 3])), /no PNG/)
  assert.throws(() => new Table(['a']).add(1, 2), /2 cells for 1/)
  assert.throws(() => new ConfusionMatrix({ classes: ['a'], truth: [0], predictions: [1] }), /example 0/)
  assert.throws(() => new Histogram({ edges: [1], counts: [1] }), /edges/)
})

test('what is of another type than it should be is refused, and is never written as a record that none can read', async (t) => {
  const dir = join(scratch(t), 'runs')
  const loop: { [key: string]: unknown } = {}
  loop.loop = loop
  const wrong = [
    { tags: 'a' },
    { tags: [1] },
    { name: 5 },
    { group: {} },
    { jobType: 1 },
    { notes: [] },
    { config: loop },
    { config: [1] },
    { onStepConflict: 'drop' },
    { mode: 'remote', url: 'localhost:4747' },
  ]
  for (const options of wrong) await assert.rejects(init({ ...quiet, dir, ...(options as object) }), TypeError)
  assert.equal(existsSync(dir), false)
  const run = await init({ ...quiet, dir, config: { lr: 1 } })
  assert.throws(() => run.defineMetric('x', { goal: 'up' as never }), /goal/)
  assert.throws(() => run.defineMetric('x', { stepMetric: 5 as never }), /stepMetric/)
  assert.throws(() => run.defineMetric(undefined as never), /name/)
  assert.throws(() => run.edit({ tags: 'a' as never }), /tags/)
  run.alert({ title: Symbol('s') as never, level: 'loud' as never })
  const picture = { data: [0], width: 1, height: 1 }
  const classes = { 0: 7 as never }
  run.log({
    image: new Image(picture, { caption: 5 as never, masks: { truth: { data: [0], classes } } }),
    none: { toInput: () => 0 },
    histogram: new Histogram({ edges: [0, 1], counts: [1] }),
  })
  const box = { box: [0, 0, 1, 1] as [number, number, number, number], class: 'cat' as never }
  assert.throws(() => new Image(picture, { boxes: { found: { boxes: [box] } } }), /class of a box/)
  class Wrong extends Html {
    override toInput() {
      return { kind: 'histogram' as const, edges: [Number.NaN], counts: [] }
    }
  }
  run.log({ wrong: new Wrong('') })
  await run.finish()
  const { records, fold, reader } = seeRun(dir, 'p', run.id)
  assert.deepEqual(reader.damage, [])
  assert.ok(
    records.some((record) => record.type === 'alert' && record.level === 'info' && record.title === 'Symbol(s)'),
  )
  const image = records.flatMap((record) => (record.type === 'media' && record.key === 'image' ? record.items : []))[0]
  assert.ok(image.kind === 'image' && image.caption === '5' && image.masks.truth.classes[0] === '7')
  assert.ok(fold.problems.some((problem) => /"wrong" at step/.test(problem)))
})

test('config takes all of an update or nothing, and what cannot be kept does not keep a run from its end', async (t) => {
  const dir = scratch(t)
  const run = await init({ ...quiet, dir, config: { nested: {} as { [key: string]: unknown } } })
  const loop: { [key: string]: unknown } = {}
  loop.loop = loop
  assert.throws(() => run.config.update({ first: 1, loop }), /circular/)
  assert.equal('first' in run.config, false)
  run.config.update({ first: 1, ...(JSON.parse('{"__proto__": "data"}') as object) })
  run.config.nested.loop = loop
  await run.finish()
  const { fold } = seeRun(dir, 'p', run.id)
  assert.equal(JSON.stringify(fold.config), '{"nested":{},"first":1,"__proto__":"data"}')
  assert.ok(fold.problems.some((problem) => /config cannot be kept/.test(problem)))
  assert.equal(fold.finish?.state, 'finished')
})

test('a variable of the environment that is set to nothing is as if it were not set', async (t) => {
  const names = ['PROJECT', 'RUN_ID', 'RESUME', 'MODE', 'URL', 'TOKEN', 'RUN_GROUP', 'SWEEP_ID'].map(
    (name) => `TRAINYARD_${name}`,
  )
  const before = names.map((name) => process.env[name])
  t.after(() =>
    names.forEach((name, i) => {
      if (before[i] === undefined) delete process.env[name]
      else process.env[name] = before[i]
    }),
  )
  for (const name of names) process.env[name] = ''
  const run = await init({ dir: scratch(t), capture: false })
  assert.equal(run.project, 'default')
  await run.finish()
})

test('resume goes on where the run was, with its config, summary and statistics', async (t) => {
  const dir = scratch(t)
  const first = await init({ ...quiet, dir, id: 'r1', name: 'n', config: { lr: 1, old: true } })
  first.log({ x: 5 })
  first.log({ x: 1 })
  first.defineMetric('x', { summary: 'max' })
  await first.finish({ exitCode: 1, error: new Error('out of memory') })
  assert.equal(seeRun(dir, 'p', 'r1').fold.finish?.state, 'failed')
  await assert.rejects(init({ ...quiet, dir, id: 'r1' }), /exists.*resume/)
  await assert.rejects(init({ ...quiet, dir, id: 'r2', resume: 'must' }), /cannot be resumed/)
  const second = await init({ ...quiet, dir, id: 'r1', resume: 'allow', config: { lr: 2 } })
  assert.equal(second.resumed, true)
  assert.equal(second.step, 2)
  assert.equal(second.name, 'n')
  assert.deepEqual({ ...second.config }, { lr: 2, old: true })
  assert.deepEqual(second.summary.x, { max: 5 })
  await assert.rejects(init({ ...quiet, dir, id: 'r1', resume: 'allow' }), /being written/)
  second.log({ x: 7 })
  await second.finish()
  const { fold, series } = seeRun(dir, 'p', 'r1')
  assert.deepEqual(
    series.x.map(([step]) => step),
    [0, 1, 2],
  )
  assert.equal(fold.sessions.length, 2)
  assert.deepEqual(fold.summary.x, { max: 7 })
  assert.equal(fold.finish?.state, 'finished')
})

test('files and artifacts are kept by content, versions count up only with changes', async (t) => {
  const dir = scratch(t)
  const file = join(dir, 'weights.bin')
  writeFileSync(file, 'one')
  const run = await init({ ...quiet, dir })
  await run.saveFile(file, { name: 'checkpoints/last.bin' })
  const log = () => run.logArtifact(new Artifact('model', { type: 'model' }).addFile(file), { aliases: ['best'] })
  assert.equal(await log(), 0)
  assert.equal(await log(), 0)
  writeFileSync(file, 'two')
  assert.equal(await log(), 1)
  assert.equal(readFileSync((await run.useArtifact('model:v0')).file('weights.bin'), 'utf8'), 'one')
  assert.equal((await run.useArtifact('model:best')).version, 1)
  assert.equal(
    readFileSync(join((await run.useArtifact('model')).download(join(dir, 'out')), 'weights.bin'), 'utf8'),
    'two',
  )
  await assert.rejects(run.useArtifact('nothing'), /project has model/)
  await assert.rejects(run.useArtifact('model:v9'), /v0, v1/)
  await assert.rejects(run.saveFile(file, { name: '../../evil' }), /relative/)
  await assert.rejects(run.saveFile(join(dir, 'nowhere')), /ENOENT/)
  for (const alias of ['', 'a:b', 'v7', '7'])
    await assert.rejects(run.logArtifact(new Artifact('model').addFile(file), { aliases: [alias] }), /an alias/)
  assert.throws(() => new Artifact('twice').addBytes('x', '1').addBytes('x', '2'), /has a file "x" already/)
  await run.finish()
  await assert.rejects(run.saveFile(file), /has finished/)
  await assert.rejects(run.logArtifact(new Artifact('late').addBytes('x', '')), /has finished/)
  const files = seeRun(dir, 'p', run.id).records.flatMap((r) => (r.type === 'file' ? [r.path] : []))
  assert.deepEqual(files, ['checkpoints/last.bin'])
})

test('resume auto goes on with the last run of this command that did not finish', async (t) => {
  const dir = scratch(t)
  const options = { ...quiet, dir, resume: 'auto' as const }
  const first = await init(options)
  first.log({ x: 1 })
  await first.finish({ exitCode: 1 })
  const second = await init(options)
  assert.deepEqual([second.id === first.id, second.resumed, second.step], [true, true, 1])
  await second.finish()
  const third = await init(options)
  assert.notEqual(third.id, first.id)
  await third.finish()
})

test('several runs in one process are kept apart', async (t) => {
  const dir = scratch(t)
  const runs = await Promise.all(['a', 'b', 'c'].map((id) => init({ ...quiet, dir, id, config: { id, list: [1] } })))
  for (let i = 0; i < 3000; i++) for (const [n, run] of runs.entries()) run.log({ [`k${n}`]: i })
  runs[0].config.list.push(2)
  await Promise.all(runs.map((run) => run.finish()))
  runs.forEach((run, n) => {
    const { series, fold } = seeRun(dir, 'p', run.id)
    assert.deepEqual(Object.keys(series), [`k${n}`])
    assert.equal(series[`k${n}`].length, 3000)
    assert.deepEqual(fold.config.list, n === 0 ? [1, 2] : [1])
  })
})

test('config and summary are objects like others', async (t) => {
  const run = await init({ ...quiet, dir: scratch(t), mode: 'disabled', config: { lr: 0.1, update: 'a value' } })
  run.config.lr = 0.2
  delete (run.config as { update?: unknown }).update
  assert.equal(JSON.stringify(run.config), '{"lr":0.2}')
  assert.deepEqual({ ...run.config }, { lr: 0.2 })
  assert.equal('lr' in run.config, true)
  run.summary.update({ best: 1 })
  run.log({ loss: 2 })
  assert.deepEqual(Object.entries(run.summary), [
    ['loss', 2],
    ['best', 1],
  ])
  await run.finish()
})

test('what a million different keys or a huge row do is bounded and said, not thrown', async (t) => {
  const dir = scratch(t)
  const run = await init({ ...quiet, dir })
  const wide: { [key: string]: number } = {}
  for (let i = 0; i < 20_000; i++) wide[`key ${i}`] = i
  run.log(wide)
  for (let i = 0; i < 2000; i++) run.log({ [`one ${i}`]: 1 })
  await run.finish()
  const { fold } = seeRun(dir, 'p', run.id)
  assert.equal(fold.metrics.size, 22_000)
  assert.equal(fold.counts.rows, 2001)
  assert.deepEqual(fold.problems, [])
})

test('a disabled run does everything and writes nothing', async (t) => {
  const dir = join(scratch(t), 'none')
  const run = await init({ dir, mode: 'disabled', config: { lr: 1 } })
  for (let i = 0; i < 100; i++) run.log({ x: i })
  run.log({ image: new Image({ data: [0], width: 1, height: 1 }) })
  assert.equal(run.summary.x, 99)
  assert.equal(await run.logArtifact(new Artifact('a').addBytes('f', 'x')), null)
  await run.finish()
  assert.equal(existsSync(dir), false)
})

test('bad options are refused before anything is made', async (t) => {
  const dir = join(scratch(t), 'none')
  await assert.rejects(init({ dir, project: '' }), /not empty/)
  await assert.rejects(init({ dir, id: '../../etc' }), /run id/)
  await assert.rejects(init({ dir, mode: 'cloud' as never }), /mode/)
  await assert.rejects(init({ dir, mode: 'remote' }), /url/)
  assert.equal(existsSync(dir), false)
})
