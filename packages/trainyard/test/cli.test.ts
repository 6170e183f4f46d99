import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { init } from '@trainyard/tracker'
import { writeSquares } from '../../../studies/src/testing/idxFolder.ts'
import { trainyard } from './run.ts'

const scratch = mkdtempSync(join(tmpdir(), 'trainyard-cli-'))
after(() => rmSync(scratch, { recursive: true, force: true }))
let folders = 0
/** A data set of its own for each test that damages it. */
function squares(): string {
  const folder = join(scratch, `squares-${folders++}`)
  writeSquares(folder)
  return folder
}
const cli = (words: string, env?: NodeJS.ProcessEnv) => trainyard(words.split(' '), scratch, env)

/** One line on standard error, nothing on standard output, the exit code of a failure. */
async function refuses(words: string, pattern: RegExp, code = 1): Promise<void> {
  const outcome = await cli(words)
  assert.equal(outcome.stdout, '', words)
  assert.match(outcome.stderr, pattern)
  assert.equal(outcome.stderr.trimEnd().split('\n').length, 1, outcome.stderr)
  assert.equal(outcome.code, code, words)
}

test('help tells everything, with examples', async () => {
  const [all, xor, mnist] = await Promise.all([cli('--help'), cli('study xor --help'), cli('study mnist --help')])
  for (const { code, stderr } of [all, xor, mnist]) assert.deepEqual([code, stderr], [0, ''])
  for (const command of ['study', 'start', 'summary', 'doctor', 'ui', 'runs', 'sweep', 'agent'])
    assert.match(all.stdout, new RegExp(`^  ${command}`, 'm'))
  assert.match(xor.stdout, /--repeats <n>[\s\S]*Examples:\n {2}trainyard study xor\n/)
  assert.match(mnist.stdout, /--limit <n>[\s\S]*Examples:/)
  assert.match((await cli('--version')).stdout, /^\d+\.\d+\.\d+\n$/)
})

test('what is not understood is refused with a suggestion, and exit code 2', async () => {
  await Promise.all([
    refuses('studdy', /unknown command 'studdy' \(Did you mean study\?\)/, 2),
    refuses('study mnst', /unknown command 'mnst' \(Did you mean mnist\?\)/, 2),
    refuses('study mnist --epoch 3', /unknown option '--epoch' \(Did you mean --epochs\?\)/, 2),
    refuses('study xor --seed=-1', /'-1' is invalid\. It must be a whole number of at least 0/, 2),
  ])
  await Promise.all([
    refuses('study xor --lr 0.1,fast', /It must be a number above 0/, 2),
    refuses('study mnist --model rnn', /Allowed choices are mlp, cnn, both/, 2),
    refuses('summary vgg', /Allowed choices are mlp, cnn/, 2),
  ])
})

test('study xor --json prints one object, the same every time', async () => {
  const words = 'study xor --repeats 2 --epochs 20 --json'
  const [first, second] = [await cli(`${words} --out one`), await cli(`${words} --out two --threads 1`)]
  assert.equal(first.code, 0, first.stderr)
  const result = JSON.parse(first.stdout)
  assert.deepEqual(Object.keys(result), ['study', 'seed', 'rows', 'seconds'])
  assert.equal(result.rows.length, 12)
  const keys = [
    'depth',
    'width',
    'parameters',
    'repeats',
    'accuracyMean',
    'accuracyStd',
    'lossMean',
    'lossStd',
    'solved',
  ]
  for (const row of result.rows) assert.deepEqual(Object.keys(row), keys)
  const numbers = (text: string) => JSON.stringify({ ...JSON.parse(text), seconds: 0 })
  assert.equal(numbers(second.stdout), numbers(first.stdout), 'times aside')
  assert.deepEqual(readdirSync(join(scratch, 'one')).sort(), ['figures', 'report.html', 'report.md'])
})

test('study mnist --json prints one object, the same with one thread and two', async () => {
  const words = `study mnist --data ${squares()} --epochs 2 --batch-size 16 --lr 0.02 --json`
  const [first, second] = [await cli(`${words} --threads 2 --out m1`), await cli(`${words} --threads 1 --out m2`)]
  assert.equal(first.code, 0, first.stderr)
  const result = JSON.parse(first.stdout)
  assert.deepEqual(Object.keys(result), ['study', 'seed', 'models', 'seconds'])
  const keys = ['name', 'parameters', 'epochs', 'trainSeconds', 'accuracy', 'perClass', 'confusion']
  for (const model of result.models) {
    assert.deepEqual(Object.keys(model), keys)
    assert.equal(model.perClass.length, 10)
    assert.deepEqual(
      model.confusion.map((row: number[]) => row.length),
      new Array(10).fill(10),
    )
  }
  const numbers = (text: string) =>
    JSON.stringify(JSON.parse(text), (key, value) => (/seconds/i.test(key) ? undefined : value))
  assert.equal(numbers(second.stdout), numbers(first.stdout))
  const lines = first.stderr.trimEnd().split('\n')
  assert.equal(lines.length, 4, 'one plain line an epoch where there is no terminal')
  assert.match(lines[3], /^CNN {2}epoch 2\/2 {2}train\/loss/)
})

