import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type DevServer, startDevServer } from '../dev/server.ts'
import { Chromium, skip, slack } from './support/browser.ts'
import { buildPage } from './support/build.ts'

let server: DevServer
const chromium = new Chromium()
before(async () => {
  if (skip) return
  await buildPage()
  server = await startDevServer({ many: 10_000 })
})
after(async () => {
  await chromium.close()
  await server?.close()
})

/** Milliseconds that are promised on a machine that is not busy. */
const promised = { first: 1000, filter: 200, sort: 200, frame: 1000 / 20 }
type Times = Record<keyof typeof promised, number>
/** What else runs on the machine disturbs: the best of so many counts. */
const attempts = 5

/** From the start of navigation until the first rows are in the document, and so on: measured in the page itself. */
async function measure(): Promise<Times> {
  const visit = await chromium.open(`${server.url}/#/ten-thousand?view=table`)
  const { page } = visit
  await page.locator('.row a').nth(20).waitFor()
  await visit.rest()
  await page.evaluate(() => {
    const w = window as unknown as { until(test: () => boolean): Promise<number> }
    w.until = (test) =>
      new Promise((resolve) => {
        const start = performance.now()
        const look = () => (test() ? resolve(performance.now() - start) : requestAnimationFrame(look))
        look()
      })
  })
  const first = await page.evaluate(
    () => performance.getEntriesByName('trainyard-first-rows')[0]?.startTime ?? Number.NaN,
  )
  const filter = await page.evaluate(async () => {
    const input = document.querySelector<HTMLInputElement>('[aria-label="Filter runs"]')!
    input.focus()
    input.value = 'config.lr < 0.001 and config.layers > 6'
    input.dispatchEvent(new Event('input', { bubbles: true }))
    const w = window as unknown as { until(test: () => boolean): Promise<number> }
    const before = document.querySelector('[role=grid]')!.getAttribute('aria-rowcount')
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    return await w.until(() => document.querySelector('[role=grid]')!.getAttribute('aria-rowcount') !== before)
  })
  await visit.rest()
  const sort = await page.evaluate(async () => {
    const w = window as unknown as { until(test: () => boolean): Promise<number> }
    const before = document.querySelector('.row a')!.textContent
    document.querySelector<HTMLElement>('[data-column="last.loss"] .title')!.click()
    return await w.until(() => document.querySelector('.row a')!.textContent !== before)
  })
  await visit.rest()
  const frame = await page.evaluate(async () => {
    const grid = document.querySelector('[role=grid]')!
    const times: number[] = []
    let last = performance.now()
    for (let i = 0; i < 60; i++) {
      grid.scrollTop += 700
      await new Promise((resolve) => requestAnimationFrame(resolve))
      times.push(performance.now() - last)
      last = performance.now()
    }
    return times.sort((a, b) => a - b)[Math.floor(times.length * 0.9)]
  })
  const rows = await page.locator('.row').count()
  assert.ok(rows < 90, `${rows} rows in the document`)
  await visit.shoot('ten-thousand')
  assert.deepEqual(visit.errors, [])
  await visit.close()
  return { first, filter, sort, frame }
}

test('10,000 runs: first paint, filter, sort, scrolling', { skip }, async (t) => {
  const warm = await chromium.open(`${server.url}/#/`)
  await warm.sees('ten-thousand')
  await warm.close()
  const names = Object.keys(promised) as (keyof Times)[]
  let best: Times = { first: Infinity, filter: Infinity, sort: Infinity, frame: Infinity }
  for (let i = 0; i < attempts && names.some((name) => best[name] >= promised[name] * slack); i++) {
    const times = await measure()
    t.diagnostic(names.map((name) => `${name} ${times[name].toFixed(0)} ms`).join(', '))
    best = Object.fromEntries(names.map((name) => [name, Math.min(best[name], times[name])])) as unknown as Times
  }
  for (const name of names)
    assert.ok(best[name] < promised[name] * slack, `${name}: ${best[name].toFixed(0)} ms, promised ${promised[name]}`)
})
