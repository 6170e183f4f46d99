import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as v from 'valibot'
import { init } from '../index.ts'
import { SAMPLE_ROWS, sampleRuns } from '../testing/sampleRuns.ts'
import {
  type AnswerOf,
  type ApiFailure,
  createClient,
  type Endpoint,
  type EndpointName,
  endpoints,
  type JsonEndpoint,
  type RequestOf,
  ServerEvent,
} from './api/index.ts'
import { type RunningServer, serve } from './serve.ts'

const dir = mkdtempSync(join(tmpdir(), 'trainyard-server-'))
let server: RunningServer
let base: string
const called = new Set<string>()

before(async () => {
  await sampleRuns(dir)
  server = await serve({ dir, port: 0, log: (message) => assert.fail(message) })
  base = server.url.replace(/\/$/, '')
  while (server.index.isBusy || server.index.database.all('SELECT id FROM run').length < 3)
    await new Promise((resolve) => setTimeout(resolve, 10))
})
after(async () => {
  await server.close()
  rmSync(dir, { recursive: true, force: true })
})

const project = 'sample'

/** Calls an endpoint and holds its answer against the schema that the OpenAPI document is made of. */
async function call<Name extends JsonEndpoint>(name: Name, request: RequestOf<Name>): Promise<AnswerOf<Name>> {
  called.add(name)
  const answer = await createClient({ base }).call(name, request)
  const { answer: schema } = endpoints[name] as Endpoint
  const result = v.safeParse(schema!, answer)
  assert.ok(
    result.success,
    `${name}: ${JSON.stringify(result.issues?.[0]?.path?.map((p) => p.key))} ${result.issues?.[0]?.message}`,
  )
  assert.deepEqual(result.output, answer, `${name} answers more than its schema says`)
  return answer
}

async function refused(promise: Promise<unknown>, status: number, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error: ApiFailure) => {
    assert.equal(error.status, status, error.message)
    assert.match(error.message, message)
    return true
  })
}

test('server and projects', async () => {
  assert.equal((await call('serverInfo', {})).dir, dir)
  const { projects } = await call('listProjects', {})
  assert.deepEqual([projects[0].name, projects[0].runs, projects[0].running], [project, 3, 0])
})

test('the runs table filters, sorts, pages and has the columns asked for', async () => {
  const columns = [
    'config.lr',
    'config.net.depth',
    'min.loss',
    'last.loss',
    'summary.val/loss.min',
    'state',
    'tags',
    'notes',
  ]
  const page = await call('queryRuns', { project, body: { columns, sort: [{ column: 'config.lr' }] } })
  assert.equal(page.total, 3)
  assert.deepEqual(
    page.rows.map((row) => row.id),
    ['c', 'b', 'a'],
  )
  assert.equal(page.rows[0].state, 'failed')
  assert.equal(page.rows[0].values[3], 'NaN')
  assert.equal(page.rows[2].values[0], 0.1)
  assert.ok(Math.abs((page.rows[2].values[2] as number) - Math.exp(-(SAMPLE_ROWS - 1) * 0.001)) < 1e-12)
  const where = 'config.lr < 0.05 and state == "finished"'
  assert.deepEqual(
    (await call('queryRuns', { project, body: { where } })).rows.map((row) => row.id),
    ['b'],
  )
  assert.deepEqual(
    (await call('queryRuns', { project, body: { search: 'TAG-A' } })).rows.map((row) => row.id),
    ['a'],
  )
  const one = await call('queryRuns', {
    project,
    body: { sort: [{ column: 'last.loss', descending: true }], offset: 1, limit: 1 },
  })
  assert.deepEqual([one.total, one.rows.length], [3, 1])
  assert.deepEqual(
    (await call('queryRuns', { project, body: { runs: ['b', 'a'] } })).rows.map((row) => row.id),
    ['b', 'a'],
  )
  await refused(call('queryRuns', { project, body: { where: 'config.lr <' } }), 400, /expression/i)
  await refused(call('queryRuns', { project, body: { columns: ['nonsense'] } }), 400, /no column/)
  await refused(call('queryRuns', { project, body: { limit: -1 } }), 400, /limit/)
})

