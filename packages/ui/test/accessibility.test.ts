import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type DevServer, startDevServer } from '../dev/server.ts'
import { seriousFindings } from './support/accessibility.ts'
import { Chromium, chartShows, skip } from './support/browser.ts'
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

const run = () => server.world.runs('xray-unet')!.at(-1)!.id
const screens: [string, () => string, string][] = [
  ['projects', () => '#/', 'text=xor-depth-width'],
  ['workspace', () => '#/xray-unet', '.panel canvas'],
  ['narrow', () => '#/xray-unet', '.panel canvas'],
  ['groups', () => '#/xray-unet?view=table&group=config.optimizer.name', '.row'],
  ['run', () => `#/xray-unet/runs/${run()}`, 'text=Environment'],
  ['run-charts', () => `#/xray-unet/runs/${run()}/charts`, '.panel canvas'],
  ['run-media', () => `#/xray-unet/runs/${run()}/media`, 'figure img'],
  ['run-system', () => `#/xray-unet/runs/${run()}/system`, '.panel canvas'],
  ['run-console', () => `#/xray-unet/runs/${run()}/console`, '.line .text'],
  ['run-files', () => `#/xray-unet/runs/${run()}/files`, 'text=config.yaml'],
  [
    'compare',
    () =>
      `#/xray-unet/compare?runs=${server.world
        .runs('xray-unet')!
        .slice(-3)
        .map(({ id }) => id)
        .join('+')}`,
    'text=batchSize',
  ],
  ['sweeps', () => '#/xray-unet/sweeps', 'text=lung-search'],
  ['sweep', () => '#/xray-unet/sweeps/lung-search', '.plot svg text'],
  ['sweep-analysis', () => '#/xray-unet/sweeps/lung-search?tab=analysis', '.contour rect'],
  ['parallel', () => '#/xray-unet?view=parallel', '.plot svg text'],
  ['artifacts', () => '#/xray-unet/artifacts', 'text=Files of v2'],
  ['alerts', () => '#/xray-unet/alerts', 'text=Loss is not finite'],
  ['empty', () => '#/nothing-yet', 'text=No runs yet'],
  ['nowhere', () => '#/a/b/c/d/e', 'text=There is no such page'],
]

test('no screen keeps anybody out, light or dark', { skip }, async () => {
  for (const [name, hash, ready] of screens) {
    const visit = await chromium.open(`${server.url}/${hash()}`, { width: name === 'narrow' ? 390 : 1440 })
    const { page } = visit
    await page.locator(ready).first().waitFor()
    await visit.rest()
    await visit.shoot(`${name}-light`)
    assert.deepEqual(await seriousFindings(page), [], `${name}, light`)
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.locator('[data-theme=dark]').waitFor()
    await visit.rest()
    await visit.shoot(`${name}-dark`)
    // Only colours are different in the dark.
    assert.deepEqual(await seriousFindings(page, 'body', ['color-contrast']), [], `${name}, dark`)
    assert.deepEqual(visit.errors, [], name)
    await visit.close()
  }
})

test('menus and dialogs as well', { skip }, async () => {
  const visit = await chromium.open(`${server.url}/#/xray-unet`)
  const { page } = visit
  await page.locator('.panel canvas').first().waitFor()
  const popover = page.locator('.panel[role]')
  for (const name of ['Group', 'Columns', /^Runs in charts/, /^Axes and smoothing/, 'Layout']) {
    await page.getByRole('button', { name, exact: true }).click()
    await popover.waitFor()
    assert.deepEqual(await seriousFindings(page, '.panel[role]'), [], String(name))
    await page.keyboard.press('Escape')
    await popover.waitFor({ state: 'detached' })
  }
  for (const name of ['Add chart', 'Report']) {
    await page.getByRole('button', { name, exact: true }).click()
    await page.getByRole('dialog').waitFor()
    assert.deepEqual(await seriousFindings(page, 'dialog'), [], name)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('everything can be done with the keyboard: filter, table, a run, and back', { skip }, async () => {
  const visit = await chromium.open(`${server.url}/#/xray-unet`)
  const { page } = visit
  await page.getByRole('link', { name: 'northern-viaduct-47', exact: true }).waitFor()
  await chartShows(page, 'train/loss', 10)
  await page.getByRole('grid').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Space')
  await page.getByRole('toolbar', { name: 'What to do with the ticked runs' }).waitFor()
  await page.keyboard.press('v')
  // Another run takes its place among the ten that are shown.
  await page.getByRole('button', { name: 'Show copper-switch-46 in charts' }).waitFor()
  await chartShows(page, 'train/loss', 10)
  await page.keyboard.press('End')
  await page.getByRole('link', { name: 'gentle-junction-1', exact: true }).waitFor()
  await page.keyboard.press('Home')
  await page.waitForFunction(() =>
    document.querySelector('[role=grid]')?.getAttribute('aria-activedescendant')?.endsWith('-0'),
  )
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'northern-viaduct-47', exact: true, level: 1 }).waitFor()
  await page.goBack()
  await page.getByRole('grid').waitFor()
  assert.deepEqual(visit.errors, [])
  await visit.close()
})
