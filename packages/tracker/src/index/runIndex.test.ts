import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { init } from '../index.ts'
import { serveBlob } from '../server/blobs.ts'
import { blobPath } from '../store/blobs.ts'
import { pathsIn } from '../store/paths.ts'
import { scratch } from '../testing/scratch.ts'
import { queryTable } from './queries/media.ts'
import { runDetail } from './queries/runDetail.ts'
import { queryRuns } from './queries/runs.ts'
import { RunIndex } from './runIndex.ts'

async function setUp(t: TestContext) {
  const dir = scratch(t)
  const make = async (id: string, rows = 10) => {
    const run = await init({ dir, project: 'p', id, capture: false, config: { rows } })
    for (let i = 0; i < rows; i++) run.log({ x: i })
    await run.finish()
  }
  const index = () => {
    const opened = new RunIndex(dir)
    t.after(() => {
      try {
        opened.close()
      } catch {
        // Closed by the test.
      }
    })
    return opened
  }
  const list = (opened: RunIndex) =>
    Object.fromEntries(
      queryRuns(opened.database, 'p', { columns: ['count.x'], archived: true }).rows.map((row) => [
        row.id,
        `${row.state} ${row.values[0]}`,
      ]),
    )
  return { dir, make, index, list, paths: pathsIn(dir) }
}

test('a run without an end crashed once its process is gone or its heart stopped', async (t) => {
  const { make, index, list, paths } = await setUp(t)
  for (const id of ['gone', 'silent', 'alive']) {
    await make(id, 100)
    const { log, active } = paths.run('p', id)
    const length = readFileSync(log).length
    truncateSync(log, length - 20) // The end is the last record: now it is torn.
    const pid = id === 'gone' ? 2 ** 22 + 1 : process.pid
    mkdirSync(paths.active, { recursive: true })
    writeFileSync(active, JSON.stringify({ pid, host: hostname(), session: id, started: 0 }))
    if (id === 'silent') utimesSync(active, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000))
  }
  const opened = index()
  opened.refresh()
  assert.deepEqual(list(opened), { gone: 'crashed 100', silent: 'crashed 100', alive: 'running 100' })
  assert.throws(() => opened.remove('p', 'alive'), /is running/)
  rmSync(paths.run('p', 'alive').active)
  opened.refresh()
  assert.equal(list(opened).alive, 'crashed 100')
  const again = await init({ dir: paths.dir, project: 'p', id: 'gone', resume: 'must', capture: false })
  opened.refresh()
  assert.equal(list(opened).gone, 'running 100')
  again.log({ x: 100 })
  await again.finish()
  opened.refresh()
  assert.equal(list(opened).gone, 'finished 101')
  assert.match(runDetail(opened, 'p', 'gone').problems[0], /torn tail/)
})

test('folders that come, go, change places or are no runs are followed', async (t) => {
  const { make, index, list, paths } = await setUp(t)
  await make('a')
  await make('b', 20)
  mkdirSync(join(paths.projects, 'p/runs/not a run'))
  writeFileSync(join(paths.projects, 'p/runs/file'), 'x')
  writeFileSync(join(paths.projects, 'README'), 'x')
  mkdirSync(join(paths.projects, '%zz/runs'), { recursive: true })
  const opened = index()
  opened.refresh()
  assert.deepEqual(list(opened), { a: 'finished 10', b: 'finished 20' })
  rmSync(paths.run('p', 'a').folder, { recursive: true })
  opened.refresh()
  assert.deepEqual(list(opened), { b: 'finished 20' })
  cpSync(paths.run('p', 'b').folder, paths.run('p', 'c').folder, { recursive: true })
  opened.refresh()
  assert.deepEqual(list(opened), { b: 'finished 20', c: 'finished 20' })
  renameSync(paths.project('p'), paths.project('q'))
  opened.refresh()
  assert.deepEqual(list(opened), {})
  assert.equal(queryRuns(opened.database, 'q', {}).total, 2)
})

