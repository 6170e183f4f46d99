import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { createServer, defaultClientConditions } from 'vite'

const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const skip = existsSync(browserPath) ? false : `no browser at ${browserPath}: install Debian's chromium or set CHROMIUM`

test('the page learns two spirals on several threads, pauses, and begins again', {
  skip,
  timeout: 180_000,
}, async () => {
  const server = await createServer({
    configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)),
    logLevel: 'error',
    cacheDir: fileURLToPath(new URL('../../node_modules/.cache/vite-example', import.meta.url)),
    resolve: { conditions: ['trainyard-source', ...defaultClientConditions] },
    server: { host: '127.0.0.1', port: 0 },
  })
  await server.listen()
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 760, height: 1000 } })
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    await page.goto(server.resolvedUrls!.local[0])
    const number = (id: string) =>
      page.evaluate((name) => Number.parseFloat(document.getElementById(name)!.textContent!), id)
    await page.waitForFunction(
      () => Number.parseInt(document.getElementById('accuracy')!.textContent!, 10) >= 236,
      null,
      {
        timeout: 120_000,
      },
    )
    assert.ok((await number('threads')) >= 2, 'the page is isolated, so that several threads work')
    assert.ok((await number('loss')) < 0.2)
    const screenshots = fileURLToPath(new URL('../../node_modules/.cache/screenshots', import.meta.url))
    mkdirSync(screenshots, { recursive: true })
    await page.screenshot({ path: `${screenshots}/example-browser.png` })

    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Begin again, with other weights' }).click()
    assert.equal(await number('steps'), 0)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.waitForFunction(() => Number(document.getElementById('steps')!.textContent) > 0)
    assert.deepEqual(faults, [])
  } finally {
    await browser.close()
    await server.close()
  }
})
