import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Command } from 'commander'
import { init } from '../index.ts'
import { createClient } from '../server/api/index.ts'
import { type RunningServer, serve } from '../server/serve.ts'
import { acquireActive, releaseActive } from '../store/active.ts'
import { sampleRuns } from '../testing/sampleRuns.ts'
import { trackerCommands } from './index.ts'
import { printable, textTable } from './io.ts'
import { uiCommand } from './ui.ts'

const dir = mkdtempSync(join(tmpdir(), 'trainyard-commands-'))
before(() => sampleRuns(dir))
after(() => rmSync(dir, { recursive: true, force: true }))

async function run(...args: string[]): Promise<{ out: string; notes: string }> {
  const printed = { out: '', notes: '' }
  const io = {
    print: (text: string) => (printed.out += `${text}\n`),
    note: (text: string) => (printed.notes += `${text}\n`),
  }
  const program = new Command('trainyard').exitOverride()
  for (const command of trackerCommands({ io })) program.addCommand(command)
  await program.parseAsync(args, { from: 'user' })
  return printed
}

test('runs ls shows a table with the columns, filters and sorts', async () => {
  const { out } = await run('runs', 'ls', '--dir', dir, '-c', 'config.lr,min.loss', '-s', 'config.lr')
  const lines = out.trim().split('\n')
  assert.match(lines[0], /^id\s+name\s+state\s+created\s+ran\s+config\.lr\s+min\.loss$/)
  assert.deepEqual(
    lines.slice(1).map((line) => line[0]),
    ['c', 'b', 'a'],
  )
  const some = await run('runs', 'ls', '--dir', dir, '-w', 'config.lr < 0.05 and "tag-b" in tags', '--json')
  assert.deepEqual(
    (JSON.parse(some.out) as { id: string }[]).map(({ id }) => id),
    ['b'],
  )
  await assert.rejects(run('runs', 'ls', '--dir', dir, '-w', 'nonsense < 1'), /no column/)
  await assert.rejects(run('runs', 'ls', '--dir', join(dir, 'nowhere')), /not there/)
  await assert.rejects(run('runs', 'ls', '--dir', dir, '--where', 'config.lr << 2'), {
    name: 'CommandError',
    message: /^--where is not understood at character \d+: /,
  })
  await assert.rejects(run('runs', 'ls', '--dir', dir, '-p', 'other'), /there are sample/)
  // Nobody can write there, not even root.
  if (process.platform === 'linux') await assert.rejects(run('runs', 'ls', '--dir', '/sys'), /\/sys cannot be written/)
})

test('a column that no run has is named, since a filter with it holds for none', async () => {
  const notes = async (...args: string[]) => (await run(...args, '--dir', dir)).notes
  assert.match(
    await notes('runs', 'ls', '-w', 'config.lrr < 1'),
    /^no run has config\.lrr; did you mean config\.lr\?\n$/,
  )
  assert.match(
    await notes('runs', 'ls', '-c', 'min.lss,config.lr'),
    /^no run has min\.lss; did you mean min\.loss\?\n$/,
  )
  assert.match(
    await notes('runs', 'ls', '-w', 'min["val/los"] < 1 and not config.nothing_like_it > 3'),
    /min\.val\/loss\?\nno run has config\.nothing_like_it\n$/,
  )
  assert.match(await notes('runs', 'rm', '-w', 'config.lrr < 1'), /^no run has config\.lrr/)
  assert.equal(await notes('runs', 'ls', '-w', 'config.lr > 100', '-c', 'group,last.loss', '-s', 'notes'), '')
})

test('runs show finds a run by id or name', async () => {
  const { out } = await run('runs', 'show', 'run a', '--dir', dir)
  assert.match(out, /optimizer: sgd/)
  assert.match(out, /net\.depth: 3/)
  assert.match((await run('runs', 'show', 'c', '--dir', dir)).out, /error: Error: diverged\n +at /)
  await assert.rejects(run('runs', 'show', 'zzz', '--dir', dir), /no run with the id or name "zzz"/)
})

