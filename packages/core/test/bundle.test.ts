import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { bundle } from '../../../scripts/bundle.ts'

const program = `
import { compile, createWasmBackend, full, useBackend } from './core.js'
const run = async (threads) => {
  useBackend(await createWasmBackend({ threads }))
  const rows = compile((x) => x.exp().sum(1))
  return [...(await (await rows(full([256, 256], 0.5))).data())]
}
const [one, two] = [await run(1), await run(2)]
console.log(one.length, one.every((value, i) => value === two[i]))
`

test('a bundler may minify it: the worker threads start from source text all the same, and it is as small as the README says', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-bundle-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const input = fileURLToPath(new URL('../src/index.ts', import.meta.url))
  const output = await bundle(input, [/^node:/])
  assert.equal(output.length, 1)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'core.js'), output[0].code)
  writeFileSync(join(folder, 'program.js'), program)
  const run = spawnSync(process.execPath, ['program.js'], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
  assert.equal(run.status, 0, run.stderr)
  assert.equal(run.stdout, '256 true\n')

  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const said = Number(/is about\s+(\d+) kB/.exec(readme)?.[1])
  const size = gzipSync(output[0].code, { level: 9 }).length / 1000
  assert.ok(Math.abs(size - said) < 5, `the README says ${said} kB, it is ${size.toFixed(1)} kB`)
})
