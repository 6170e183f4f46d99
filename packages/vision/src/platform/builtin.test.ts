import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { builtin } from './builtin.ts'

const source = join(dirname(fileURLToPath(import.meta.url)), '..')

test('nothing that a browser loads imports a Node module: all come through builtin()', () => {
  const files = globSync('**/*.ts', { cwd: source }).filter(
    (file) => !file.endsWith('.test.ts') && !file.startsWith('testing/'),
  )
  assert.ok(files.length > 40)
  const importing = files.filter((file) =>
    /^(?:import|export)\s+(?!type\b)[^;]*?from 'node:/m.test(readFileSync(join(source, file), 'utf8')),
  )
  assert.deepEqual(importing, [])
})

test('builtin gives the module itself', () => {
  assert.equal(builtin('node:path').basename('a/b.png'), 'b.png')
})
