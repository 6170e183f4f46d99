import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type DevServer, startDevServer } from '../dev/server.ts'
import { Chromium, eventually, skip } from './support/browser.ts'
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
const expected = /Failed to load resource/

test('with nothing logged, every screen says what will be there', { skip }, async () => {
  const empty = await startDevServer({ many: 0, empty: true })
  try {
    const visit = await chromium.open(`${empty.url}/#/`)
    await visit.sees('Nothing has been logged yet')
    await visit.shoot('empty-projects')
    assert.deepEqual(visit.errors, [])
    await visit.close()
  } finally {
    await empty.close()
  }
  const visit = await chromium.open(`${server.url}/#/nothing-yet`)
  await visit.sees('No runs yet')
  await visit.sees('Nothing to chart yet')
  for (const [hash, text] of [
    ['#/nothing-yet/sweeps', 'No sweeps yet'],
    ['#/nothing-yet/artifacts', 'No artifacts yet'],
    ['#/nothing-yet/alerts', 'No alerts'],
    ['#/nothing-yet/compare', 'Choose runs to compare'],
  ]) {
    await visit.page.goto(`${server.url}/${hash}`)
    await visit.sees(text)
  }
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('when the server cannot answer, every screen says so and can be tried again', { skip }, async () => {
  const run = server.world.runs('xray-unet')!.at(-1)!.id
  const visit = await chromium.open(`${server.url}/#/`, { expected })
  server.broken.add('all')
  try {
    for (const [hash, text] of [
      ['#/', 'The projects could not be loaded'],
      ['#/xray-unet', 'The runs could not be loaded'],
      [`#/xray-unet/runs/${run}`, 'The run could not be loaded'],
      ['#/xray-unet/sweeps', 'The sweeps could not be loaded'],
      ['#/xray-unet/artifacts', 'The artifacts could not be loaded'],
      ['#/xray-unet/alerts', 'The alerts could not be loaded'],
    ]) {
      await visit.page.goto('about:blank')
      await visit.page.goto(`${server.url}/${hash}`)
      await visit.sees(text)
      await visit.sees('The index cannot be read: disk I/O error.')
    }
    await visit.shoot('error-alerts')
  } finally {
    server.broken.clear()
  }
  await visit.page.getByRole('button', { name: 'Try again' }).click()
  await visit.sees('Loss is not finite')
  assert.deepEqual(visit.errors, [])
  await visit.close()
})

test('a part of the page that the server is not there to give says so, and comes when it is back', {
  skip,
}, async () => {
  let own = await startDevServer({ many: 0 })
  const port = Number(new URL(own.url).port)
  const visit = await chromium.open(`${own.url}/#/mnist`, { expected: /Failed to (load|fetch)|ERR_|preload/ })
  try {
    await visit.page.getByRole('link', { name: 'mnist-cnn', exact: true }).waitFor()
    await visit.rest()
    await own.close()
    await visit.page.getByRole('link', { name: 'mnist-cnn', exact: true }).click()
    await visit.sees('This part of the page could not be loaded')
    await visit.shoot('server-gone')
    own = await startDevServer({ many: 0, port })
    await visit.page.getByRole('button', { name: 'Try again' }).click()
    await visit.page.getByRole('heading', { name: 'Config' }).waitFor()
    assert.deepEqual(visit.errors, [])
  } finally {
    await visit.close()
    await own.close()
  }
})

test('what is slow shows that it comes', { skip }, async () => {
  const answer = server.hold()
  try {
    const visit = await chromium.open(`${server.url}/#/xray-unet`)
    await visit.page.getByRole('status', { name: 'Loading runs' }).waitFor()
    // It fades in, after a moment.
    await visit.page.waitForFunction(() => getComputedStyle(document.querySelector('.loading')!).opacity === '1')
    await visit.shoot('loading-workspace')
    answer()
    await visit.page.getByRole('link', { name: 'northern-viaduct-47', exact: true }).waitFor()
    assert.deepEqual(visit.errors, [])
    await visit.close()
  } finally {
    answer()
  }
})

test('a run or project that is not there, and names that are markup', { skip }, async () => {
  const visit = await chromium.open(`${server.url}/#/xray-unet/runs/nothing`, { expected })
  const { page } = visit
  await visit.sees('There is no run "nothing"')
  await page.goto(`${server.url}/#/<img src=x onerror=alert(1)>`)
  await visit.sees('Nothing was logged to “<img src=x onerror=alert(1)>” so far')
  const [run] = server.world.runs('mnist')!
  run.name = '<img src=x onerror="document.title=\'hacked\'">'
  run.tags = ['<b>tag</b>']
  run.config = { '<script>alert(1)</script>': '"><svg onload=alert(1)>' }
  run.notes = '<iframe src=javascript:alert(1)>'
  await page.goto(`${server.url}/#/mnist`)
  await page.locator('.row').first().waitFor()
  await page.goto(`${server.url}/#/mnist/runs/${run.id}`)
  await visit.sees('<iframe src=javascript:alert(1)>')
  // The window is called as the run, letter for letter: nothing of it ran.
  await eventually(
    () => page.title(),
    (title) => title === `${run.name} · mnist · Trainyard`,
    'the title is the name',
  )
  assert.equal(await page.locator('main img, main script, main iframe').count(), 0)
  assert.deepEqual(visit.errors, [])
  await visit.close()
})
