import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeFolder } from './makeFolder.ts'

test('missing folders are made one in the other, and one that is there is left as it is', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'trainyard-folder-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const deep = join(root, 'a', 'b', 'c')
  makeFolder(deep)
  makeFolder(deep)
  assert.ok(statSync(deep).isDirectory())
  assert.throws(() => {
    writeFileSync(join(root, 'file'), '')
    makeFolder(join(root, 'file', 'x', 'y'))
  }, /the folder .*file.x.y cannot be made: ENOTDIR.*TRAINYARD_DIR/)
})

test('a folder that can never be is refused at once', { skip: !existsSync('/proc') && 'needs /proc' }, () => {
  assert.throws(() => makeFolder('/proc/trainyard/runs'), /the folder \/proc\/trainyard\/runs cannot be made: ENOENT/)
})