test('data that is missing or damaged is named, and nothing is left behind', async () => {
  const missing = squares()
  rmSync(join(missing, 't10k-labels-idx1-ubyte.gz'))
  const cut = squares()
  const file = join(cut, 'train-images-idx3-ubyte.gz')
  writeFileSync(file, readFileSync(file).subarray(0, 300))
  const swapped = squares()
  const labels = readFileSync(join(swapped, 'train-labels-idx1-ubyte.gz'))
  writeFileSync(join(swapped, 'train-images-idx3-ubyte.gz'), labels)
  const text = squares()
  writeFileSync(join(text, 'train-labels-idx1-ubyte.gz'), 'these are no labels')
  await Promise.all([
    refuses(`study mnist --out bad0 --data ${missing}`, /t10k-labels-idx1-ubyte missing/),
    refuses(`study mnist --out bad1 --data ${cut}`, /train-images-idx3-ubyte\.gz: .*(cut short|damaged)/),
    refuses(
      `study mnist --out bad2 --data ${swapped}`,
      /train-images-idx3-ubyte\.gz: holds \[320\] uint8, images .* were expected/,
    ),
    refuses(`study mnist --out bad3 --data ${text}`, /train-labels-idx1-ubyte\.gz: is not an idx file/),
    refuses(`study mnist --out bad4 --data ${join(scratch, 'nowhere')}`, /nowhere: no such folder/),
  ])
  for (let i = 0; i < 5; i++) assert.ok(!existsSync(join(scratch, `bad${i}`)), `bad${i}`)
})

test('a report folder or a run folder that cannot be written is told before anything is trained', async () => {
  writeFileSync(join(scratch, 'file'), '')
  await refuses(
    'study xor --out file/report',
    /the results cannot be written to file\/report: .* is a file; give another/,
  )
  const { code, stderr } = await cli('study xor --out unused', { TRAINYARD_DIR: join(scratch, 'file', 'runs') })
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^trainyard: the folder .*file.runs.* cannot be made: ENOTDIR.*; choose another with .*TRAINYARD_DIR/,
  )
  assert.ok(!existsSync(join(scratch, 'unused')))
})

test('a loss that is not finite names step and layer', async () => {
  const words = `study mnist --model mlp --data ${squares()} --batch-size 16 --lr 1e30 --out nan`
  const { code, stdout, stderr } = await cli(words)
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /^trainyard: training: the loss is \S+ at step \d+ \(epoch 1\): .*/m)
  assert.ok(!existsSync(join(scratch, 'nan')))
})

test('summary and doctor tell what there is', async () => {
  const [mlp, cnn, doctor] = await Promise.all([cli('summary mlp'), cli('summary cnn'), cli('doctor --json')])
  assert.match(mlp.stdout, /109,386 parameters/)
  assert.match(cnn.stdout, /Linear\(800, 10\)[\s\S]*12,810 parameters/)
  const found = JSON.parse(doctor.stdout)
  assert.ok(found.peakGflops > 1 && found.cores >= 1 && found.simd === true)
})

test('an old Node is told what is needed', async (t) => {
  // The command's first file is plain enough to be read by any Node; here its version is only said to be old.
  const bin = readFileSync(new URL('../bin/trainyard.js', import.meta.url), 'utf8')
  const old = join(scratch, 'old.mjs')
  writeFileSync(old, bin.replace('process.versions.node', "'20.1.0'"))
  const { spawnSync } = await import('node:child_process')
  const { status, stderr } = spawnSync(process.execPath, [old], { encoding: 'utf8' })
  assert.equal(status, 1)
  assert.match(stderr, /^trainyard needs Node 24 or newer, this is Node 20\.1\.0\. Get it from/)
  t.diagnostic(stderr.trim())
})

test('what cannot be done with runs is said in one line', async () => {
  const run = await init({ dir: join(scratch, 'runs'), project: 'said', id: 'live', capture: false })
  const empty = mkdtempSync(join(scratch, 'empty-'))
  await Promise.all([
    refuses('runs rm live --yes', /said\/live is running: stop it first/),
    refuses('runs ls --project said --where lr<1', /"lr" is no column/),
    refuses('runs show nothing', /no run with the id or name "nothing"/),
    refuses(`import tensorboard ${empty}`, /holds no event file/),
    refuses(`runs ls --dir ${empty}/nowhere`, /is not there: pass --dir/),
    refuses('ui --port 0 --host 192.0.2.1 --dir listen', /cannot listen on 192\.0\.2\.1/),
  ])
  await run.finish()
})
