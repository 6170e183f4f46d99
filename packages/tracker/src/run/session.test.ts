import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readActive } from '../store/active.ts'
import { seeRun } from '../testing/readRun.ts'
import { scratch } from '../testing/scratch.ts'
import { Flag } from './messages.ts'
import { Session } from './session.ts'

function open(dir: string, warn: (message: string) => void): Session {
  const options = {
    dir,
    project: 'p',
    id: 'r',
    name: 'n',
    group: null,
    jobType: null,
    tags: [],
    notes: '',
    sweep: null,
    resume: 'never' as const,
    command: '',
    version: '',
    systemInterval: 0,
    captureGit: false,
    captureEnvironment: false,
    remote: null,
    flags: new SharedArrayBuffer(16),
  }
  return new Session(options, () => {}, warn)
}

test('the heart beats, and a stop is noticed, however the time of day is set', async (t) => {
  const session = open(scratch(t), (message) => assert.fail(message))
  const { active, stop } = session.paths
  const now = Date.now
  t.mock.method(Date, 'now', () => now() - 3_600_000)
  const before = readActive(active)!.heartbeat
  writeFileSync(stop, '')
  await sleep(2100)
  session.tick()
  assert.ok(readActive(active)!.heartbeat > before)
  assert.equal(Atomics.load(session.flags, Flag.stop), 1)
  await session.close(0)
})

test('a log that somebody removes while it is written is said, once', async (t) => {
  const said: string[] = []
  const session = open(scratch(t), (message) => said.push(message))
  rmSync(session.paths.folder, { recursive: true })
  for (let i = 0; i < 2; i++) {
    await sleep(2100)
    session.tick()
  }
  await session.close(0)
  assert.equal(said.length, 1)
  assert.match(said[0], /somebody removed .*run\.log/)
})

test('any number of lines may be printed at once', async (t) => {
  const dir = scratch(t)
  const session = open(dir, (message) => assert.fail(message))
  const line = (i: number) => ({ time: 1, stream: 'stdout' as const, text: `line ${i}` })
  for (let i = 0; i < 25_000; i++) session.consoleLine(line(i))
  session.consoleLine({ ...line(25_000), replace: true })
  await session.close(0)
  const { console: lines, fold } = seeRun(dir, 'p', 'r')
  assert.equal(fold.counts.consoleLines, 25_000)
  assert.deepEqual(
    lines.slice(0, 24_999),
    Array.from({ length: 24_999 }, (_, i) => `line ${i}`),
  )
  assert.equal(lines.at(-1), 'line 25000')
})
