/** What is left when a training process is killed, throws, exits, shares a folder with seven others, or has no disk left. */
import assert from 'node:assert/strict'
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { init } from '@trainyard/tracker'
import { isAlive, readActive } from '../src/store/active.ts'
import { pathsIn } from '../src/store/paths.ts'
import { seeRun } from '../src/testing/readRun.ts'
import { scratch } from '../src/testing/scratch.ts'

const KILLS = Number(process.env.TRAINYARD_CRASH_KILLS ?? 4)
const child = join(import.meta.dirname, 'crashChild.ts')

function start(args: string[], shell?: string, stdin: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
  const command = [process.execPath, '--conditions=trainyard-source', child, ...args]
  const options = { stdio: [stdin, 'pipe' as const, 'pipe' as const] } satisfies SpawnOptions
  return shell
    ? spawn('bash', ['-c', `${shell}; exec "$@"`, 'bash', ...command], options)
    : spawn(command[0], command.slice(1), options)
}

async function ended(process: ChildProcess): Promise<string> {
  let text = ''
  process.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  process.stdout?.resume()
  await once(process, 'close')
  return text
}

const active = (dir: string, id: string) => readActive(pathsIn(dir).run('crash', id).active)

test(`kill -9 at ${KILLS} random moments loses nothing older than half a second, and the run can be resumed`, async (t) => {
  const dir = scratch(t)
  let expected = 0
  let seen = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const process = start([dir, 'busy', 'busy'])
    await once(process.stdout!, 'data')
    await sleep(Math.random() * 1500)
    const killed = Date.now()
    process.kill('SIGKILL')
    await once(process, 'close')
    const bytes = readFileSync(join(dir, 'busy.notes'))
    const notes = new Float64Array(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length - (bytes.length % 16)),
    )
    // Only this session's notes: those of the last half second before an earlier kill were allowed to be lost.
    for (let i = seen; i < notes.length; i += 2)
      if (notes[i + 1] < killed - 500) expected = Math.max(expected, notes[i])
    seen = notes.length
    const { series, fold, reader } = seeRun(dir, 'crash', 'busy')
    const logged = series.i?.map(([, value]) => value) ?? []
    assert.ok(expected === 0 || logged.length > expected, `${expected} was logged in time, ${logged.length} are there`)
    assert.ok(logged.every((value, i) => value === i && series.i[i][0] === i))
    assert.equal(reader.damage.length, 0)
    assert.equal(fold.finish, null)
    assert.equal(isAlive(active(dir, 'busy')!), false)
  }
  const run = await init({ dir, project: 'crash', id: 'busy', resume: 'must', capture: false })
  const before = run.step
  run.log({ i: before })
  await run.finish()
  const { fold, series } = seeRun(dir, 'crash', 'busy')
  assert.equal(series.i.at(-1)?.[0], before)
  assert.equal(fold.sessions.length, KILLS + 1)
  assert.equal(fold.finish?.state, 'finished')
})

test('the heart beats while the training thread never lets its event loop run', async (t) => {
  const dir = scratch(t)
  const process = start([dir, 'beat', 'busy'])
  await once(process.stdout!, 'data')
  const first = active(dir, 'beat')!.heartbeat
  await sleep(2600)
  const later = active(dir, 'beat')!
  process.kill('SIGKILL')
  await once(process, 'close')
  assert.ok(later.heartbeat > first + 1, `${first} ${later.heartbeat}`)
})

test('a program that ends without finish still has everything written, and its exit says how', async (t) => {
  const dir = scratch(t)
  await Promise.all(['return', 'exit', 'throw'].map((mode) => ended(start([dir, mode, mode]))))
  const end = (id: string) => seeRun(dir, 'crash', id).fold
  assert.deepEqual([end('return').finish?.state, end('return').counts.rows], ['finished', 1])
  assert.deepEqual([end('exit').finish?.state, end('exit').finish?.exitCode, end('exit').counts.rows], ['failed', 3, 1])
  assert.equal(end('throw').finish?.state, 'failed')
  assert.match(end('throw').finish?.error ?? '', /the loss exploded/)
})

test('a run has failed where an exception ended the program, whatever was thrown and wherever it went through', async (t) => {
  const dir = scratch(t)
  await Promise.all(['odd', 'handled', 'using'].map((mode) => ended(start([dir, mode, mode]))))
  const finish = (id: string) => seeRun(dir, 'crash', id).fold.finish
  assert.equal(finish('odd')?.state, 'failed')
  assert.equal(seeRun(dir, 'crash', 'odd').fold.counts.rows, 1)
  assert.deepEqual([finish('handled')?.state, finish('handled')?.error], ['finished', null])
  assert.deepEqual([finish('using-one')?.state, finish('using-two')?.state], ['finished', 'finished'])
  assert.deepEqual([finish('using-three')?.state, finish('using-three')?.exitCode], ['failed', 1])
  assert.match(finish('using-three')?.error ?? '', /the loss exploded/)
  assert.equal(active(dir, 'using-three'), null)
})

