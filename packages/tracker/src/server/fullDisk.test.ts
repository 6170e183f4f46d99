import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { init } from '../index.ts'
import { type ApiFailure, createClient } from './api/index.ts'
import { serve } from './serve.ts'

/** A file system of 12 MB; only who administers the machine may make one. */
const disk = mkdtempSync(join(tmpdir(), 'trainyard-disk-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk]).status === 0
after(() => {
  if (mounted) spawnSync('umount', ['-l', disk])
  rmSync(disk, { recursive: true, force: true })
})

const eventually = async (what: string, test: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = performance.now() + 30_000; performance.now() < end; ) {
    if (await test()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.fail(`${what} has not come to be`)
}

test('a full disk: what is there is shown, what cannot be kept is refused with the reason, and with room all goes on', {
  skip: mounted ? false : 'no file system can be mounted here',
}, async (t) => {
  const log = async (id: string, rows: number): Promise<void> => {
    const run = await init({ dir: disk, project: 'p', id, capture: false })
    for (let i = 0; i < rows; i++) run.log({ loss: 1 / (i + 1) })
    await run.finish()
  }
  await log('first', 500)
  const server = await serve({ dir: disk, port: 0, log: () => {} })
  t.after(() => server.close())
  const client = createClient({ base: server.url.replace(/\/$/, '') })
  const runs = async () => (await client.call('queryRuns', { project: 'p', body: { columns: ['last.loss'] } })).rows
  await eventually('the first run', async () => (await runs()).length === 1)

  const ballast = join(disk, 'ballast')
  for (let size = 1 << 20; size > 0; size >>= 1) {
    try {
      for (;;) appendFileSync(ballast, Buffer.alloc(size))
    } catch {}
  }

  const bytes = randomBytes(1 << 16)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const upload = () => fetch(new URL(`/api/ingest/p/first/blobs/${sha256}`, server.url), { method: 'PUT', body: bytes })
  const refused = await upload()
  assert.equal(refused.status, 507)
  assert.match(await refused.text(), /disk is full/)
  const edit = () => client.call('editRun', { project: 'p', run: 'first', body: { notes: 'n'.repeat(50_000) } })
  await assert.rejects(edit(), (error: ApiFailure) => error.status === 507 && /disk is full/.test(error.message))
  assert.equal((await runs()).length, 1, 'what is there is still shown')
  assert.deepEqual(
    readdirSync(disk, { recursive: true }).filter((name) => String(name).endsWith('.part')),
    [],
  )

  rmSync(ballast)
  assert.equal((await upload()).status, 200)
  await edit()
  await log('second', 10)
  await eventually('the second run', async () => (await runs()).length === 2)
})
