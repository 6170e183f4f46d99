import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { readSource } from '../packages/tracker/src/sweep/configuration/read.ts'
import { textSource } from '../packages/tracker/src/sweep/configuration/source.ts'
import { readGuidePage, saysWhatIsPrinted } from './docExamples/guidePage.ts'

const root = join(import.meta.dirname, '..')
// Inside the workspace, so that its packages are found; inside node_modules, so that nothing else looks at it.
const folder = join(root, 'node_modules/.cache/trainyard-guide')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
after(() => rmSync(folder, { recursive: true, force: true }))

const pages = globSync(join(root, 'docs/guide/*.md')).sort().map(readGuidePage)
const programs = pages.filter(({ code }) => code.trim() !== 'export {}')
const sourceOf = (file: string, ending: string) => join(folder, basename(file).replace(/md$/, ending))
for (const { file, code } of programs) writeFileSync(sourceOf(file, 'ts'), code)

test("the guide's programs have the types they seem to have", () => {
  assert.ok(programs.length >= 6)
  const config = join(folder, 'tsconfig.json')
  const files = programs.map(({ file }) => sourceOf(file, 'ts'))
  writeFileSync(config, JSON.stringify({ extends: join(root, 'tsconfig.base.json'), files }))
  const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', config, '--noEmit', '--pretty', 'false'])
  assert.equal(tsc.status, 0, String(tsc.stdout))
})

/** JSON where Node would shorten or break lines, and no colours: what the page says is one line. */
const printer = `console.log = (...values) => process.stdout.write(values.map((value) =>
  typeof value === 'object' && value !== null && !/^Tensor/.test(String(value)) ? JSON.stringify(ArrayBuffer.isView(value) ? [...value] : value) : String(value)).join(' ').replaceAll('\\n', ' ') + '\\n')\n`

for (const { file, code, printed } of programs) {
  test(`${basename(file)} runs and prints what it says`, async (t) => {
    const place = mkdtempSync(join(tmpdir(), 'trainyard-guide-'))
    t.after(() => rmSync(place, { recursive: true, force: true }))
    const setup = sourceOf(file, 'setup.mjs')
    const script = sourceOf(file, 'mjs')
    writeFileSync(setup, printer)
    writeFileSync(script, stripTypeScriptTypes(code))
    const child = spawn(process.execPath, ['--conditions=trainyard-source', '--import', setup, script], { cwd: place })
    const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    assert.equal(status, 0, stderr)
    const spoken = new Map(Array.from(stdout.matchAll(/^§(\d+) (.*)$/gm), ([, line, said]) => [Number(line), said]))
    for (const [line, comment] of printed) {
      const said = spoken.get(line)
      assert.ok(said !== undefined, `line ${line} was never reached`)
      assert.ok(saysWhatIsPrinted(said, comment), `line ${line} prints ${said}, the page says ${comment}`)
    }
  })
}

test('its sweep files are sweeps, without a notice', () => {
  const files = pages.flatMap(({ file }) =>
    Array.from(readFileSync(file, 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm), ([, text]) => text),
  )
  assert.ok(files.length >= 4)
  for (const text of files) assert.deepEqual(readSource(textSource(text, 'sweep.yaml')).notices, [], text)
})

test('what the guide links to is there, headings included', () => {
  for (const { file } of pages) {
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path, heading] = target.split('#')
      const linked = path === '' ? file : join(dirname(file), path)
      assert.ok(existsSync(linked), `${basename(file)} links to ${target}`)
      if (heading === undefined) continue
      const slugs = Array.from(readFileSync(linked, 'utf8').matchAll(/^#+ (.*)$/gm), ([, title]) =>
        title
          .toLowerCase()
          .replace(/[^\w\s-]/g, '')
          .replace(/\s/g, '-'),
      )
      assert.ok(slugs.includes(heading), `${basename(file)} links to ${target}; there is ${slugs.join(', ')}`)
    }
  }
})

test('pages are short', () => {
  for (const { file } of pages) {
    const lines = readFileSync(file, 'utf8').split('\n').length - 1
    assert.ok(lines <= 150, `${basename(file)} has ${lines} lines; the guide wants 150 at most`)
  }
})