test('training goes on when nobody reads what is said to the terminal', async (t) => {
  const dir = scratch(t)
  const process = start([dir, 'quiet', 'quiet'], undefined, 'pipe')
  process.stderr!.destroy()
  process.stdin!.end('go')
  await once(process, 'exit')
  const { fold } = seeRun(dir, 'crash', 'quiet')
  assert.deepEqual([fold.finish?.state, fold.counts.rows, fold.problems.length], ['finished', 1, 20])
})

test('Ctrl-C stops the run and then ends the program by the signal, busy or not', async (t) => {
  const dir = scratch(t)
  const interrupted = async (mode: string) => {
    const process = start([dir, mode, 'interrupt', mode])
    await once(process.stdout!, 'data')
    await sleep(1500) // The thread that watches is starting; before that Ctrl-C ends the program as ever.
    process.kill('SIGINT')
    assert.deepEqual(await once(process, 'close'), [null, 'SIGINT'], mode)
    const { fold } = seeRun(dir, 'crash', mode)
    assert.deepEqual([fold.finish?.state, fold.finish?.exitCode, fold.counts.rows], ['stopped', 130, 1], mode)
    assert.equal(active(dir, mode), null, mode)
  }
  await Promise.all(['busy', 'idle', 'released'].map(interrupted))
})

test('a program with its own handler of Ctrl-C ends its run itself', async (t) => {
  const dir = scratch(t)
  const process = start([dir, 'own', 'interrupt', 'own'])
  await once(process.stdout!, 'data')
  process.kill('SIGINT')
  assert.deepEqual(await once(process, 'close'), [7, null])
  assert.equal(seeRun(dir, 'crash', 'own').fold.finish?.state, 'finished')
})

test('eight processes log into one folder at once and nothing is lost or locked', async (t) => {
  const dir = scratch(t)
  const ids = Array.from({ length: 8 }, (_, i) => `run${i}`)
  const said = await Promise.all(ids.map((id) => ended(start([dir, id, 'count', '20000']))))
  assert.deepEqual(
    said,
    ids.map(() => ''),
  )
  for (const id of ids) {
    const { fold, series } = seeRun(dir, 'crash', id)
    assert.equal(fold.counts.rows, 20000)
    assert.ok(series.i.every(([step, value], i) => step === i && value === i))
    assert.equal(fold.finish?.state, 'finished')
  }
  const run = await init({ dir, project: 'crash', capture: false })
  const versions = new Set<string | null>()
  for (let i = 0; i < 8; i++) versions.add((await run.useArtifact(`shared:v${i}`)).manifest.producer)
  assert.deepEqual([...versions].sort(), ids)
  await run.finish()
})

test('with no room on the disk training goes on, and all is written once there is room', async (t) => {
  const dir = scratch(t)
  const process = start([dir, 'full', 'full', '40000'], 'ulimit -S -f 64')
  const said = ended(process)
  const { log } = pathsIn(dir).run('crash', 'full')
  while (!existsSync(join(dir, 'full.done'))) await sleep(50)
  const early = seeRun(dir, 'crash', 'full')
  assert.ok(readFileSync(log).length <= 65536)
  assert.ok(early.fold.counts.rows < 40000)
  assert.equal(early.reader.damage.length + early.reader.pendingBytes, 0)
  await ended(spawn('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']))
  assert.match(await said, /cannot be written .*EFBIG/)
  const { fold, series } = seeRun(dir, 'crash', 'full')
  assert.equal(fold.counts.rows, 40000)
  assert.ok(series.i.every(([, value], i) => value === i))
  assert.equal(fold.finish?.state, 'finished')
})

test('console output is captured, progress bars as they last were', async (t) => {
  const dir = scratch(t)
  await ended(start([dir, 'console', 'console']))
  const { console: lines, fold, records } = seeRun(dir, 'crash', 'console')
  assert.deepEqual(lines, ['hello console', '100%', 'careful'])
  assert.equal(fold.counts.consoleLines, 3)
  assert.match(String(fold.environment?.runtime), /^node/)
  assert.match(String((fold.environment?.git as { commit?: string } | undefined)?.commit), /^[0-9a-f]{40}$/)
  assert.ok(records.some((record) => record.type === 'environment'))
  assert.ok(fold.system.get('system/memory')!.last > 0)
  assert.ok(fold.system.get('system/process.memory')!.last > 10)
})