test('runs group by columns, and a group opens into its runs', async () => {
  const { groups, total } = await call('queryGroups', { project, body: { groupBy: ['group'], columns: ['config.lr'] } })
  assert.deepEqual(
    [total, groups.map((group) => [group.key[0], group.count])],
    [
      2,
      [
        ['early', 2],
        ['late', 1],
      ],
    ],
  )
  assert.ok(Math.abs((groups[0].values[0].mean as number) - 0.055) < 1e-12)
  const inside = await call('queryRuns', { project, body: { group: { by: ['group'], key: ['early'] } } })
  assert.deepEqual(inside.rows.map((row) => row.id).sort(), ['a', 'b'])
  const byLr = await call('queryGroups', {
    project,
    body: { groupBy: ['config.optimizer'], sort: [{ column: 'config.lr' }] },
  })
  assert.deepEqual(
    byLr.groups.map((group) => group.key[0]),
    ['adam', 'sgd'],
  )
})

test('columns and metrics say what there is', async () => {
  const { columns } = await call('queryColumns', { project, body: {} })
  const lr = columns.find((column) => column.id === 'config.lr')
  assert.deepEqual([lr?.type, lr?.runs, lr?.min, lr?.max, lr?.differs], ['number', 3, 0.001, 0.1, true])
  assert.equal(columns.find((column) => column.id === 'config.net.depth')?.differs, false)
  assert.ok(columns.some((column) => column.id === 'last.loss') && columns.some((column) => column.id === 'state'))
  const { metrics } = await call('queryMetrics', { project, body: {} })
  const val = metrics.find((metric) => metric.key === 'val/loss')
  assert.deepEqual([val?.kind, val?.section, val?.stepMetric, val?.goal], ['scalar', 'val', 'epoch', 'minimize'])
  assert.equal(metrics.find((metric) => metric.key === 'picture')?.kind, 'image')
  assert.ok(metrics.at(-1)?.key.startsWith('system/'))
  const found = await call('queryRunColumns', { project, body: { columns: ['config.lr', 'config.optimizer'] } })
  assert.deepEqual(found.values[1][found.runs.indexOf('a')], 'sgd')
})

test('one run tells everything', async () => {
  const run = await call('getRun', { project, run: 'a' })
  assert.deepEqual(run.config, { lr: 0.1, optimizer: 'sgd', net: { depth: 3 } })
  assert.equal(run.modelSummary, 'Linear 2 -> 1')
  assert.equal(run.summary.note, 'a note')
  assert.match(run.environment?.runtime ?? '', /^node/)
  assert.equal(run.counts.alerts, 1)
  assert.match((await call('getRun', { project, run: 'c' })).error ?? '', /diverged/)
  const history = await call('queryHistory', { project, run: 'a', body: { keys: ['loss'], offset: 2, limit: 2 } })
  assert.equal(history.rows.length, 2)
  assert.deepEqual(history.keys, ['_step', '_timestamp', '_runtime', 'loss'])
  await refused(call('getRun', { project, run: 'zzz' }), 404, /"zzz"/)
})