test('runs diff shows what differs, and only that', async () => {
  const { out } = await run('runs', 'diff', 'a', 'b', '--dir', dir)
  assert.match(out, /config\.lr\s+0\.1\s+0\.01/)
  assert.doesNotMatch(out, /net\.depth/)
  assert.match((await run('runs', 'diff', 'a', 'b', '--all', '--dir', dir)).out, /net\.depth/)
  await assert.rejects(run('runs', 'diff', 'a', '--dir', dir), /two or more/)
})

test('runs export writes a history or the table of all runs', async () => {
  const csv = (await run('runs', 'export', 'a', '--dir', dir)).out.trim().split('\n')
  assert.match(csv[0], /^_step,_timestamp,_runtime,epoch,loss/)
  const file = join(dir, 'table.parquet')
  await run('runs', 'export', '--dir', dir, '-f', 'parquet', '-o', file)
  assert.equal(readFileSync(file).subarray(0, 4).toString(), 'PAR1')
  const table = (await run('runs', 'export', '--dir', dir, '-w', 'state == "failed"', '-f', 'json')).out
  assert.equal((JSON.parse(table) as { name: string }).name, 'run c')
  assert.deepEqual(JSON.parse((JSON.parse(table) as { tags: string }).tags), ['tag-c'])
  await assert.rejects(run('runs', 'export', '--dir', dir, '-f', 'parquet'), /--out/)
  await assert.rejects(run('runs', 'export', 'a', '--dir', dir, '-w', 'state == "failed"'), /leave it out/)
})

test('TensorBoard export and import', async () => {
  const out = join(dir, 'tb')
  assert.match((await run('export', 'tensorboard', out, 'a', '--dir', dir)).out, /events/)
  const imported = await run('import', 'tensorboard', out, '--dir', dir, '-p', 'foreign')
  assert.match(imported.out, /^foreign\/\w+ {2}sample\/run%20a-a: \d+ events/)
  await run('runs', 'rm', '--dir', dir, '-p', 'foreign', '-w', 'state == "finished"', '--yes', '--purge')
  await assert.rejects(run('runs', 'ls', '--dir', dir, '-p', 'foreign'), /no project/)
})

test('runs rm asks first, and moves to the trash', async () => {
  const asked = await run('runs', 'rm', 'c', '--dir', dir)
  assert.match(asked.notes, /pass --yes/)
  assert.ok(existsSync(join(dir, 'projects/sample/runs/c')))
  await run('runs', 'rm', 'c', '--dir', dir, '--yes')
  assert.ok(!existsSync(join(dir, 'projects/sample/runs/c')))
  assert.equal(readdirSync(join(dir, 'trash')).length, 1)
  await assert.rejects(run('runs', 'rm', '--dir', dir), /name the runs/)
})

test('runs rm removes nothing at all where one of them is running', async () => {
  const live = await init({ dir, project: 'rm', id: 'live', capture: false })
  const other = await init({ dir, project: 'rm', id: 'other', capture: false })
  await other.finish()
  await assert.rejects(run('runs', 'rm', 'other', 'live', '--dir', dir, '-p', 'rm', '--yes'), /rm\/live is running/)
  await assert.rejects(run('runs', 'rm', '-w', 'rows >= 0', '--dir', dir, '-p', 'rm', '--yes'), /nothing was removed/)
  assert.match((await run('runs', 'ls', '--dir', dir, '-p', 'rm')).out, /other/)
  await live.finish()
  await run('runs', 'rm', '-w', 'rows >= 0', '--dir', dir, '-p', 'rm', '--yes', '--purge')
})

test('index --rebuild makes the same index from the logs', async () => {
  const before = (await run('runs', 'ls', '--dir', dir, '--json', '-c', 'min.loss,config.lr')).out
  writeFileSync(join(dir, 'index.sqlite'), 'this is no database')
  assert.match((await run('index', '--rebuild', '--dir', dir)).out, /^2 runs in 1 project,/)
  const strip = (text: string) => (JSON.parse(text) as { revision?: number }[]).map(({ revision: _, ...row }) => row)
  assert.deepEqual(
    strip((await run('runs', 'ls', '--dir', dir, '--json', '-c', 'min.loss,config.lr')).out),
    strip(before),
  )
})

