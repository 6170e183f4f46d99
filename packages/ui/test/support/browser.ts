/** A headless Chromium for tests of the page; where there is none, the tests say so and are skipped. */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page, type Request } from 'playwright-core'

const places = [
  process.env.TRAINYARD_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]
const executablePath = places.find((place) => place !== undefined && existsSync(place))

/** For `test(name, { skip }, …)`. */
export const skip: string | false = executablePath ? false : 'no Chromium found: install one, or set TRAINYARD_CHROMIUM'

/** Milliseconds for what has to happen, also on a machine with much else to do: nothing gets slower by it but a failure. */
export const patience = 60_000

/** How many times what is promised on a machine at rest is allowed: on a busy one everything takes longer. */
export const slack = 4

const artefacts = fileURLToPath(new URL('../../../../test-artefacts/ui/', import.meta.url))

/** Path of a file that is kept after the tests. */
export function artefact(name: string): string {
  mkdirSync(artefacts, { recursive: true })
  return join(artefacts, name)
}

export interface Visit {
  page: Page
  /** Errors of the console and of scripts; a test ends with `assert.deepEqual(visit.errors, [])`. */
  errors: string[]
  /** Until nothing was asked of the server for so many milliseconds, and nothing is on its way (the stream of events apart). */
  rest(quiet?: number): Promise<void>
  /** Until the page says so, once or in several places. */
  sees(text: string | RegExp): Promise<void>
  /** Keeps a picture of the page as an artefact of the test run. */
  shoot(name: string): Promise<void>
  close(): Promise<void>
}

export interface VisitOptions {
  dark?: boolean
  width?: number
  height?: number
  /** Errors that a test provokes. What goes wrong inside of a sandboxed frame comes without any text. */
  expected?: RegExp
}

export class Chromium {
  #browser: Browser | undefined

  async open(url: string, { dark = false, width = 1440, height = 900, expected }: VisitOptions = {}): Promise<Visit> {
    this.#browser ??= await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
      timeout: patience,
    })
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
      acceptDownloads: true,
    })
    const page = await context.newPage()
    const errors: string[] = []
    page.setDefaultTimeout(patience)
    page.on('pageerror', (error) => {
      const text = error.stack ?? error.message
      if (!expected?.test(text)) errors.push(text)
    })
    page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type()) || expected?.test(message.text())) return
      errors.push(`${message.type()}: ${message.text()} (${message.location().url})`)
    })
    const traffic = watch(page)
    await page.goto(url)
    return {
      page,
      errors,
      rest: (quiet = 200) => traffic.rest(quiet),
      sees: (text) => page.getByText(text).first().waitFor(),
      async shoot(name) {
        await page.screenshot({ path: artefact(`${name}.png`) })
      },
      close: () => context.close(),
    }
  }

  async close(): Promise<void> {
    await this.#browser?.close()
  }
}

/** What a page has asked for and not got yet. */
function watch(page: Page): { rest(quiet: number): Promise<void> } {
  const flying = new Set<Request>()
  let since = Date.now()
  const note = (change: (request: Request) => void) => (request: Request) => {
    if (request.url().includes('/api/events')) return
    change(request)
    since = Date.now()
  }
  page.on(
    'request',
    note((request) => flying.add(request)),
  )
  const end = note((request) => flying.delete(request))
  page.on('requestfinished', end)
  page.on('requestfailed', end)
  return {
    async rest(quiet) {
      await eventually(
        // The page itself answers, so that what it was doing meanwhile is done.
        () => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve))),
        () => flying.size === 0 && Date.now() - since >= quiet,
        'the page comes to rest',
      )
    },
  }
}

/** Asks until the answer will do, for what no event tells of; fails with the last answer. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  accept: (answer: T) => boolean,
  what: string,
): Promise<T> {
  for (const end = Date.now() + patience; ; await sleep(20)) {
    const answer = await ask()
    if (accept(answer)) return answer
    if (Date.now() > end)
      throw new Error(`waited for ${patience / 1000} s until ${what}, got ${JSON.stringify(answer)}`)
  }
}

/** Waits until a chart shows so many lines. */
export async function chartShows(page: Page, chart: string, lines: number): Promise<void> {
  await page.waitForFunction(
    ([selector, ending]) => document.querySelector(selector)?.getAttribute('aria-label')?.endsWith(ending),
    [`[aria-label^="Chart of ${chart}"]`, `, ${lines} lines`] as const,
  )
}
