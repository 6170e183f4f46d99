/** A headless Chromium for tests of the page; where there is none, the tests say so and are skipped. */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'

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
    })
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
      acceptDownloads: true,
    })
    const page = await context.newPage()
    const errors: string[] = []
    page.setDefaultTimeout(30_000)
    page.on('pageerror', (error) => {
      const text = error.stack ?? error.message
      if (!expected?.test(text)) errors.push(text)
    })
    page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type()) || expected?.test(message.text())) return
      errors.push(`${message.type()}: ${message.text()} (${message.location().url})`)
    })
    await page.goto(url)
    return {
      page,
      errors,
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

/** Waits until a chart shows so many lines. */
export async function chartShows(page: Page, chart: string, lines: number): Promise<void> {
  await page.waitForFunction(
    ([selector, ending]) => document.querySelector(selector)?.getAttribute('aria-label')?.endsWith(ending),
    [`[aria-label^="Chart of ${chart}"]`, `, ${lines} lines`] as const,
  )
}