test('commands that run at once wait for the one that makes the index, also where a server left its address behind', async (t) => {
  const there = mkdtempSync(join(tmpdir(), 'trainyard-commands-'))
  t.after(() => rmSync(there, { recursive: true, force: true }))
  await sampleRuns(there)
  writeFileSync(join(there, 'server.json'), JSON.stringify({ url: 'http://127.0.0.1:9', pid: 1, token: null }))
  const lock = acquireActive(join(there, 'server.lock'), 'server')
  let done = false
  const listed = run('runs', 'ls', '--dir', there).finally(() => (done = true))
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal(done, false)
  releaseActive(join(there, 'server.lock'), lock)
  assert.equal((await listed).out.trim().split('\n').length, 4)
})

test('a damaged index is made anew without being asked', async () => {
  writeFileSync(join(dir, 'index.sqlite'), 'this is no database')
  assert.match((await run('runs', 'ls', '--dir', dir)).out, /run a/)
})

test('ui serves until it is closed; meanwhile other commands read its index and write through it', async () => {
  const ready = Promise.withResolvers<RunningServer>()
  const io = { print: () => {}, note: () => {} }
  const command = uiCommand({ io, page: null, onServer: ready.resolve })
  const ended = command.parseAsync(['--dir', dir, '--port', '0'], { from: 'user' })
  const server = await ready.promise
  assert.match((await run('runs', 'ls', '--dir', dir)).out, /run a/)
  await assert.rejects(run('index', '--rebuild', '--dir', dir), /server is running/)
  await assert.rejects(run('ui', '--dir', dir, '--port', '0'), /another server/)
  while (server.index.isBusy) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.match((await run('runs', 'rm', 'b', '--dir', dir, '--yes')).out, /removed sample\/b/)
  assert.doesNotMatch((await run('runs', 'ls', '--dir', dir)).out, /run b/)
  await server.close()
  await ended
  await assert.rejects(run('ui', '--port', 'many'), /number/)
})

test('sync sends runs with everything they speak of, and says soon that a server will not have them', async () => {
  const there = mkdtempSync(join(tmpdir(), 'trainyard-sync-'))
  const server = await serve({ dir: there, port: 0, host: '0.0.0.0', token: 'right', log: () => {} })
  try {
    await assert.rejects(
      run('sync', 'a', '--dir', dir, '--url', `http://127.0.0.1:${server.port}`, '--token', 'wrong'),
      {
        name: 'CommandError',
        message: /sample\/a could not be sent to .*: a token is needed/,
      },
    )
    process.env.TRAINYARD_TOKEN = 'right'
    const url = `http://127.0.0.1:${server.port}`
    assert.match((await run('sync', '--dir', dir, '--url', url)).out, /sent sample\/a/)
    assert.match((await run('sync', 'a', '--dir', dir, '--url', url)).out, /sent sample\/a/)
    const client = createClient({ base: url, token: 'right' })
    assert.equal((await client.call('getRun', { project: 'sample', run: 'a' })).state, 'finished')
    assert.equal((await client.call('listArtifacts', { project: 'sample' })).artifacts[0].versions[0].producer, 'a')
    for (const folder of ['projects/sample/runs/a/blobs', 'projects/sample/artifacts/blobs']) {
      const names = (root: string) => readdirSync(join(root, folder), { recursive: true }).map(String).sort()
      if (folder.includes('runs')) assert.deepEqual(names(there), names(dir))
      else assert.ok(names(there).length > 0)
    }
    await assert.rejects(run('sync', '--dir', dir), /Pass --url/)
  } finally {
    delete process.env.TRAINYARD_TOKEN
    await server.close()
    rmSync(there, { recursive: true, force: true })
  }
})

test('hostile names cannot drive the terminal', () => {
  assert.equal(printable('a\u001b[2Jb\n\u202e'), 'a\\x1b[2Jb\\x0a\\u202e')
  assert.equal(textTable(['n'], [['x'.repeat(1e5)]]).length, 82)
  assert.equal(
    textTable(
      ['n', 'x'],
      [
        ['1', 'a'],
        ['22', 'b'],
      ],
    ),
    ' n  x\n 1  a\n22  b',
  )
})