test('a chart gets one bucket a pixel, and every point when it zooms in', async () => {
  const ask = (body: object) =>
    call('querySeries', { project, body: { series: [{ run: 'a', metric: 'loss' }], ...body } })
  const [whole] = (await ask({ pixels: 100 })).series
  assert.equal(whole.points, SAMPLE_ROWS)
  assert.ok(whole.x.length <= 101 && whole.x.length >= 45)
  assert.ok(whole.y.every((y, i) => y! <= whole.max![i]! && y! >= whole.min![i]!))
  const [zoom] = (await ask({ pixels: 100, range: [500, 520] })).series
  assert.equal(zoom.bucket, 0)
  assert.ok(zoom.x[0] < 500 && zoom.x.at(-1)! > 520 && zoom.x.length <= 25)
  const [none] = (await call('querySeries', { project, body: { series: [{ run: 'a', metric: 'no' }] } })).series
  assert.deepEqual([none.x, none.points, none.extent], [[], 0, null])
  const [smooth] = (await ask({ pixels: 50, smoothing: { kind: 'ema', weight: 0.9 }, x: 'relative' })).series
  assert.ok(smooth.raw && smooth.raw.length === smooth.y.length)
  const [byEpoch] = (
    await call('querySeries', { project, body: { series: [{ run: 'a', metric: 'val/loss' }], x: { metric: 'epoch' } } })
  ).series
  assert.deepEqual(byEpoch.x, [0, 1, 2])
  const [system] = (
    await call('querySeries', { project, body: { series: [{ run: 'a', metric: 'system/memory' }], x: 'wall' } })
  ).series
  assert.ok(system.points >= 1)
  const { groups } = await call('queryAggregate', {
    project,
    body: { metric: 'loss', groups: [{ key: 'early', runs: ['a', 'b'] }], pixels: 50 },
  })
  assert.ok(groups[0].x.length > 20 && groups[0].count.every((count) => count === 2))
  const { points } = await call('queryPoints', {
    project,
    body: {
      series: [
        { run: 'a', metric: 'loss' },
        { run: 'a', metric: 'no' },
      ],
      at: 10.5,
    },
  })
  assert.equal(points[1], null)
  assert.equal(points[0]?.step, 10)
})

