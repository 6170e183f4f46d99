import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { init, sweep } from '@trainyard/tracker'
import { type RunningServer, serve } from '@trainyard/tracker/server'
import { assets } from '../src/index.ts'
import { Chromium, chartShows, eventually, skip, type VisitOptions } from './support/browser.ts'
import { buildPage } from './support/build.ts'
import { liveRun, logEpoch, project, realRuns, scratch } from './support/realRuns.ts'

const chromium = new Chromium()
const { dir, remove } = scratch()
let server: RunningServer
before(async () => {
  if (skip) return
  await buildPage()
  await realRuns(dir)
  server = await serve({ dir, port: 0, page: assets, log: () => {} })
})
after(async () => {
  await chromium.close()
  await server?.close()
  remove()
})
const open = (hash: string, options: VisitOptions = {}) => chromium.open(`${server.url}${hash}`, options)

test('runs of the real server: filter, group, zoom', { skip }, async () => {
  const visit = await open(`#/${project}`, { expected: /^$|400|Blocked/ })
  const { page } = visit
  await page.getByRole('link', { name: 'lung-0', exact: true }).waitFor()
  await chartShows(page, 'train/loss', 6)
  await visit.shoot('real-workspace')
  const filter = page.getByRole('combobox', { name: 'Filter runs' })
  await filter.fill('min["val/loss"] < 0.4 and config.optimizer.lr > 0.05')
  await filter.press('Enter')
  await page.waitForFunction(() => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') === '3')
  await filter.fill('config.lr << 2')
  await filter.press('Enter')
  await page.getByRole('alert').first().waitFor()
  await page.getByRole('button', { name: 'Clear the filter' }).click()
  await page.getByRole('button', { name: 'Group', exact: true }).click()
  await page
    .getByRole('dialog', { name: 'Group' })
    .getByRole('button', { name: /optimizer\.name/ })
    .click()
  await chartShows(page, 'train/loss', 2)
  await chartShows(page, 'val/loss', 2)
  for (const one of [1, 2])
    await page.locator('[data-panel="val/confusion"]').getByText(`sgd, run ${one} of 3`).waitFor()
  await visit.shoot('real-groups')
  await page.goto(`${server.url}#/${project}?view=charts`)
  await chartShows(page, 'train/loss', 6)
  const box = (await page.locator('[data-panel="train/loss"] .u-over').boundingBox())!
  await page.mouse.move(box.x + box.width * 0.2, box.y + 40)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.4, box.y + 40, { steps: 4 })
  await page.mouse.up()
  await page.locator('[data-panel="train/loss"]').getByRole('button', { name: 'Show all' }).click()
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('a run that is logging is followed live, and becomes finished under one’s eyes', { skip }, async () => {
  const run = await liveRun(dir)
  logEpoch(run, 0, 0.15)
  const visit = await open(`#/${project}?only=live&view=split`)
  const { page } = visit
  await page.getByRole('link', { name: 'lung-live', exact: true }).waitFor()
  await chartShows(page, 'train/loss', 1)
  const pointed = async () => {
    const box = (await page.locator('[data-panel="train/loss"] .u-over').boundingBox())!
    await page.mouse.move(box.x + 20, box.y + 20)
    await page.mouse.move(box.x + box.width - 2, box.y + 60)
    const heads = await page.locator('.tip .head').allInnerTexts()
    return heads.length === 1 ? Number(heads[0].replace(/\D/g, '')) : -1
  }
  const first = await eventually(pointed, (step) => step >= 0, 'the chart says what is pointed at')
  for (let epoch = 1; epoch < 6; epoch++) logEpoch(run, epoch, 0.15)
  await eventually(pointed, (step) => step > first + 30, 'the chart has grown')
  const running = page.locator('.row', { hasText: 'lung-live' }).getByText('running')
  assert.equal(await running.count(), 1)
  await run.finish()
  await running.waitFor({ state: 'detached' })
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('a page that watches a run is sent its new points, and none of the old ones again', { skip }, async (t) => {
  const capture = { console: false, git: false, environment: false, system: false }
  const run = await init({ dir, project: 'watched', name: 'long', capture })
  const [old, fresh] = [20_000, 200]
  const log = (step: number) => run.log({ loss: Math.exp(-step / 8000) + 0.1 * Math.sin(step), accuracy: step / 1e5 })
  for (let step = 0; step < old; step++) log(step)
  const visit = await open('#/watched?view=charts')
  const { page } = visit
  for (const chart of ['loss', 'accuracy']) await chartShows(page, chart, 1)
  const shown = () => page.evaluate(() => document.querySelector('[data-panel="loss"] canvas') !== null)
  await eventually(shown, (is) => is, 'there is a chart')
  await visit.rest(1000)

  const sent = { points: 0, answers: 0, last: 0, bytes: 0 }
  page.on('response', async (response) => {
    if (!response.url().includes('/api/') || response.url().includes('/api/events')) return
    const text = await response.text().catch(() => '') // What is closed meanwhile counts no more.
    sent.bytes += text.length
    if (text === '' || !response.url().endsWith('/series/query')) return
    for (const { x } of (JSON.parse(text) as { series: { x: number[] }[] }).series) {
      sent.answers++
      sent.points += x.length
      sent.last = Math.max(sent.last, ...x)
    }
  })
  const events = new AbortController()
  let eventBytes = 0
  const stream = await fetch(`${server.url}api/events`, { signal: events.signal })
  const reading = (async () => {
    for await (const chunk of stream.body!) eventBytes += (chunk as Uint8Array).length
  })().catch(() => {})
  const start = performance.now()
  for (let step = old; step < old + fresh; step++) {
    log(step)
    if (step % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 150))
  }
  // The last bucket of each line starts at most one bucket before the end.
  await eventually(
    () => sent.last,
    (step) => step > old + fresh - 65,
    'the newest points are there',
  )
  await visit.rest(600)
  const seconds = (performance.now() - start) / 1000
  events.abort()
  await reading
  t.diagnostic(
    `${2 * fresh} new values: ${sent.points} points in ${sent.answers} answers, ${sent.bytes} bytes, ${eventBytes} of events, in ${seconds.toFixed(1)} s`,
  )
  // The bucket that was open when the chart asked last is sent again as it grows; nothing before it.
  assert.ok(sent.points <= 2 * fresh + 3 * sent.answers, `${sent.points} points in ${sent.answers} answers`)
  assert.ok(sent.bytes < 20_000 + 4000 * sent.answers, `${sent.bytes} bytes in ${sent.answers} answers`)
  assert.ok(eventBytes < 400 * (fresh + 20), `${eventBytes} bytes of events`)
  await run.finish()
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('a run’s page: pictures with masks over the steps, tables, plots, files; hostile HTML stays in its box', {
  skip,
}, async () => {
  const visit = await open(`#/${project}/runs/run0`, { expected: /^$|sandbox|Blocked|readback/i })
  const { page } = visit
  await page
    .getByText('checkpoints', { exact: false })
    .or(page.getByRole('heading', { name: 'Config' }))
    .first()
    .waitFor()
  await eventually(
    () => page.locator('.overview').innerText(),
    (text) => /optimizer[\s\S]*0\.3/.test(text),
    'the configuration is there',
  )
  await visit.shoot('real-run-overview')
  await page.getByRole('link', { name: 'Media' }).click()
  const examples = page.locator('[data-panel="val/examples"]')
  await examples.locator('canvas').first().waitFor()
  await page.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('[data-panel="val/examples"] canvas')
    return (
      canvas &&
      canvas
        .getContext('2d')!
        .getImageData(0, 0, canvas.width, canvas.height)
        .data.some((value) => value > 0)
    )
  })
  const step = () => examples.locator('output').innerText()
  const latest = await step()
  await examples.getByRole('button', { name: 'Earlier' }).click()
  await eventually(step, (now) => now !== latest, 'an earlier step is shown')
  await visit.rest()
  const painted = () =>
    examples
      .locator('canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) =>
        canvas
          .getContext('2d')!
          .getImageData(0, 0, canvas.width, canvas.height)
          .data.reduce((sum, value) => sum + value, 0),
      )
  const before = await painted()
  await examples.getByRole('button', { name: 'Masks' }).click()
  await page.getByRole('checkbox', { name: 'left lung' }).click()
  await page.waitForFunction((sum) => {
    const canvas = document.querySelector<HTMLCanvasElement>('[data-panel="val/examples"] canvas')!
    return (
      canvas
        .getContext('2d')!
        .getImageData(0, 0, canvas.width, canvas.height)
        .data.reduce((a, b) => a + b, 0) < sum
    )
  }, before)
  await page.getByRole('button', { name: 'Agreement' }).click()
  await page.getByRole('slider', { name: 'Opacity' }).fill('0.9')
  await visit.shoot('real-run-masks')
  await page.keyboard.press('Escape')
  const table = page.locator('[data-panel="val/per_image"]')
  await table.getByRole('button', { name: 'f1' }).click()
  await page.waitForFunction(() =>
    /^b/.test(document.querySelector('[data-panel="val/per_image"] tbody tr')?.textContent?.trim() ?? ''),
  )
  await page.locator('[data-panel="notes/plot"] canvas').waitFor()
  await page.locator('[data-panel="notes/html"] iframe').waitFor()
  await page.frameLocator('[data-panel="notes/html"] iframe').getByText('Sandboxed').waitFor()
  assert.doesNotMatch(await page.title(), /escaped/)
  await visit.shoot('real-run-media')
  await page.getByRole('link', { name: 'Files' }).click()
  await page.getByRole('button', { name: 'checkpoints/best.txt' }).click()
  await visit.sees('weights of 0')
  await page.getByRole('link', { name: /unet:v0/ }).click()
  await page.getByRole('heading', { name: 'unet', exact: true }).waitFor()
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('rename, notes, tags; a failed run says why; runs are compared', { skip }, async () => {
  const visit = await open(`#/${project}/runs/run1`)
  const { page } = visit
  await page.getByRole('button', { name: 'lung-1', exact: true }).click()
  await page.getByRole('textbox', { name: 'Name of the run' }).fill('renamed')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'renamed', exact: true }).waitFor()
  await page.getByRole('textbox', { name: 'Add a tag' }).fill('chosen')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Remove tag chosen' }).waitFor()
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.getByRole('textbox', { name: 'Notes' }).fill('Looks <i>good</i>')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await visit.sees('Looks <i>good</i>')
  await eventually(
    () => page.title(),
    (title) => title === `renamed · ${project} · Trainyard`,
    'the window is called as the run',
  )
  await page.goto(`${server.url}#/${project}/runs/run5`)
  await visit.sees('diverged')
  await page.goto(`${server.url}#/${project}/compare?runs=run0+run1+run2`)
  await page.getByRole('rowheader', { name: 'optimizer.lr' }).waitFor()
  // Goals of metrics are known.
  await page.locator('.star').first().waitFor()
  await page.goto(`${server.url}#/${project}/alerts`)
  await visit.sees('Loss is not finite')
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('what cannot be drawn is said, and tabs of a run say what would be there', { skip }, async () => {
  const capture = { console: false, git: false, environment: false, system: false }
  const run = await init({ dir, project: 'edges', id: 'only', name: 'n'.repeat(300), tags: ['t'.repeat(200)], capture })
  for (let step = 0; step < 5; step++) run.log({ lost: Number.NaN, below: -1 - step, above: 1 + step })
  await run.finish()
  const visit = await open('#/edges?view=charts&logY=1', { expected: /400/ })
  const { page } = visit
  const says = (chart: string, text: string) =>
    page.locator(`[data-panel="${chart}"]`).getByText(text, { exact: true }).waitFor()
  await says('lost', 'All 5 points are NaN or infinite')
  await says('below', 'No point is above 0, as a logarithmic axis needs')
  await chartShows(page, 'above', 1)
  await visit.shoot('undrawable')
  for (const [hash, text] of [
    ['#/edges/runs/only/media', 'No media yet'],
    ['#/edges/runs/only/system', 'Nothing was measured'],
    ['#/edges/compare?runs=only', 'One run differs from nothing'],
    ['#/edges?view=charts&where=config.lr+%3C%3C+2', 'Expected expression after <'],
    ['#/edges-mistyped', 'Nothing was logged to “edges-mistyped” so far'],
  ]) {
    await page.goto(`${server.url}${hash}`)
    await visit.sees(text)
    const widest = await page.evaluate(() => document.documentElement.scrollWidth)
    assert.ok(widest <= 1440, `${hash} is ${widest} px wide`)
  }
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('a real sweep: trials appear while it runs, parallel coordinates choose among them, the analysis says what matters', {
  skip,
}, async () => {
  const configuration = {
    method: 'random',
    name: 'search',
    metric: { name: 'val/loss', goal: 'minimize' },
    parameters: {
      lr: { distribution: 'log_uniform_values', min: 0.001, max: 0.1 },
      net: { parameters: { depth: { values: [1, 2, 3] } } },
    },
    run_cap: 14,
  } as const
  let visit: Awaited<ReturnType<typeof open>> | undefined
  const result = await sweep(
    configuration,
    async ({ lr, net }, trial) => {
      if (trial.number === 6) {
        visit = await open(`#/${project}/sweeps`)
        await visit.page.getByRole('link', { name: 'search', exact: true }).click()
        await visit.page.getByRole('img', { name: /trials; best so far/ }).waitFor()
      }
      const run = await init({ dir, capture: { console: false, git: false, environment: false, system: false } })
      for (let step = 0; step < 4; step++)
        run.log({ 'val/loss': Math.abs(Math.log10(lr) + 2) + 0.01 * net.depth + 1 / (step + 1) })
      await run.finish()
    },
    { dir, project, url: server.url },
  )
  assert.equal(result.trials.length, 14)
  const { page, errors, shoot, close } = visit!
  await page.getByRole('img', { name: /^14 trials/ }).waitFor()
  await page.locator('[data-axis]').nth(2).waitFor()
  const axes = () =>
    page.locator('[data-axis]').evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.axis))
  await eventually(axes, (all) => all.join() === 'config.lr,config.net.depth,min.val/loss', 'the axes are there')
  await page.getByRole('slider', { name: 'Best' }).fill('0.22')
  await page.waitForFunction(() => document.querySelector('.view .count strong')?.textContent === '3')
  await shoot('real-sweep')
  await page.getByRole('button', { name: 'analysis' }).click()
  await visit!.sees(/From 14 finished trials/)
  await page.getByRole('button', { name: 'trials' }).click()
  await page.getByRole('button', { name: 'val/loss' }).click()
  await page.locator('tbody a.link').first().click()
  await page.getByRole('link', { name: 'Sweep', exact: true }).waitFor()
  assert.deepEqual(errors, [])
  await close()
})
