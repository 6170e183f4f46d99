import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { type DevServer, startDevServer } from '../dev/server.ts'
import { seriousFindings } from './support/accessibility.ts'
import { Chromium, eventually, skip, slack } from './support/browser.ts'
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

const axes = (page: Page) =>
  page
    .locator('[data-head]')
    .evaluateAll((all) =>
      [...all]
        .sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left)
        .map((one) => (one as HTMLElement).dataset.head),
    )

/** Drags along an axis between two shares of its height, 0 at its top. */
async function brush(page: Page, axis: string, from: number, to: number) {
  const box = (await page.locator(`[data-axis="${axis}"]`).boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + box.height * from)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2, box.y + box.height * to, { steps: 6 })
  await page.mouse.up()
}
/** How many are chosen, once it is as many as said. */
const chosen = (page: Page, accept: (count: number) => boolean) =>
  eventually(
    async () => Number((await page.locator('.view .count strong').innerText()).replace(/,/g, '')),
    accept,
    'so many are chosen',
  )

test('a sweep: brushing many axes chooses trials everywhere; the address keeps it', { skip }, async () => {
  const visit = await chromium.open(`${server.url}/#/xray-unet/sweeps`)
  const { page } = visit
  await page.getByRole('link', { name: 'lung-search', exact: true }).click()
  await page.locator('[data-axis="min.val/loss"]').waitFor()
  assert.deepEqual(await axes(page), [
    'config.optimizer.lr',
    'config.batchSize',
    'config.epochs',
    'config.optimizer.name',
    'min.val/loss',
  ])
  assert.deepEqual(await seriousFindings(page), [])
  await brush(page, 'min.val/loss', 0.6, 1)
  const first = await chosen(page, (count) => count > 2 && count < 28)
  await page.waitForFunction(
    (count) => document.querySelectorAll('[aria-label="Trials over time"] circle:not(.faded)').length === count,
    first,
  )
  await brush(page, 'config.optimizer.name', 0.6, 0.95)
  const both = await chosen(page, (count) => count < first && count > 0)
  await visit.shoot('parallel-brushed')
  await page.reload()
  await page.locator('.view .count strong').waitFor()
  await chosen(page, (count) => count === both)
  await page.getByRole('button', { name: 'Filter the table' }).click()
  await page.waitForFunction(
    (rows) => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') === String(rows + 1),
    both,
  )
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('axes are reordered by dragging, made logarithmic, flipped, limited, removed, added; the best share is one slider', {
  skip,
}, async () => {
  const visit = await chromium.open(`${server.url}/#/xray-unet/sweeps/lung-search`, { dark: true })
  const { page } = visit
  await page.locator('[data-axis="min.val/loss"]').waitFor()
  const head = (await page.locator('[data-head="config.optimizer.lr"] .name').boundingBox())!
  const target = (await page.locator('[data-head="config.epochs"] .name').boundingBox())!
  await page.mouse.move(head.x + head.width / 2, head.y + head.height / 2)
  await page.mouse.down()
  await page.mouse.move(target.x + target.width / 2, target.y + 10, { steps: 12 })
  await page.mouse.up()
  await eventually(
    () => axes(page),
    (all) => all.slice(0, 3).join() === 'config.batchSize,config.epochs,config.optimizer.lr',
    'the axis stands in its new place',
  )

  const ticks = () => page.locator('.plot svg text').allTextContents()
  const menu = async (name: string) => page.getByRole('button', { name: `Axis ${name}` }).click()
  assert.ok((await ticks()).includes('0.001'), 'the sweep says that the learning rate is logarithmic')
  await menu('config optimizer.lr')
  await page.getByRole('dialog').getByRole('checkbox', { name: 'Logarithmic' }).uncheck()
  await page.locator('.plot svg text', { hasText: /^1e-4$/ }).waitFor({ state: 'detached' })
  await page.getByRole('dialog').getByRole('checkbox', { name: 'Logarithmic' }).check()
  const place = () =>
    page.locator('.plot svg text', { hasText: /^0\.001$/ }).evaluate((one) => Number(one.getAttribute('y')))
  const before = await place()
  await page.getByRole('checkbox', { name: 'Flipped' }).check()
  await eventually(place, (now) => now !== before, 'the axis is the other way up')
  await page.getByRole('textbox', { name: /from$/ }).fill('0.0005')
  await page.getByRole('textbox', { name: /to$/ }).fill('0.01')
  await page.getByRole('button', { name: 'Choose these' }).click()
  const inRange = server.world
    .runs('xray-unet')!
    .filter(
      (run) =>
        run.sweep &&
        (run.config.optimizer as { lr: number }).lr >= 0.0005 &&
        (run.config.optimizer as { lr: number }).lr <= 0.01,
    ).length
  await chosen(page, (count) => count === inRange)
  await page.getByRole('button', { name: 'Show this range' }).click()
  await page.keyboard.press('Escape')

  await menu('min val/loss')
  await page.getByRole('combobox', { name: 'Value' }).selectOption('last')
  await page.locator('[data-axis="last.val/loss"]').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Axis', exact: true }).click()
  await page.getByRole('searchbox', { name: 'Search columns' }).last().fill('max val/f1')
  await page.getByRole('button', { name: 'max val/f1' }).click()
  await page.locator('[data-axis="max.val/f1"]').waitFor()
  await page.getByRole('button', { name: 'Choose all' }).first().click()
  await page.getByRole('slider', { name: 'Best' }).fill('0.1')
  // A tenth of 30.
  await chosen(page, (count) => count === 3)
  await menu('config epochs')
  await page.getByRole('button', { name: 'Remove axis' }).click()
  await page.locator('[data-axis="config.epochs"]').waitFor({ state: 'detached' })
  await visit.shoot('parallel-dark')
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('what is pointed at in the plot is pointed at in the other charts, and the other way round', {
  skip,
}, async () => {
  const visit = await chromium.open(`${server.url}/#/xray-unet/sweeps/lung-search`)
  const { page } = visit
  await page.locator('[data-axis="min.val/loss"]').waitFor()
  await page.locator('[aria-label="Trials over time"] circle').first().waitFor()
  const plot = (await page.locator('.plot').boundingBox())!
  let hit = 0
  for (let y = 0.2; y < 0.95 && hit === 0; y += 0.02) {
    await page.mouse.move(plot.x + plot.width * 0.4, plot.y + plot.height * y)
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    hit = await page.locator('circle.hit').count()
  }
  assert.equal(hit, 1)
  await page.locator('.plot .tip').waitFor()
  await page.locator('[aria-label="Trials over time"] circle').nth(4).hover()
  const lit = () =>
    page
      .locator('.plot canvas')
      .nth(2)
      .evaluate((canvas: HTMLCanvasElement) =>
        canvas
          .getContext('2d')!
          .getImageData(0, 0, canvas.width, canvas.height)
          .data.some((value) => value > 0),
      )
  await eventually(lit, (is) => is, 'its line is lit')
  assert.deepEqual(
    visit.errors.filter((error) => !/readback/.test(error)),
    [],
  )
  await visit.close()
})

test('analysis: importance, effects, contours, in a worker', { skip }, async () => {
  const visit = await chromium.open(`${server.url}/#/xray-unet/sweeps/lung-search?tab=analysis`, { height: 1500 })
  const { page } = visit
  await page.getByRole('heading', { name: 'What matters' }).waitFor()
  assert.match(
    await page.getByRole('region', { name: 'Importance' }).innerText(),
    /optimizer\.lr[\s\S]*%[\s\S]*28 finished trials/,
  )
  assert.match(await page.getByRole('region', { name: 'Conclusions' }).innerText(), /optimizer\.lr accounts for/)
  await eventually(
    () => page.locator('[aria-label^="Effect of"][role=img]').count(),
    (count) => count === 4,
    'there are four effects',
  )
  await page.locator('.contour rect').first().waitFor()
  await page.getByRole('combobox', { name: 'Along y' }).selectOption('optimizer.name')
  await page.getByRole('img', { name: /over optimizer\.lr and optimizer\.name, from 28 trials/ }).waitFor()
  await page.getByRole('button', { name: 'Uncertainty' }).click()
  await visit.shoot('sweep-analysis')
  assert.deepEqual(await seriousFindings(page), [])
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('agents and the sweep are paused and resumed from the page', { skip }, async () => {
  const visit = await chromium.open(`${server.url}/#/xray-unet/sweeps/lung-search`)
  const { page } = visit
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
  server.requests.length = 0
  await page.getByRole('button', { name: 'Pause the agent on workstation' }).click()
  await visit.sees('takes no other trial')
  assert.deepEqual(server.requests.find(({ name }) => name === 'commandAgent')?.body, { command: 'pause' })
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('on a phone axes keep room for their names, and the plot scrolls', { skip }, async () => {
  const visit = await chromium.open(`${server.url}/#/ten-thousand?view=parallel`, { width: 390, height: 844 })
  const { page } = visit
  await page.locator('[data-axis="last.loss"]').waitFor()
  const lefts = await page
    .locator('[data-head]')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().left).sort((a, b) => a - b))
  for (let i = 1; i < lefts.length; i++) assert.ok(lefts[i] - lefts[i - 1] >= 90, `axes at ${lefts}`)
  await page.locator('[data-head="last.loss"]').scrollIntoViewIfNeeded()
  const box = (await page.locator('[data-head="last.loss"]').boundingBox())!
  assert.ok(box.x + box.width / 2 < 390, 'the last axis can be reached')
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('nothing of a sweep sticks out of the page, however narrow', { skip }, async () => {
  for (const width of [1024, 390]) {
    const visit = await chromium.open(`${server.url}/#/xray-unet/sweeps/lung-search`, { width, height: 800 })
    await visit.page.getByRole('region', { name: 'Agents' }).getByRole('row').nth(1).waitFor()
    await visit.rest()
    const widest = await visit.page.evaluate(() => document.documentElement.scrollWidth)
    assert.ok(widest <= width, `${widest} of ${width} px`)
    await visit.shoot(`sweep-${width}`)
    assert.deepEqual(visit.errors, [])
    await visit.close()
  }
})

/** The quickest of three rounds: in the others the machine may have been busy with something else. */
async function quickest<T extends { frame: number }>(round: () => Promise<T>): Promise<T> {
  const rounds = [await round(), await round(), await round()]
  return rounds.reduce((best, one) => (one.frame < best.frame ? one : best))
}

test('10,000 lines: frames stay short while one points at them and while one brushes', { skip }, async (t) => {
  const visit = await chromium.open(`${server.url}/#/ten-thousand?view=parallel&split=0.2`)
  const { page } = visit
  await page.locator('[data-axis="last.loss"]').waitFor()
  await visit.rest(1000)
  const point = () =>
    page.evaluate(async () => {
      const plot = document.querySelector('.plot')!.getBoundingClientRect()
      const frames: number[] = []
      let last = performance.now()
      let tips = 0
      for (let i = 0; i < 60; i++) {
        const [x, y] = [
          plot.x + plot.width * (0.2 + 0.6 * (i / 60)),
          plot.y + plot.height * (0.5 + 0.2 * Math.sin(i / 5)),
        ]
        const on = document.elementFromPoint(x, y)!
        on.dispatchEvent(new PointerEvent('pointermove', { clientX: x, clientY: y, bubbles: true, isPrimary: true }))
        await new Promise((resolve) => requestAnimationFrame(resolve))
        tips += document.querySelectorAll('.plot .tip').length
        frames.push(performance.now() - last)
        last = performance.now()
      }
      return { frame: frames.sort((a, b) => a - b)[30], tips }
    })
  const hovering = await quickest(point)
  t.diagnostic(`pointing at 10,000 lines: frames of ${hovering.frame.toFixed(1)} ms (median)`)
  assert.ok(hovering.tips > 20, `a line was found in ${hovering.tips} of 60 places`)
  assert.ok(hovering.frame < 16.7 * slack, `${hovering.frame} ms a frame`)
  const box = (await page.locator('[data-axis="last.loss"]').boundingBox())!
  const drag = () =>
    page.evaluate(
      async ({ x, top, height }) => {
        const strip = document.querySelector<HTMLElement>('[data-axis="last.loss"]')!
        const send = (type: string, y: number) =>
          strip.dispatchEvent(
            new PointerEvent(type, { clientX: x, clientY: y, button: 0, pointerId: 1, bubbles: true, isPrimary: true }),
          )
        send('pointerdown', top + height * 0.2)
        // What the page itself works in each frame: the rest of a frame's time is the browser's painting.
        const work: number[] = []
        const frames: number[] = []
        let last = performance.now()
        for (let i = 0; i < 60; i++) {
          const start = performance.now()
          send('pointermove', top + height * (0.2 + 0.7 * (i / 60)))
          await Promise.resolve()
          work.push(performance.now() - start)
          await new Promise((resolve) => requestAnimationFrame(resolve))
          frames.push(performance.now() - last)
          last = performance.now()
        }
        send('pointerup', top + height * 0.9)
        const at = (list: number[], part: number) => [...list].sort((a, b) => a - b)[Math.floor(list.length * part)]
        return { work: at(work, 0.9), frame: at(frames, 0.5), slowest: at(frames, 0.95) }
      },
      { x: box.x + box.width / 2, top: box.y, height: box.height },
    )
  const measure = await quickest(drag)
  t.diagnostic(
    `brushing 10,000 lines: frames of ${measure.frame.toFixed(1)} ms (median), ${measure.slowest.toFixed(1)} ms (95 %); ${measure.work.toFixed(1)} ms to take a movement`,
  )
  await chosen(page, (count) => count < 10_000)
  // 60 frames a second on a machine that is not busy.
  assert.ok(measure.frame < 16.7 * slack, `${measure.frame} ms a frame`)
  await visit.rest()
  await visit.shoot('parallel-ten-thousand')
  assert.deepEqual(visit.errors, [])
  await visit.close()
})