test('media come with addresses that work, sandboxed', async () => {
  const { entries } = await call('queryMedia', {
    project,
    body: { runs: ['a'], keys: ['picture', 'html', 'table', 'plot', 'confusion', 'note'] },
  })
  assert.deepEqual(
    entries.map((entry) => entry.items[0].kind),
    ['image', 'html', 'table', 'plot', 'confusion-matrix', 'text'],
  )
  const [image] = entries[0].items
  assert.ok(image.kind === 'image')
  const picture = await fetch(base + image.masks.truth.blob.url)
  assert.equal(picture.headers.get('content-type'), 'image/png')
  assert.match(picture.headers.get('cache-control') ?? '', /immutable/)
  const [html] = entries[1].items
  assert.ok(html.kind === 'html')
  const page = await fetch(base + html.blob.url)
  assert.match(page.headers.get('content-security-policy') ?? '', /^sandbox allow-scripts; default-src 'none'/)
  const steps = await call('queryMediaSteps', { project, body: { runs: ['a'], key: 'picture' } })
  assert.equal(steps.runs[0].steps.length, 5)
  const early = await call('queryMedia', {
    project,
    body: { runs: ['a'], keys: ['picture'], step: steps.runs[0].steps[1] },
  })
  assert.equal(early.entries[0].step, steps.runs[0].steps[1])
  const histograms = await call('queryHistograms', { project, body: { run: 'a', key: 'weights', limit: 3 } })
  assert.deepEqual([histograms.total, histograms.histograms.length], [5, 3])
  const [table] = entries[2].items
  assert.ok(table.kind === 'table')
  const rows = await call('queryTable', {
    project,
    run: 'a',
    body: { sha256: table.blob.sha256, sort: { column: 'n' } },
  })
  assert.deepEqual(
    rows.rows.map((row) => row[1]),
    [1, 2],
  )
  assert.match(JSON.stringify(rows.rows[1][0]), /"url":"\/api/)
  const found = await call('queryTable', { project, run: 'a', body: { sha256: table.blob.sha256, search: 'TWO' } })
  assert.equal(found.total, 1)
  await refused(call('queryTable', { project, run: 'a', body: { sha256: '../../x' } }), 404, /SHA-256/)
})

test('console, files, artifacts and alerts', async () => {
  assert.deepEqual(await call('queryConsole', { project, run: 'a', body: {} }), { total: 0, matches: 0, lines: [] })
  const { files } = await call('listFiles', { project, run: 'a' })
  assert.equal(files[0].path, 'out/weights.txt')
  const file = await fetch(base + files[0].blob.url)
  assert.equal(await file.text(), 'weights of a')
  assert.match(file.headers.get('content-disposition') ?? '', /attachment; filename="weights.txt"/)
  const part = await fetch(base + files[0].blob.url, { headers: { range: 'bytes=3-6' } })
  assert.deepEqual([part.status, await part.text()], [206, 'ghts'])
  const { artifacts } = await call('listArtifacts', { project })
  assert.deepEqual(
    artifacts[0].versions.map(({ version, aliases, producer, consumers }) => [version, aliases, producer, consumers]),
    [
      [1, ['b', 'latest'], 'b', []],
      [0, ['a'], 'a', ['b']],
    ],
  )
  assert.equal((await call('listArtifacts', { project, query: { run: 'c' } })).artifacts.length, 0)
  assert.equal((await call('getArtifact', { project, name: 'model' })).type, 'model')
  const inside = await call('listArtifactFiles', { project, name: 'model', version: 'a' })
  assert.equal(await (await fetch(base + inside.files[0].blob.url)).text(), 'weights of a')
  await refused(call('listArtifactFiles', { project, name: 'model', version: 'v7' }), 404, /v0, v1/)
  await refused(call('getArtifact', { project, name: 'nothing' }), 404, /nothing/)
  const { alerts } = await call('queryAlerts', { project, body: {} })
  assert.deepEqual([alerts.length, alerts[0].title], [2, 'look'])
})

test('a run is exported in three forms', async () => {
  const get = async (format: string) => {
    const response = await fetch(`${base}/api/projects/${project}/runs/a/export?format=${format}`)
    assert.equal(response.status, 200)
    return Buffer.from(await response.arrayBuffer())
  }
  const csv = (await get('csv')).toString().trim().split('\n')
  const { counts } = await call('getRun', { project, run: 'a' })
  assert.equal(csv.length, counts.rows + 1)
  assert.match(csv[0], /^_step,_timestamp,_runtime,epoch,loss,noise,val\/loss$/)
  const lines = (await get('json')).toString().trim().split('\n')
  assert.equal(lines.length, counts.rows)
  assert.equal((JSON.parse(lines[0]) as { loss: number }).loss, 1)
  const { parquetReadObjects } = await import('hyparquet')
  const bytes = await get('parquet')
  const rows = await parquetReadObjects({
    file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
  })
  assert.equal(rows.length, counts.rows)
})

test('a person edits, archives, stops and deletes, and it stays so after the index is made anew', async () => {
  const edited = await call('editRun', {
    project,
    run: 'a',
    body: { name: 'best run', notes: 'why', tags: ['x'], color: '#12abef' },
  })
  assert.deepEqual([edited.name, edited.notes, edited.tags, edited.color], ['best run', 'why', ['x'], '#12abef'])
  await refused(call('editRun', { project, run: 'a', body: { nmae: 'typo' } as never }), 400, /nmae/)
  const bulk = await call('bulkEdit', {
    project,
    body: { runs: ['a', 'b', 'zzz'], action: 'add-tags', tags: ['good'] },
  })
  assert.deepEqual([bulk.done, bulk.failed.map(({ run }) => run)], [['a', 'b'], ['zzz']])
  await call('bulkEdit', { project, body: { runs: ['c'], action: 'archive' } })
  assert.equal((await call('queryRuns', { project, body: {} })).total, 2)
  assert.equal((await call('queryRuns', { project, body: { archived: true } })).total, 3)
  await refused(call('stopRun', { project, run: 'a' }), 409, /finished/)
  const { RunIndex } = await import('../index/runIndex.ts')
  const path = mkdtempSync(join(tmpdir(), 'trainyard-again-'))
  const { cpSync } = await import('node:fs')
  cpSync(join(dir, 'projects'), join(path, 'projects'), { recursive: true })
  const again = new RunIndex(path)
  again.refresh()
  const row = again.database.get("SELECT name, tags, archived FROM run WHERE run = 'a'")
  assert.deepEqual([row?.name, row?.tags], ['best run', '["x","good"]'])
  assert.equal(again.database.get("SELECT archived FROM run WHERE run = 'c'")?.archived, 1)
  again.close()
  rmSync(path, { recursive: true })
  await call('deleteRun', { project, run: 'c' })
  await refused(call('getRun', { project, run: 'c' }), 404, /"c"/)
})

test('layouts are saved, and not over each other', async () => {
  assert.deepEqual((await call('listLayouts', { project })).layouts, [])
  const saved = await call('saveLayout', {
    project,
    layout: 'my view/1',
    body: { value: { panels: [1] }, revision: 0 },
  })
  assert.equal(saved.revision, 1)
  await refused(
    call('saveLayout', { project, layout: 'my view/1', body: { value: 1, revision: 0 } }),
    409,
    /revision 1/,
  )
  assert.deepEqual((await call('getLayout', { project, layout: 'my view/1' })).value, { panels: [1] })
  assert.equal((await call('listLayouts', { project })).layouts.length, 1)
  await refused(call('saveLayout', { project, layout: 'big', body: { value: 'x'.repeat(2 << 20) } }), 413, /at most/)
  await call('deleteLayout', { project, layout: 'my view/1' })
  await refused(call('getLayout', { project, layout: 'my view/1' }), 404, /my view/)
})

test('a live run is followed: events say so, cursors bring only what is new, a stop reaches it', async () => {
  const abort = new AbortController()
  const stream = await fetch(`${base}/api/events?project=live`, { signal: abort.signal })
  const seen: ServerEvent[] = []
  const reading = (async () => {
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of stream.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true })
      const parts = text.split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts) {
        const data = /^data: (.*)$/m.exec(part)?.[1]
        if (data) seen.push(v.parse(ServerEvent, JSON.parse(data)))
      }
    }
  })().catch(() => {})
  const until = async (test: () => boolean | Promise<boolean>, what: string) => {
    for (let i = 0; i < 200 && !(await test()); i++) await new Promise((resolve) => setTimeout(resolve, 25))
    assert.ok(await test(), what)
  }
  const run = await init({ dir, project: 'live', id: 'r', capture: false })
  for (let i = 0; i < 100; i++) run.log({ x: i })
  const ask = async (cursor?: string) =>
    (
      await call('querySeries', {
        project: 'live',
        body: { series: [{ run: 'r', metric: 'x', cursor }], pixels: 1000 },
      })
    ).series[0]
  await until(async () => (await ask()).points === 100, 'the first points arrive')
  assert.equal((await call('queryRuns', { project: 'live', body: {} })).rows[0].state, 'running')
  const first = await ask()
  for (let i = 100; i < 150; i++) run.log({ x: i })
  await until(async () => (await ask()).points === 150, 'more points arrive')
  const more = await ask(first.cursor)
  assert.ok(more.x.length <= 51, `${more.x.length} points for 50 new ones`)
  assert.deepEqual(
    [...first.x.slice(0, more.keep), ...more.x],
    Array.from({ length: 150 }, (_, i) => i),
  )
  await until(
    () => seen.some((event) => event.type === 'run' && event.keys?.includes('x') === true),
    'an event says so',
  )
  assert.equal(seen[0].type, 'hello')
  await call('stopRun', { project: 'live', run: 'r' })
  assert.equal((await call('getRun', { project: 'live', run: 'r' })).stopping, true)
  await refused(call('deleteRun', { project: 'live', run: 'r' }), 409, /running/)
  await refused(call('deleteProject', { project: 'live' }), 409, /running/)
  await until(() => run.stopRequested, 'the stop reaches the run')
  await run.finish()
  await until(async () => (await call('getRun', { project: 'live', run: 'r' })).state === 'stopped', 'it is stopped')
  await call('deleteProject', { project: 'live' })
  assert.ok(!(await call('listProjects', {})).projects.some(({ name }) => name === 'live'))
  abort.abort()
  await reading
})

