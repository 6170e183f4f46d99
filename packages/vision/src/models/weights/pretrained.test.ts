import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fromArray, io, ones } from '@trainyard/core'
import { DataError } from '../../errors.ts'
import { temporaryFolder } from '../../testing/temporary.ts'
import { PlainEncoder } from '../plainEncoder.ts'
import { Unet } from '../unet/unet.ts'
import { fetchFromHub } from './hub.ts'
import { loadPretrained } from './pretrained.ts'

const small = () => new Unet({ encoder: new PlainEncoder(1, { channels: [4, 8] }) })
const rejects = (work: Promise<unknown>, message: RegExp) =>
  assert.rejects(work, (thrown) => thrown instanceof DataError && message.test(thrown.message))

test('a whole U-Net is loaded from its file, with the wrapper of a training removed', async (t) => {
  const file = join(temporaryFolder(t), 'unet.safetensors')
  const from = small()
  const state = Object.entries(from.stateDict()).map(([key, value]) => [`model.${key}`, value])
  await io.saveSafetensors(file, Object.fromEntries(state))
  const to = small()
  assert.deepEqual(await loadPretrained(to, file), { file, part: 'model', adapted: undefined })
  for (const [key, value] of Object.entries(to.stateDict()))
    assert.deepEqual(await value.data(), await from.stateDict()[key].data(), key)
})

test('an encoder’s file loads into the encoder alone', async (t) => {
  const file = join(temporaryFolder(t), 'encoder.safetensors')
  const model = new Unet()
  const state = Object.fromEntries(
    Object.entries(model.stateDict())
      .filter(([key]) => key.startsWith('encoder.'))
      .map(([key, value]) => [key.replace('encoder.', ''), value]),
  )
  await io.saveSafetensors(file, { ...state, '_bn0.bias': ones([32]) })
  assert.equal((await loadPretrained(model, file)).part, 'encoder')
  assert.ok((await model.stateDict()['encoder._bn0.bias'].data()).every((value) => value === 1))
})

test('what does not fit is named with its file, and nothing is changed', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'w.safetensors')
  await rejects(loadPretrained(small(), file), /w\.safetensors: no such file/)
  writeFileSync(file, 'hello')
  await rejects(loadPretrained(small(), file), /^\S*w\.safetensors: /)
  await io.saveSafetensors(file, { 'decoder.blocks.0.conv1.0.weight': fromArray([1], [1]) })
  await rejects(
    loadPretrained(small(), file),
    /w\.safetensors: weights: these are not of this U-Net \(PlainEncoder\), nothing was loaded; \d+ entries do not fit \(1 given, 50 needed\): encoder\./,
  )
  await io.saveSafetensors(file, {
    'conv_stem.weight': fromArray([1], [1]),
    'blocks.0.0.conv_dw.weight': fromArray([1], [1]),
  })
  await rejects(loadPretrained(small(), file), /encoder is a PlainEncoder; only EfficientNets/)
  await rejects(loadPretrained(small(), 'imagenet'), /there are none for a PlainEncoder/)
})

/** Answers as the hub does for one file. */
async function fakeHub(
  t: TestContext,
  content: Buffer,
  served = content,
): Promise<{ hubUrl: string; asked: string[] }> {
  const asked: string[] = []
  const oid = createHash('sha256').update(content).digest('hex')
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (request.url!.includes('/paths-info/')) {
      const lastCommit = { id: 'a'.repeat(40), title: '', date: '2024-01-01' }
      const info = {
        type: 'file',
        path: 'model.safetensors',
        oid: '1',
        size: content.length,
        lfs: { oid, size: content.length },
        lastCommit,
      }
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify([info]))
    }
    response.setHeader('etag', `"${oid}"`)
    const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')
    if (!range) return void response.end(served)
    const part = served.subarray(Number(range[1]), Number(range[2]) + 1)
    response.writeHead(206, { 'content-range': `bytes ${range[1]}-${range[2]}/${served.length}` }).end(part)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { hubUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

test('a file of the hub is fetched once, checked each time, and fetched anew when damaged', async (t) => {
  const cache = temporaryFolder(t)
  const content = Buffer.from('weights '.repeat(100))
  const { hubUrl, asked } = await fakeHub(t, content)
  const wanted = { repo: 'owner/name', revision: 'b'.repeat(40) }
  const file = await fetchFromHub(wanted, { cache, hubUrl })
  assert.deepEqual(readFileSync(file), content)
  asked.length = 0
  assert.equal(await fetchFromHub(wanted, { cache, hubUrl }), file)
  assert.deepEqual(asked, [])
  writeFileSync(realpathSync(file), 'damaged')
  await rejects(fetchFromHub(wanted, { cache, hubUrl }), /is damaged: its SHA-256 is .*; removed, so that the next try/)
  assert.deepEqual(readFileSync(await fetchFromHub(wanted, { cache, hubUrl })), content)
})

test('what arrives damaged is refused, and offline the way out is said', async (t) => {
  const cache = temporaryFolder(t)
  const { hubUrl } = await fakeHub(t, Buffer.from('right'), Buffer.from('wrong'))
  await rejects(fetchFromHub({ repo: 'owner/name' }, { cache, hubUrl }), /is damaged: its SHA-256/)
  await rejects(
    fetchFromHub({ repo: 'owner/other' }, { cache, hubUrl: 'http://127.0.0.1:2' }),
    /owner\/other: model\.safetensors could not be fetched .*ECONNREFUSED.*give the file itself as the weights/,
  )
})
