/**
 * What a person waits for, in a browser: the first chart of 5 million points in 50 runs after a cold start of the server, and the table of
 * 10,000 runs. Needs what `npm run build` makes, since that is what users start, and a Chromium. `node --conditions=trainyard-source bench/tracker/pageSpeed.ts [points|table]`
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RunIndex } from '@trainyard/tracker/server'
import { assets } from '@trainyard/ui'
import { chromium } from 'playwright-core'
import { makeRun } from './makeRuns.ts'

const parts = process.argv[2] ? [process.argv[2]] : ['points', 'table']
const report: { [name: string]: number } = {}
const dir = mkdtempSync(join(tmpdir(), 'trainyard-bench-'))
const executablePath = process.env.TRAINYARD_CHROMIUM ?? '/usr/bin/chromium'

async function startServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const program = `
    import { serve } from '@trainyard/tracker/server'
    const server = await serve({ dir: ${JSON.stringify(dir)}, port: 0, page: ${JSON.stringify(assets)} })
    console.log(server.url)`
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: import.meta.dirname,
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const stop = async () => {
    child.kill()
    await once(child, 'close')
  }
  return { url: line.toString().trim(), stop }
}

function index(): void {
  const made = new RunIndex(dir)
  made.refresh()
  made.close()
}

/** Milliseconds until something in the page is so, looked at in every frame. */
const until = `(test) => new Promise((resolve) => {
  const start = performance.now()
  const look = () => (test() ? resolve(performance.now() - start) : requestAnimationFrame(look))
  look()
})`

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, bypassCSP: true })
  const page = await context.newPage()
  if (parts.includes('points')) {
    for (let i = 0; i < 50; i++)
      makeRun(dir, 'points', `r${i}`, { config: { i }, rows: 20_000, metrics: ['a', 'b', 'c', 'd', 'e'] })
    index()
    const started = performance.now()
    const server = await startServer()
    report['5M points: server listens, ms'] = performance.now() - started
    await page.goto(`${server.url}#/points?limit=50`)
    await page.waitForFunction(() =>
      document.querySelector('[aria-label^="Chart of a"]')?.getAttribute('aria-label')?.endsWith(' 50 lines'),
    )
    report['5M points: cold start until the first chart of 50 runs, ms'] = performance.now() - started
    await server.stop()
  }
  if (parts.includes('table')) {
    for (let i = 0; i < 10_000; i++) {
      const config: { [key: string]: string | number } = {}
      for (let key = 0; key < 15; key++) config[`p${key}`] = key % 3 === 0 ? `choice ${(i * 7) % 5}` : Math.random()
      makeRun(dir, 'table', `t${i}`, { config, rows: 20, metrics: ['loss', 'accuracy', 'f1', 'lr'] })
    }
    index()
    const server = await startServer()
    await page.goto('about:blank')
    const started = performance.now()
    await page.goto(`${server.url}#/table?view=table`)
    await page.locator('.row a').nth(20).waitFor()
    report['10,000 runs: rows on screen, from the address, ms'] = performance.now() - started
    await page.locator('[data-column="last.loss"]').waitFor()
    await page.waitForTimeout(1500)
    const ask = (name: string, script: string) =>
      page.evaluate<number>(`(async () => { const until = ${until}; ${script} })()`).then((time) => {
        report[name] = time
      })
    await ask(
      '10,000 runs: filter, from the key until the new rows, ms',
      `const input = document.querySelector('[aria-label="Filter runs"]')
       const rows = () => document.querySelector('[role=grid]').getAttribute('aria-rowcount')
       const before = rows()
       input.focus(); input.value = 'config.p1 < 0.5 and summary.loss < 0.6'
       input.dispatchEvent(new Event('input', { bubbles: true }))
       input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
       return await until(() => rows() !== before)`,
    )
    await page.waitForTimeout(500)
    await ask(
      '10,000 runs: sort, from the click until the new rows, ms',
      `const first = () => document.querySelector('.row a')?.textContent
       const before = first()
       document.querySelector('[data-column="last.loss"] .title').click()
       return await until(() => first() !== before)`,
    )
    await server.stop()
  }
  for (const [name, value] of Object.entries(report)) report[name] = Math.round(value)
  console.log(JSON.stringify(report, null, 2))
} finally {
  await browser.close()
  rmSync(dir, { recursive: true, force: true })
}