test('without sweeps there are none', async () => {
  assert.deepEqual(await call('listSweeps', { project }), { sweeps: [] })
  await refused(call('getSweep', { project, sweep: 's' }), 404, /"s"/)
  await refused(call('queryTrials', { project, sweep: 's', body: {} }), 404, /"s"/)
  await refused(call('commandSweep', { project, sweep: 's', body: { command: 'pause' } }), 404, /"s"/)
  await refused(call('commandAgent', { project, sweep: 's', agent: 'x', body: { command: 'pause' } }), 404, /"s"/)
})

test('a sweep is made, run by an agent, steered and removed', async () => {
  const configuration = 'method: random\nrun_cap: 2\nmetric: {name: loss}\nparameters: {lr: {min: 0.1, max: 1.0}}'
  await refused(call('createSweep', { project, body: { configuration: 'method: gird' } }), 400, /sweep.yaml:1:9/)
  const { id: sweep } = await call('createSweep', { project, body: { configuration, file: 'mine.yaml' } })
  const { agent, lease } = await call('registerAgent', { project, sweep, body: { host: 'elsewhere' } })
  assert.equal(lease, 30)
  const beat = (body: { running: []; ended: { trial: number; attempt: number; exitCode: number; value?: number }[] }) =>
    call('beatAgent', { project, sweep, agent, body: { ...body, wants: 1 } })
  const [first] = (await beat({ running: [], ended: [] })).orders
  assert.ok(first.type === 'run' && first.trial === 0 && first.run === `${sweep}-0`)
  await refused(call('deleteSweep', { project, sweep }), 409, /stop it first/)
  await call('commandSweep', { project, sweep, body: { command: 'pause' } })
  const ended = { trial: 0, attempt: 1, exitCode: 0, value: 0.25 }
  assert.deepEqual((await beat({ running: [], ended: [ended] })).orders, [])
  await call('commandSweep', { project, sweep, body: { command: 'resume' } })
  await call('commandAgent', { project, sweep, agent, body: { command: 'pause' } })
  assert.equal((await call('getSweep', { project, sweep })).best?.value, 0.25)
  assert.equal((await call('findSweep', { sweep })).project, project)
  assert.equal((await call('queryTrials', { project, sweep, body: { states: ['finished'] } })).trials[0].value, 0.25)
  assert.equal((await call('listSweeps', { project })).sweeps[0].id, sweep)
  await refused(call('getSweep', { project: 'other', sweep }), 404, /is in project "sample"/)
  await refused(
    call('beatAgent', { project, sweep, agent: 'no', body: { running: [], ended: [], wants: 0 } }),
    404,
    /no/,
  )
  const { id: lonely } = await call('createSweep', { project: 'no runs yet', body: { configuration } })
  const alone = (await call('listProjects', {})).projects.find(({ name }) => name === 'no runs yet')
  assert.deepEqual([alone?.runs, alone?.sweeps], [0, 1])
  await call('deleteSweep', { project: 'no runs yet', sweep: lonely })
  await call('deleteSweep', { project, sweep })
  assert.deepEqual(await call('listSweeps', { project }), { sweeps: [] })
})

test('the OpenAPI document describes every endpoint, and all but those for ingest were held against it here', async () => {
  const document = (await (await fetch(`${base}/api/openapi.json`)).json()) as {
    openapi: string
    paths: {
      [path: string]: {
        [method: string]: { operationId: string; parameters: { name: string; in: string }[]; responses: object }
      }
    }
  }
  assert.equal(document.openapi, '3.1.0')
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map((operation) => operation.operationId),
  )
  assert.deepEqual(ids.sort(), Object.keys(endpoints).sort())
  for (const [path, methods] of Object.entries(document.paths))
    for (const { parameters, responses } of Object.values(methods)) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
      assert.deepEqual(
        inPath,
        Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name),
      )
      assert.ok('200' in responses && 'default' in responses)
    }
  const json = (Object.entries(endpoints) as [EndpointName, Endpoint][]).filter(
    ([, { answer, tag }]) => answer && tag !== 'Ingest',
  )
  assert.deepEqual(
    json.map(([name]) => name).filter((name) => !called.has(name)),
    [],
  )
})
