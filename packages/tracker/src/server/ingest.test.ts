import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { Artifact, Image, init } from '../index.ts'
import { HEADER } from '../log/frame.ts'
import { LogWriter } from '../log/writer.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { pathsIn } from '../store/paths.ts'
import { seeRun } from '../testing/readRun.ts'
import { scratch } from '../testing/scratch.ts'
import { createClient } from './api/index.ts'
import { serve } from './serve.ts'

const quiet = () => {}

test('a remote run is sent whole, with its files, and can be stopped from there', async (t) => {
  const [here, there] = [scratch(t), scratch(t)]
  const server = await serve({ dir: there, port: 0, token: 'secret', log: quiet })
  t.after(() => server.close())
  const url = `http://127.0.0.1:${server.port}`
  const client = createClient({ base: url, token: 'secret' })
  const run = await init({
    dir: here,
    project: 'far',
    id: 'r',
    url,
    token: 'secret',
    capture: false,
    config: { lr: 1 },
  })
  for (let i = 0; i < 5000; i++) run.log({ x: i, y: Math.sin(i) })
  run.log({ image: new Image({ data: new Uint8Array(16), width: 4, height: 4 }) })
  assert.equal(await run.logArtifact(new Artifact('model').addBytes('w.bin', 'weights'), { aliases: ['best'] }), 0)
  const used = await run.useArtifact('model:best')
  assert.equal(readFileSync(used.file('w.bin'), 'utf8'), 'weights')
  await assert.rejects(run.useArtifact('model:v3'), /v0 = best = latest/)
  for (let i = 0; i < 200 && (await client.call('listProjects', {})).projects[0]?.running !== 1; i++)
    await new Promise((resolve) => setTimeout(resolve, 25))
  await client.call('stopRun', { project: 'far', run: 'r' })
  for (let i = 0; i < 300 && !run.stopRequested; i++) await new Promise((resolve) => setTimeout(resolve, 25))
  assert.equal(run.stopRequested, true)
  await run.finish()
  const log = (dir: string) => readFileSync(pathsIn(dir).run('far', 'r').log)
  assert.deepEqual(log(there), log(here))
  const detail = await client.call('getRun', { project: 'far', run: 'r' })
  assert.equal(detail.state, 'stopped')
  assert.equal(detail.counts.points, 10_000)
  const { entries } = await client.call('queryMedia', { project: 'far', body: { runs: ['r'], keys: ['image'] } })
  const [image] = entries[0].items
  assert.ok(image.kind === 'image')
  const picture = await fetch(url + image.blob.url, { headers: { authorization: 'Bearer secret' } })
  assert.equal(
    createHash('sha256')
      .update(Buffer.from(await picture.arrayBuffer()))
      .digest('hex'),
    image.blob.sha256,
  )
  assert.deepEqual((await client.call('listArtifacts', { project: 'far' })).artifacts[0].versions[0].consumers, ['r'])
  assert.deepEqual(readdirSync(pathsIn(there).active), [])
})

test('a run whose server is not there, or comes and goes, goes on and is sent when it can', async (t) => {
  const [here, there] = [scratch(t), scratch(t)]
  const first = await serve({ dir: there, port: 0, log: quiet })
  const { port } = first
  await first.close()
  const run = await init({ dir: here, project: 'far', id: 'r', url: `http://127.0.0.1:${port}`, capture: false })
  run.log({ x: 1 })
  await new Promise((resolve) => setTimeout(resolve, 300))
  const second = await serve({ dir: there, port, log: quiet })
  t.after(() => second.close())
  run.log({ x: 2 })
  await run.finish()
  assert.deepEqual(seeRun(there, 'far', 'r').series.x, [
    [0, 1],
    [1, 2],
  ])
})

test('an artifact does not keep the program waiting for a server that is away, and is sent when it is back', async (t) => {
  const [here, there] = [scratch(t), scratch(t)]
  const first = await serve({ dir: there, port: 0, log: quiet })
  const { port } = first
  await first.close()
  const run = await init({ dir: here, project: 'far', id: 'r', url: `http://127.0.0.1:${port}`, capture: false })
  assert.equal(await run.logArtifact(new Artifact('model').addBytes('w', 'weights')), 0)
  const second = await serve({ dir: there, port, log: quiet })
  t.after(() => second.close())
  await run.finish()
  assert.equal(new ArtifactStore(pathsIn(there).artifacts('far')).resolve('model').producer, 'r')
})

