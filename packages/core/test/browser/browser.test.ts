import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { build, type Rolldown } from 'vite'
import { trainCnn, trainXor } from './train.ts'

const here = dirname(fileURLToPath(import.meta.url))
const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** The page's script and all of core in one file, as a user's bundler would make it. */
async function bundle(): Promise<string> {
  const output = (await build({
    configFile: false,
    logLevel: 'error',
    root: here,
    resolve: { conditions: ['trainyard-source'] },
    build: {
      write: false,
      target: 'esnext',
      minify: true,
      modulePreload: false,
      rolldownOptions: { input: join(here, 'page.ts'), output: { codeSplitting: false } },
    },
  })) as Rolldown.RolldownOutput
  return output.output[0].code
}

test('strict training gives the same bits in Node and in a browser, with any number of threads', {
  skip: existsSync(browserPath) ? false : `no browser at ${browserPath}: install Debian's chromium or set CHROMIUM`,
}, async () => {
  const script = await bundle()
  const server = createServer((request, response) => {
    // Shared memory, and so threads, need a page that is isolated from others.
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    response.setHeader('Content-Type', request.url === '/page.js' ? 'text/javascript' : 'text/html')
    response.end(request.url === '/page.js' ? script : '<!doctype html><script type="module" src="/page.js"></script>')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await page.waitForFunction(() => window.results !== undefined || window.failure !== undefined, null, {
      timeout: 120_000,
    })
    assert.equal(await page.evaluate(() => window.failure), undefined)
    const results = (await page.evaluate(() => window.results))!
    assert.ok(results.isolated, 'the page is isolated, so that threads are tested')
    const xor = await trainXor(1)
    const cnn = await trainCnn(1)
    const cnnThreads = await trainCnn(2)
    assert.ok(Number.isFinite(cnn.loss) && cnn.loss < 2.5, `the loss is a number of the right size, got ${cnn.loss}`)
    assert.equal(results.xor.hash, xor.hash, 'XOR weights')
    assert.equal(results.cnn.hash, cnn.hash, 'CNN weights')
    assert.equal(cnnThreads.hash, cnn.hash, 'CNN weights with two threads in Node')
    assert.equal(results.cnnThreads.hash, cnn.hash, 'CNN weights with two threads in the browser')
  } finally {
    await browser.close()
    server.close()
  }
})
