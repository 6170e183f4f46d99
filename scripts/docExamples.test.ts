import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { type Example, examplesIn } from './docExamples/extract.ts'
import { programOf, type Source } from './docExamples/program.ts'

const root = join(import.meta.dirname, '..')
// Inside the workspace, so that its packages are found; inside node_modules, so that nothing else looks at it.
const folder = join(root, 'node_modules/.cache/trainyard-doc-examples')
/** Each package with those whose names its examples may use besides its own. */
const packages: Record<string, readonly string[]> = {
  'packages/core': [],
  'packages/train': ['packages/core'],
  'packages/vision': ['packages/core'],
  'packages/tracker': [],
  studies: ['packages/core', 'packages/train'],
}
const specifiers: Record<string, string> = {
  'packages/core': '@trainyard/core',
  'packages/train': '@trainyard/train',
  'packages/vision': '@trainyard/vision',
  'packages/tracker': '@trainyard/tracker',
  studies: '@trainyard/studies',
}

async function indexOf(name: string): Promise<Source> {
  const file = join(root, name, 'src/index.ts')
  return { specifier: specifiers[name], file, exports: await import(pathToFileURL(file).href) }
}

/** The example's own file comes first: examples of the inside use what the package does not give out. */
async function sourcesOf({ file }: Example, own: string): Promise<Source[]> {
  const indices = await Promise.all([own, ...packages[own]].map(indexOf))
  const itself = { specifier: file, file, exports: await import(pathToFileURL(file).href) }
  const given = new Set(indices.flatMap(({ exports }) => Object.keys(exports)))
  const inside = Object.fromEntries(Object.entries(itself.exports).filter(([name]) => !given.has(name)))
  return [...indices, { ...itself, exports: inside }]
}

/** Whether a comment is meant as the exact value: a number, a list, a text in quotes. */
function expectedOf(comment: string): unknown {
  try {
    return JSON.parse(comment.replace(/'/g, '"'))
  } catch {
    return undefined
  }
}

const shown: { values: unknown[]; comment: string | null }[] = []
Object.assign(globalThis, {
  __shown: (values: unknown[], comment: string | null) => shown.push({ values, comment }),
})

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const place = mkdtempSync(join(tmpdir(), 'trainyard-examples-'))
const home = process.cwd()
process.chdir(place)
after(() => {
  process.chdir(home)
  rmSync(place, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
})

const files: string[] = []
for (const own of Object.keys(packages)) {
  const sources = globSync(`${own}/src/**/*.ts`, { cwd: root }).filter((file) => !file.endsWith('.test.ts'))
  describe(`examples of ${own}`, async () => {
    for (const example of sources.sort().flatMap((file) => examplesIn(join(root, file)))) {
      const name = relative(root, example.file)
      const base = join(folder, `${name.replace(/[/.]/g, '-')}-${example.line}`)
      const code = programOf(example, await sourcesOf(example, own))
      files.push(`${base}.ts`)
      writeFileSync(`${base}.ts`, code)
      test(`${name}:${example.line}`, async () => {
        writeFileSync(`${base}.mjs`, stripTypeScriptTypes(code))
        shown.length = 0
        await import(pathToFileURL(`${base}.mjs`).href)
        for (const { values, comment } of shown) {
          const expected = comment === null ? undefined : expectedOf(comment)
          if (expected === undefined || values.length !== 1) continue
          const [value] = values
          const plain =
            typeof value === 'string' || typeof value === 'number' ? value : JSON.parse(JSON.stringify(value))
          const same =
            typeof expected === 'number' ? String(plain) === String(expected) : inspect(plain) === inspect(expected)
          assert.ok(same, `prints ${inspect(value)}, the comment says ${comment}`)
        }
      })
    }
  })
}

test('the examples have the types they seem to have', () => {
  const config = join(folder, 'tsconfig.json')
  const compilerOptions = { rewriteRelativeImportExtensions: false }
  writeFileSync(config, JSON.stringify({ extends: join(root, 'tsconfig.base.json'), compilerOptions, files }))
  const tsc = join(root, 'node_modules/.bin/tsc')
  const { status, stdout } = spawnSync(tsc, ['-p', config, '--noEmit', '--pretty', 'false'], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
})