test('a log that grows while it is sent is no failure', async (t) => {
  const [here, there] = [scratch(t), scratch(t)]
  const server = await serve({ dir: there, port: 0, log: quiet })
  t.after(() => server.close())
  const said: string[] = []
  t.mock.method(process.stderr, 'write', (text: string) => said.push(text) > 0)
  const url = `http://127.0.0.1:${server.port}`
  const runs = await Promise.all(
    [0, 1, 2, 3].map((id) => init({ dir: here, project: 'far', id: `r${id}`, url, capture: false })),
  )
  for (let i = 0; i < 300; i++) {
    for (const run of runs) run.log({ i, text: `${i}` })
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await Promise.all(runs.map((run) => run.finish()))
  assert.deepEqual(said, [])
  for (const run of runs) assert.equal(seeRun(there, 'far', run.id).series.i.length, 300)
})

async function sender(t: Parameters<typeof scratch>[0]) {
  const dir = scratch(t)
  const server = await serve({ dir, port: 0, log: quiet })
  t.after(() => server.close())
  const path = join(scratch(t), 'run.log')
  const writer = new LogWriter(path)
  writer.record({ type: 'alert', time: 1, step: 0, level: 'info', title: 'hello', text: '' })
  writer.close()
  return { dir, server, base: `http://127.0.0.1:${server.port}`, log: readFileSync(path) }
}

test('parts of a log may come twice and in any cut, but not with gaps or other bytes', async (t) => {
  const { dir, base, log } = await sender(t)
  const put = async (offset: number | string, bytes: Uint8Array, run = 'r') => {
    const response = await fetch(`${base}/api/ingest/p/${run}/log?offset=${offset}`, {
      method: 'PUT',
      body: bytes as BodyInit,
    })
    return {
      status: response.status,
      body: (await response.json()) as { length?: number; error?: { message: string } },
    }
  }
  assert.equal((await put(0, log.subarray(0, 20))).body.length, 20)
  assert.equal((await put(0, log.subarray(0, 20))).body.length, 20)
  assert.equal((await put(10, log.subarray(10, 30))).body.length, 30)
  const gap = await put(40, log.subarray(40))
  assert.deepEqual([gap.status, /go on from 30/.test(gap.body.error?.message ?? '')], [409, true])
  const other = Buffer.from(log)
  other[15] ^= 1
  assert.equal((await put(0, other)).status, 409)
  assert.equal((await put(30, log.subarray(30))).body.length, log.length)
  assert.deepEqual(readFileSync(pathsIn(dir).run('p', 'r').log), log)
  assert.equal((await put(0, Buffer.from('#!/bin/sh\n'), 'evil')).status, 400)
  assert.equal((await put('-1', log)).status, 400)
  assert.equal((await put('1e3', log)).status, 400)
})

test('a file must have the hash that it is sent under, and no name leads out of the folder', async (t) => {
  const { dir, base } = await sender(t)
  const put = async (path: string, body: string) => (await fetch(base + path, { method: 'PUT', body })).status
  const sha256 = createHash('sha256').update('hello').digest('hex')
  assert.equal(await put(`/api/ingest/p/r/blobs/${sha256}`, 'hello'), 200)
  assert.equal(await put(`/api/ingest/p/r/blobs/${sha256}`, 'hello'), 200)
  assert.equal(await put(`/api/ingest/p/r/blobs/${sha256.replace(/^./, (c) => (c === '0' ? '1' : '0'))}`, 'hello'), 400)
  assert.equal(await put('/api/ingest/p/r/blobs/..%2F..%2Fx', 'hello'), 400)
  assert.equal(await put(`/api/ingest/p/..%2F..%2Fr/blobs/${sha256}`, 'hello'), 400)
  assert.equal(await put(`/api/ingest/p/.hidden/log?offset=0`, 'x'), 400)
  assert.equal(await put(`/api/ingest/..%2F..%2Fescape/r/log?offset=0`, HEADER.toString()), 400)
  const artifact = await fetch(`${base}/api/ingest/p/r/artifacts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'm',
      kind: 'model',
      description: '',
      metadata: {},
      aliases: [],
      files: [{ path: '../../evil', blob: { sha256, size: 5, mime: 'text/plain' } }],
    }),
  })
  assert.equal(artifact.status, 400)
  assert.equal(existsSync(join(dir, '..', 'escape')), false)
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true }))
    assert.ok(!entry.name.endsWith('.part'), `${entry.name} was left behind`)
})

test('any bytes at any endpoint for uploads are taken or refused, and the server lives on', async (t) => {
  const { base, log } = await sender(t)
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.concat([HEADER, bytes])),
        fc.tuple(fc.nat(log.length - 1), fc.nat(255)).map(([at, byte]) => {
          const damaged = Buffer.from(log)
          damaged[at] = byte
          return damaged
        }),
      ),
      fc.nat(60),
      fc.string({ maxLength: 12 }),
      async (bytes, offset, name) => {
        const path = `/api/ingest/fuzz/${encodeURIComponent(name) || 'r'}/log?offset=${offset}`
        const log = await fetch(base + path, { method: 'PUT', body: bytes as BodyInit })
        assert.ok([200, 400, 404, 409].includes(log.status), `${log.status} ${await log.text()}`)
        const json = await fetch(`${base}/api/ingest/fuzz/r/artifacts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: bytes as BodyInit,
        })
        assert.ok([400, 409].includes(json.status), String(json.status))
      },
    ),
    { numRuns: 60 },
  )
  assert.equal((await fetch(`${base}/api/server`)).status, 200)
})
