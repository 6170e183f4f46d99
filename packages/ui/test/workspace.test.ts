import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type DevServer, startDevServer } from '../dev/server.ts'
import { artefact, Chromium, chartShows, eventually, skip } from './support/browser.ts'
import { buildPage } from './support/build.ts'

let server: DevServer
const chromium = new Chromium()
before(async () => {
  if (skip) return
  await buildPage()
  server = await startDevServer({ many: 0 })
})
after(async () => {
  await chromium.close()
  await server?.close()
})
const open = (hash: string, options = {}) => chromium.open(`${server.url}/${hash}`, options)

test('from the projects into a workspace: runs in the table, charts that appear by themselves', { skip }, async () => {
  const visit = await open('#/')
  const { page } = visit
  await page.getByRole('link', { name: 'xray-unet', exact: true }).click()
  await page.getByRole('link', { name: 'northern-viaduct-47', exact: true }).waitFor()
  await page.getByRole('region', { name: 'train', exact: true }).waitFor()
  assert.equal(await page.getByRole('grid').getAttribute('aria-rowcount'), '49')
  await page.waitForFunction(() => document.querySelectorAll('.panel canvas').length >= 6)
  await chartShows(page, 'train/loss', 10)
  await visit.shoot('workspace-light')
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('a filter is suggested as one types, narrows the table, and stays in the address', { skip }, async () => {
  const visit = await open('#/xray-unet', { expected: /400/ })
  const { page } = visit
  const filter = page.getByRole('combobox', { name: 'Filter runs' })
  await filter.fill('opt')
  await page.getByRole('option', { name: /config\.optimizer\.name/ }).click()
  await page.getByRole('option', { name: /^==/ }).click()
  await page.getByRole('option', { name: '"sgd"' }).click()
  await filter.press('Enter')
  await page.waitForFunction(() => Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')) < 49)
  assert.match(decodeURIComponent(page.url()), /where=config\.optimizer\.name\+==\+"sgd"/)
  const count = await page.getByRole('grid').getAttribute('aria-rowcount')
  await page.reload()
  await page.waitForFunction(
    (wanted) => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') === wanted,
    count,
  )
  await filter.fill('config.lr >== 3')
  await filter.press('Enter')
  await page.getByRole('alert').first().waitFor()
  await visit.shoot('workspace-filter-mistake')
  await page.getByRole('button', { name: 'Clear the filter' }).click()
  await page.waitForFunction(() => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') === '49')
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('sorting and grouping; a group becomes a line with a band, and opens into its runs', { skip }, async () => {
  const visit = await open('#/xray-unet?columns=last.val%2Floss', { dark: true })
  const { page } = visit
  await page
    .getByRole('columnheader', { name: /val\/loss/ })
    .getByRole('button', { name: /val\/loss/ })
    .first()
    .click()
  await page.waitForFunction(() => document.querySelector('[aria-sort=ascending]'))
  const firstValue = () => page.locator('[role=row][aria-rowindex="2"] [role=gridcell]').nth(1).innerText()
  await eventually(firstValue, (text) => Number(text) > 0 && Number(text) < 0.2, 'the lowest loss comes first')
  await page.getByRole('button', { name: 'Group', exact: true }).click()
  await page
    .getByRole('dialog', { name: 'Group' })
    .getByRole('button', { name: /optimizer\.name/ })
    .click()
  await page.getByRole('button', { name: /^Open adam/ }).click()
  await page.waitForFunction(() => document.querySelectorAll('.row a').length > 5)
  await chartShows(page, 'train/loss', 2)
  await visit.shoot('workspace-groups-dark')
  assert.match(page.url(), /group=config\.optimizer\.name/)
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('hovering shows all runs; dragging zooms, and the detail is asked for; a double-click shows all again', {
  skip,
}, async () => {
  const visit = await open('#/xray-unet?smooth=ema:0.5')
  const { page } = visit
  const chart = page.locator('[data-panel="train/loss"] .u-over')
  await chartShows(page, 'train/loss', 10)
  await visit.rest()
  const box = (await chart.boundingBox())!
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.5)
  await page.locator('.tip .hit').nth(9).waitFor({ state: 'attached' })
  assert.match(await page.locator('.tip').innerText(), /northern-viaduct-47/)
  await visit.shoot('workspace-hover')
  server.requests.length = 0
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.5, { steps: 4 })
  await page.mouse.up()
  await page.locator('[data-panel="train/loss"]').getByRole('button', { name: 'Show all' }).waitFor()
  const zoomed = () =>
    server.requests.filter(({ name, body }) => name === 'querySeries' && (body as { range?: unknown }).range).length
  await eventually(zoomed, (count) => count > 0, 'the zoomed chart asks anew')
  await visit.rest()
  assert.equal(zoomed(), 1, 'and no other')
  await chart.dblclick()
  await page
    .locator('[data-panel="train/loss"]')
    .getByRole('button', { name: 'Show all' })
    .waitFor({ state: 'detached' })
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('a live run costs its new points, and the charts follow', { skip }, async () => {
  const visit = await open('#/xray-unet?view=charts&limit=2')
  const { page } = visit
  await chartShows(page, 'train/loss', 2)
  await visit.rest()
  server.requests.length = 0
  server.world.advance(4)
  await eventually(
    () => server.requests.filter(({ name }) => name === 'querySeries').length,
    (count) => count > 0,
    'the charts ask for what is new',
  )
  await visit.rest()
  const updates = server.requests.filter(({ name }) => name === 'querySeries')
  for (const { body, bytes } of updates) {
    const { series } = body as { series: { cursor?: string }[] }
    assert.ok(series.every(({ cursor }) => cursor !== undefined))
    assert.ok(bytes < 700 * series.length, `${bytes} bytes for ${series.length} series`)
  }
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('ticked runs are tagged, compared, shown alone; what was shown comes back from the address', {
  skip,
}, async () => {
  const visit = await open('#/xray-unet')
  const { page } = visit
  await page.getByRole('link', { name: 'northern-viaduct-47', exact: true }).waitFor()
  await page.getByRole('checkbox', { name: 'Tick northern-viaduct-47' }).click()
  const bar = page.getByRole('toolbar', { name: 'What to do with the ticked runs' })
  // It moves the table down: a click that is under way meanwhile would end elsewhere.
  await bar.getByText('1 run', { exact: true }).waitFor()
  await page.getByRole('checkbox', { name: 'Tick copper-switch-46' }).click({ modifiers: ['Shift'] })
  await bar.getByText('3 runs').waitFor()
  await bar.getByRole('button', { name: 'More actions' }).click()
  const item = page.getByRole('menuitem', { name: 'Add tags …' })
  const { y, height } = (await item.boundingBox())!
  assert.ok(y > 0 && y + height < 900, `the menu can be seen, at ${y}`)
  await item.click()
  await page.getByRole('textbox', { name: /Tags, separated/ }).fill('looked at, chosen')
  await page.getByRole('button', { name: 'Apply' }).click()
  await visit.sees('3 runs tagged')
  assert.equal(
    server.world.runs('xray-unet')!.filter(({ tags }) => tags.includes('looked at') && tags.includes('chosen')).length,
    3,
  )
  await bar.getByRole('button', { name: 'Show only these' }).click()
  await chartShows(page, 'train/loss', 3)
  await page.reload()
  await chartShows(page, 'train/loss', 3)
  await page.getByRole('checkbox', { name: 'Tick northern-viaduct-47' }).click()
  await bar.getByText('1 run', { exact: true }).waitFor()
  await page.getByRole('checkbox', { name: 'Tick gentle-switch-48' }).click()
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await page.getByRole('rowheader', { name: 'optimizer.lr' }).waitFor()
  await page.locator('td.odd').nth(4).waitFor()
  assert.equal(await page.getByRole('rowheader', { name: 'imageSize' }).count(), 0, 'what is the same is left out')
  await visit.shoot('compare')
  await page.getByRole('link', { name: 'Charts' }).click()
  await chartShows(page, 'train/loss', 2)
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('panels are moved, resized, put together and removed; a layout keeps it', { skip }, async () => {
  const visit = await open('#/xray-unet?view=charts')
  const { page } = visit
  const order = () =>
    page
      .locator('[aria-label=train] [data-panel]')
      .evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.panel))
  const starts = (...wanted: string[]) =>
    eventually(order, (found) => found.slice(0, wanted.length).join() === wanted.join(), `${wanted} come first`)
  await starts('train/loss', 'train/learning_rate')
  await page
    .locator('[data-panel="train/loss"] h3')
    .dragTo(page.locator('[data-panel="train/throughput"]'), { targetPosition: { x: 250, y: 120 } })
  await starts('train/learning_rate', 'train/throughput', 'train/loss')
  await page.locator('[data-panel="train/loss"]').hover()
  await page.getByRole('button', { name: 'More for train/loss' }).click()
  await page.getByRole('menuitem', { name: 'Move back' }).click()
  await starts('train/learning_rate', 'train/loss', 'train/throughput')
  await page.getByRole('button', { name: 'Add chart' }).click()
  await page.getByRole('checkbox', { name: 'train/loss' }).check()
  await page.getByRole('checkbox', { name: 'val/loss' }).check()
  await page.getByRole('combobox', { name: 'Section' }).selectOption('train')
  await page.getByRole('dialog').getByRole('button', { name: 'Add chart' }).click()
  await page.waitForFunction(() =>
    /, 20 lines/.test(
      document.querySelector('[aria-label="Chart of train/loss, val/loss, 20 lines"]')?.getAttribute('aria-label') ??
        '',
    ),
  )
  await page.getByRole('button', { name: 'Layout' }).click()
  await page.getByRole('button', { name: 'Save as …' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('mine')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await visit.sees('Saved as mine')
  await page.goto(`${server.url}/#/xray-unet?layout=mine`)
  await page.reload()
  await page.locator('[data-panel="own-1"]').waitFor()
  assert.deepEqual(
    await order(),
    ['own-1', 'train/learning_rate', 'train/loss', 'train/throughput', 'train/gradient_norm'].sort((a, b) =>
      a === 'own-1' ? 1 : b === 'own-1' ? -1 : 0,
    ),
  )
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('charts are saved as SVG, PNG and CSV, a workspace as one HTML file', { skip }, async () => {
  const visit = await open('#/xray-unet?view=charts&limit=3')
  const { page } = visit
  await chartShows(page, 'val/loss', 3)
  const save = async (item: string) => {
    await page.locator('[data-panel="val/loss"]').hover()
    await page.getByRole('button', { name: 'More for val/loss' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: item }).click(),
    ])
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
    return { name: download.suggestedFilename(), bytes: Buffer.concat(chunks) }
  }
  const svg = await save('SVG picture')
  assert.equal(svg.name, 'val-loss.svg')
  assert.equal(svg.bytes.toString().match(/<path/g)!.length, 3)
  const png = await save('PNG picture')
  assert.equal(png.bytes.subarray(1, 4).toString(), 'PNG')
  const csv = await save('CSV of what is shown')
  assert.match(csv.bytes.toString(), /^line,Step,val\/loss\r\nnorthern-viaduct-47,0,/)
  await page.getByRole('button', { name: 'Report' }).click()
  await page.getByRole('textbox', { name: 'Text' }).fill('Small networks <b>first</b>.')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save report' }).click(),
  ])
  const file = artefact('report.html')
  await download.saveAs(file)
  assert.deepEqual(visit.errors, [])
  await visit.close()

  const report = await chromium.open(`file://${file}`)
  const outside: string[] = []
  report.page.on('request', (request) => outside.push(request.url()))
  await report.page.reload()
  assert.ok((await report.page.locator('svg').count()) >= 9)
  assert.ok((await report.page.locator('img').count()) >= 8)
  assert.match(await report.page.locator('body').innerText(), /Small networks <b>first<\/b>\./)
  assert.equal(
    await report.page
      .locator('img')
      .evaluateAll((all) => all.filter((one) => (one as HTMLImageElement).naturalWidth === 0).length),
    0,
  )
  assert.deepEqual(
    outside.filter((url) => !url.startsWith('file:') && !url.startsWith('data:')),
    [],
  )
  await report.shoot('report')
  assert.deepEqual(report.errors, [])
  await report.close()
})

test('a page at rest asks for nothing', { skip }, async () => {
  const visit = await open('#/xray-unet?limit=3')
  const { page } = visit
  await chartShows(page, 'train/loss', 3)
  // With pictures, tables and all that in view.
  await page.locator('[data-panel="val/examples"]').scrollIntoViewIfNeeded()
  await page.locator('[data-panel="val/examples"] figure img').first().waitFor()
  await visit.rest(1000)
  server.requests.length = 0
  // That nothing happens can only be seen by waiting for it.
  await page.waitForTimeout(1500)
  assert.deepEqual(
    server.requests.map(({ name }) => name),
    [],
  )
  assert.deepEqual(visit.errors, [])
  await visit.close()
})
