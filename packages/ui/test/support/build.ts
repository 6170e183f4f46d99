/** Builds the page for the browser tests, unless what is there is newer than its sources. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assets } from '../../src/index.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

function newest(folder: string): number {
  let time = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && !entry.name.endsWith('.test.ts'))
      time = Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs)
  return time
}

const isFresh = (): boolean => {
  const built = statSync(join(assets, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return built > Math.max(newest(here('../../src/page')), newest(here('../../../tracker/src/server/api')))
}

/** Test files run side by side: one of them builds, the others wait. */
export async function buildPage(): Promise<void> {
  const lock = here('../../dist/.building')
  mkdirSync(here('../../dist'), { recursive: true })
  for (const end = Date.now() + 60_000; !isFresh(); ) {
    try {
      mkdirSync(lock)
    } catch {
      if (Date.now() > end) throw new Error(`another build did not end: remove ${lock} and try again`)
      await new Promise((resolve) => setTimeout(resolve, 100))
      continue
    }
    try {
      const vite = here('../../../../node_modules/vite/bin/vite.js')
      const { status, stderr } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'error'], {
        cwd: here('../..'),
        encoding: 'utf8',
      })
      if (status !== 0) throw new Error(`the page could not be built:\n${stderr}`)
    } finally {
      rmdirSync(lock)
    }
  }
}
