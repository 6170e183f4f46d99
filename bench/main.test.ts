import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { beginMark, endMark } from './report/markdown.ts'

const folder = mkdtempSync(join(tmpdir(), 'trainyard-bench-'))
after(() => rmSync(folder, { recursive: true }))

function bench(...args: string[]) {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  return spawnSync(process.execPath, ['--conditions=trainyard-source', main, ...args], { encoding: 'utf8' })
}

test('measures the cases asked for, prints JSON and writes the page', () => {
  const page = join(folder, 'page.md')
  writeFileSync(page, `# Page\n${beginMark}\n${endMark}\n`)
  const { status, stdout, stderr } = bench(
    'xor',
    '128x128x128',
    'cnn+3x3+16->32',
    '--rounds',
    '1',
    '--beside',
    'strict',
    '--json',
    '--markdown',
    page,
  )
  assert.equal(status, 0, stderr)
  const { cases } = JSON.parse(stdout) as { cases: { name: string; seconds: number; gflops?: number }[] }
  assert.deepEqual(
    cases.map(({ name }) => name),
    [
      'xor_step',
      'xor_call',
      'gemm 128x128x128',
      'cnn 3x3 16->32 @13 forward',
      'cnn 3x3 16->32 @13 inputGradient',
      'cnn 3x3 16->32 @13 weightGradient',
    ],
  )
  for (const { name, seconds, gflops } of cases) {
    assert.ok(seconds > 1e-7 && seconds < 1, `${name} takes ${seconds} s`)
    assert.equal(gflops === undefined, name.startsWith('xor'))
  }
  const written = readFileSync(page, 'utf8')
  assert.match(written, /\| xor_step \|.*µs.*\|/)
  // Another look at the same figures, without measuring.
  const saved = join(folder, 'figures.json')
  writeFileSync(saved, `> bench\n> node main.ts\n\n${stdout}`)
  assert.equal(bench('--from', saved, '--markdown', page).status, 0)
  assert.equal(readFileSync(page, 'utf8'), written)
})

test('wrong words and options are told before anything is measured', () => {
  const fails = (pattern: RegExp, ...args: string[]): void => {
    const { status, stderr } = bench(...args)
    assert.equal(status, 1)
    assert.match(stderr, pattern)
  }
  fails(/no case's name contains "nonsense"/, 'nonsense')
  fails(/--rounds must be a whole number of at least 1, got "0"/, '--rounds', '0')
  fails(/--beside: "torch" is none of pytorch, jax/, '--beside', 'torch')
  const page = join(folder, 'unmarked.md')
  writeFileSync(page, 'no marks')
  fails(/no place for figures/, '--markdown', page)
  fails(/holds no figures/, '--from', page)
})
