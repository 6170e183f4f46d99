/** Builds every package to its dist folder, in the order in which they import each other. */
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const inOrder = [
  'packages/core',
  'packages/vision',
  'packages/train',
  'packages/tracker',
  'packages/ui',
  'studies',
  'packages/trainyard',
]

function run(command: string, args: string[], cwd: string): void {
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

for (const folder of inOrder) {
  const cwd = join(root, folder)
  if (existsSync(join(cwd, 'tsconfig.json'))) {
    rmSync(join(cwd, 'dist'), { recursive: true, force: true })
    run(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json'], cwd)
  }
  if (existsSync(join(cwd, 'vite.config.ts')))
    run(join(root, 'node_modules/.bin/vite'), ['build', '--logLevel', 'warn'], cwd)
}
