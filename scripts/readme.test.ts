import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const root = join(import.meta.dirname, '..')
// Inside the workspace, so that its packages are found; inside node_modules, so that nothing else looks at it.
const folder = join(root, 'node_modules/.cache/trainyard-readme')
const place = mkdtempSync(join(tmpdir(), 'trainyard-readme-'))
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
after(() => {
  rmSync(place, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
})

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const programs = Array.from(readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm), ([, code], i) => {
  const file = join(folder, `example-${i + 1}.ts`)
  writeFileSync(file, code)
  return file
})

test("the README's programs have the types they seem to have", () => {
  assert.equal(programs.length, 2)
  const config = join(folder, 'tsconfig.json')
  writeFileSync(config, JSON.stringify({ extends: join(root, 'tsconfig.base.json'), files: programs }))
  const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', config, '--noEmit'], { encoding: 'utf8' })
  assert.equal(tsc.status, 0, tsc.stdout)
})

for (const [i, file] of programs.entries()) {
  test(`the README's program ${i + 1} runs`, () => {
    const script = file.replace(/ts$/, 'mjs')
    writeFileSync(script, stripTypeScriptTypes(readFileSync(file, 'utf8')))
    const run = spawnSync(process.execPath, ['--conditions=trainyard-source', script], { cwd: place, encoding: 'utf8' })
    assert.equal(run.status, 0, run.stderr)
    if (i === 0) assert.ok(Math.abs(Number(run.stdout) - 0.25) < 0.05, run.stdout)
    else assert.match(run.stderr, /epoch 2\/2 .*validation\/accuracy 0\.[89]/)
  })
}

test('what the README links to is there', () => {
  const links = [...readme.matchAll(/(?:\]\(|src=")(?!https?:)([^)"#]+)/g)].map(([, link]) => link)
  assert.ok(links.length > 5)
  for (const link of links) assert.ok(existsSync(join(root, link)), link)
})
