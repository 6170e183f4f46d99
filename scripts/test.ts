/**
 * Runs the tests: `npm run test:unit` for all of them, `npm run test:unit -- packages/core conv` for those whose path
 * contains every word given. Tests run from the source, so nothing has to be built first.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const flags = process.argv.slice(2).filter((word) => word.startsWith('--'))
const files = globSync(
  [
    'packages/*/{src,test}/**/*.test.ts',
    'studies/{src,test}/**/*.test.ts',
    'scripts/**/*.test.ts',
    'examples/**/*.test.ts',
    'bench/*.test.ts',
    'bench/{peers,report}/*.test.ts',
  ],
  {
    cwd: root,
  },
)
  .filter((file) => !file.includes('node_modules') && words.every((word) => file.includes(word)))
  .sort()
if (files.length === 0) {
  console.error(`test: no test file's path contains ${words.map((word) => `"${word}"`).join(' and ') || 'anything'}`)
  process.exit(1)
}
const { status, error } = spawnSync(
  process.execPath,
  ['--conditions=trainyard-source', '--test', '--test-reporter=spec', ...flags, ...files],
  { cwd: root, stdio: 'inherit' },
)
if (error) throw error
process.exit(status ?? 1)