test('a log that became another one is read anew, a damaged one as far as it goes, and both are said', async (t) => {
  const { make, index, list, paths } = await setUp(t)
  await make('a', 3000)
  await make('b', 5)
  const opened = index()
  opened.refresh()
  assert.equal(list(opened).a, 'finished 3000')
  opened.close()
  cpSync(paths.run('p', 'b').log, paths.run('p', 'a').log)
  const bytes = readFileSync(paths.run('p', 'b').log)
  bytes[60] ^= 0xff
  writeFileSync(paths.run('p', 'b').log, Buffer.concat([bytes, bytes.subarray(0, 3)]))
  const later = index()
  later.refresh()
  assert.equal(list(later).a, 'finished 5')
  const points = later.series.line(
    { id: later.id('p', 'a'), clock: { relative: (x: number) => x, wall: (x: number) => x } as never },
    'x',
    { x: 'step', range: undefined, pixels: 100, smoothing: { kind: 'none' } },
  )
  assert.equal(points.points, 5)
  later.close()
  const rebuilt = new RunIndex(paths.dir, { rebuild: true })
  rebuilt.refresh()
  assert.match(runDetail(rebuilt, 'p', 'b').problems.join(), /could not be read/)
  rebuilt.close()
})

test('a file that is no run log is a run with a problem, not an end of everything', async (t) => {
  const { make, index, list, paths } = await setUp(t)
  await make('good')
  mkdirSync(paths.run('p', 'bad').folder, { recursive: true })
  writeFileSync(paths.run('p', 'bad').log, 'hello, I am no run log')
  const opened = index()
  opened.refresh()
  assert.equal(list(opened).good, 'finished 10')
  assert.match(runDetail(opened, 'p', 'bad').problems.join(), /not a run log/)
})

test('pipes, devices, folders and links where files should be keep nobody waiting and show nothing', {
  skip: process.platform === 'win32' ? 'Windows has none of these' : false,
}, async (t) => {
  const { make, index, list, paths, dir } = await setUp(t)
  await make('good')
  const odd: { [run: string]: (path: string) => void } = {
    pipe: (path) => execFileSync('mkfifo', [path]),
    device: (path) => symlinkSync('/dev/zero', path),
    loop: (path) => symlinkSync('run.log', path),
    folder: (path) => mkdirSync(path),
    link: (path) => symlinkSync(paths.run('p', 'good').log, path),
  }
  for (const [run, put] of Object.entries(odd)) {
    mkdirSync(paths.run('p', run).folder, { recursive: true })
    put(paths.run('p', run).log)
  }
  execFileSync('mkfifo', [paths.run('p', 'good').edits])
  mkdirSync(paths.project('a-loop'))
  symlinkSync('runs', paths.runs('a-loop'))
  symlinkSync(paths.project('p'), paths.project('elsewhere'))
  const opened = index()
  opened.refresh()
  assert.deepEqual(list(opened), { good: 'finished 10' })
  assert.equal(queryRuns(opened.database, 'elsewhere', {}).total, 1)
  const secret = join(dir, 'secret')
  writeFileSync(secret, '{"columns":["a"],"rows":[]}')
  const blob = blobPath(paths.run('p', 'good').blobs, 'a'.repeat(64))
  mkdirSync(dirname(blob), { recursive: true })
  symlinkSync(secret, blob)
  const place = { project: 'p', run: 'good', sha256: 'a'.repeat(64) }
  assert.throws(() => serveBlob(opened, place, {}, undefined), /has no file/)
  assert.throws(() => queryTable(opened, 'p', 'good', { sha256: place.sha256 }), /no table/)
})

test('of edits by the program and by people the later one counts', async (t) => {
  const { dir, index } = await setUp(t)
  const opened = index()
  const run = await init({ dir, project: 'p', id: 'r', name: 'one', tags: ['t'], capture: false })
  opened.refresh()
  opened.edit('p', 'r', { name: 'two', notes: 'by hand' })
  assert.equal(runDetail(opened, 'p', 'r').name, 'two')
  await new Promise((resolve) => setTimeout(resolve, 10))
  run.edit({ name: 'three' })
  await run.finish()
  opened.refresh()
  const { name, notes, tags } = runDetail(opened, 'p', 'r')
  assert.deepEqual([name, notes, tags], ['three', 'by hand', ['t']])
})
