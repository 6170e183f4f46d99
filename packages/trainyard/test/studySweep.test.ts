import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { loadSweepFile } from '../../tracker/src/sweep/configuration/loadFile.ts'
import { trainyard } from './run.ts'

const scratch = mkdtempSync(join(tmpdir(), 'trainyard-study-sweep-'))
after(() => rmSync(scratch, { recursive: true, force: true }))
const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const cli = (words: string) => trainyard(words.split(' '), scratch)
const shipped = (name: string) => fileURLToPath(new URL(`../../../studies/${name}`, import.meta.url))

interface Trial {
  trial: number
  state: string
  value: number | null
  reason: string | null
  parameters: { [name: string]: unknown }
  metrics: { [name: string]: number }
}

/** Writes a sweep file whose trials are a study. */
function sweepFile(name: string, lines: string[]): string {
  writeFileSync(join(scratch, name), lines.join('\n'))
  return name
}

const words = 'study xray --size 32 --phantoms 24 --encoder plain --batch-size 8'
const tiny = '--size, 32, --phantoms, 24, --encoder, plain, --batch-size, 8, --epochs, 1'

test('the sweeps that come with Trainyard are those of the report', async () => {
  const full = (await loadSweepFile(shipped('xray/sweep.yaml'))).sweep
  assert.deepEqual(
    [full.method, full.runCap, full.metric?.name, full.metric?.goal],
    ['random', 5, 'validation/loss', 'minimize'],
  )
  const values = (name: string) => {
    const { grid } = full.space.parameters.find((parameter) => parameter.name === name)!.distribution
    return Array.from({ length: grid!.size }, (_, i) => grid!.at(i))
  }
  assert.deepEqual(values('batch-size'), [8, 16, 32, 40])
  assert.deepEqual(values('epochs'), [50, 100, 150])
  assert.deepEqual(values('optimizer'), ['adam', 'sgd'])
  const { distribution, type } = full.space.parameters.find(({ name }) => name === 'lr')!
  assert.deepEqual([type, distribution.quantile(0), distribution.quantile(1)], ['uniform', 0.01, 0.1])
  const quick = (await loadSweepFile(shipped('xray/sweep-quick.yaml'))).sweep
  assert.deepEqual(quick.command.slice(0, 5), ['trainyard', 'study', 'xray', '--data', 'phantom'])
  assert.equal((await loadSweepFile(shipped('xor/sweep.yaml'))).sweep.method, 'grid')
})

test('a study, a command or an option that does not exist is told before a trial is spent', async () => {
  const file = (command: string) =>
    sweepFile('wrong.yaml', [
      'method: grid',
      'metric: {name: lossMean, goal: minimize}',
      'parameters:',
      '  depth: {values: [1]}',
      '  epoch: {values: [1, 2]}',
      `command: [${command}, '\${args}']`,
    ])
  const wrong: [command: string, message: RegExp][] = [
    [
      'trainyard, study, xorr',
      /^wrong.yaml:6:29: command.2: `trainyard study`: unknown command "xorr"; did you mean "xor"\?/,
    ],
    [
      'trainyard, studdy, xor',
      /^wrong.yaml:6:22: command.1: `trainyard`: unknown command "studdy"; did you mean "study"\?/,
    ],
    [
      'trainyard, study, xor',
      /^wrong.yaml:5:10: parameters.epoch: .* unknown option "--epoch"; did you mean "--epochs"\?/,
    ],
  ]
  for (const [command, message] of wrong) {
    const { code, stdout, stderr } = await cli(`sweep ${file(command)}`)
    assert.deepEqual([code, stdout], [1, ''], command)
    assert.match(stderr, message)
  }
  const study = await cli(`study xor --sweep ${file('trainyard, study, xorr')} --out wrong`)
  assert.equal(study.code, 1)
  assert.match(study.stderr, /wrong.yaml:6:29: .*"xorr"; did you mean "xor"/)
  assert.ok(!existsSync(join(scratch, 'wrong')), 'nothing is left of a report')
})

test('the grid of XOR as a sweep gives the numbers of the study, with one agent and with two', async () => {
  const file = sweepFile('xor.yaml', [
    'project: xor',
    'method: grid',
    'metric: {name: lossMean, goal: minimize}',
    'parameters: {depth: {values: [0, 2]}, width: {values: [2, 3]}}',
    `command: [trainyard, study, xor, '\${args}']`,
  ])
  const study = await cli('study xor --depth 0,2 --width 2,3 --repeats 2 --epochs 20 --json --out whole')
  assert.equal(study.code, 0, study.stderr)
  const { rows } = JSON.parse(study.stdout)
  for (const agents of [1, 2]) {
    const sweep = `study xor --sweep ${file} --repeats 2 --epochs 20 --agents ${agents} --json --out grid-${agents}`
    const { code, stdout, stderr } = await cli(sweep)
    assert.equal(code, 0, stderr)
    const trials: Trial[] = JSON.parse(stdout).trials
    assert.equal(trials.length, 4)
    for (const row of rows) {
      const { metrics } = trials.find(
        ({ parameters }) => parameters.depth === row.depth && parameters.width === row.width,
      )!
      for (const [name, value] of Object.entries(row)) assert.equal(metrics[name], value, name)
    }
  }
  const table = (name: string) =>
    readFileSync(join(scratch, name, 'report.md'), 'utf8').match(/^\| depth[\s\S]*?\n\n/m)![0]
  assert.equal(table('grid-2'), table('whole'))
})

test('a sweep over X-rays ends with its report, and says which trials failed and why', async () => {
  const file = sweepFile('xray.yaml', [
    'name: learning rates',
    'project: xray',
    'method: grid',
    'metric: {name: validation/loss, goal: minimize}',
    'parameters: {lr: {values: [0.003, 0.0001, 1.0e30]}}',
    `command: [trainyard, study, xray, ${tiny}, '\${args}']`,
  ])
  const { code, stdout, stderr } = await cli(`study xray --sweep ${file} --loss dice --agents 2 --json --out rates`)
  assert.equal(code, 0, stderr)
  const result = JSON.parse(stdout)
  assert.deepEqual(Object.keys(result), ['study', 'sweep', 'metric', 'goal', 'best', 'trials', 'analysis', 'seconds'])
  const trials: Trial[] = result.trials
  assert.deepEqual(
    trials.map(({ state }) => state),
    ['finished', 'finished', 'failed'],
    JSON.stringify(trials.map(({ reason }) => reason)),
  )
  assert.match(trials[2].reason!, /the loss is \S+ at step/)
  assert.equal(result.best.value, Math.min(trials[0].value!, trials[1].value!))
  for (const { metrics } of trials.slice(0, 2)) assert.ok(metrics['test/f1'] > 0)
  const folder = join(scratch, 'rates')
  assert.deepEqual(readdirSync(join(folder, 'figures')).sort(), ['effects.svg', 'importance.svg', 'parallel.svg'])
  const report = readFileSync(join(folder, 'report.md'), 'utf8')
  for (const text of ['2 trials are too few', 'n = 2 trials', 'failed: ', 'The next sweep'])
    assert.ok(report.includes(text), text)
  // What was given beside the file went to every trial, and stays with the sweep.
  const next = await loadSweepFile(join(folder, 'next-sweep.yaml'))
  assert.deepEqual(next.sweep.command.slice(-2), ['--loss', 'dice'])
  // Each trial has its own report and its own checkpoints.
  const folders = readdirSync(join(scratch, 'reports', 'xray', 'trials')).map((run) =>
    join(scratch, 'reports', 'xray', 'trials', run),
  )
  assert.deepEqual(
    folders.map((trial) => existsSync(join(trial, 'report.html'))),
    [true, true, false],
  )
  const checkpoints = folders.map(
    (trial) => JSON.parse(readFileSync(join(trial, 'training.json'), 'utf8')).trainings[0].checkpoints,
  )
  assert.equal(new Set(checkpoints).size, 3)
})

test('trials that a sweep promotes go on from the checkpoint that they ended with', async () => {
  const file = sweepFile('promote.yaml', [
    'project: promoted',
    'method: grid',
    'metric: {name: validation/loss, goal: minimize}',
    'early_terminate: {type: asha_promotion, min_iter: 1, max_iter: 2, eta: 2}',
    'parameters: {lr: {values: [0.003, 0.001]}, epochs: {value: 2}}',
    `command: [trainyard, study, xray, ${tiny.replace(', --epochs, 1', '')}, '\${args}']`,
  ])
  const { code, stdout, stderr } = await cli(`study xray --sweep ${file} --agents 2 --json --out promoted`)
  assert.equal(code, 0, stderr)
  const trials: Trial[] = JSON.parse(stdout).trials
  const promoted = trials.find(({ trial }) => trial === 2)!
  const first = trials.slice(0, 2).find(({ parameters }) => parameters.lr === promoted.parameters.lr)!
  assert.deepEqual([trials.length, first.metrics.epoch, promoted.metrics.epoch], [3, 1, 2])
  const whole = await cli(`${words} --lr ${promoted.parameters.lr} --epochs 2 --json --out not-promoted`)
  assert.equal(JSON.parse(whole.stdout).history[1]['validation/loss'], promoted.metrics['validation/loss'])
})

test('a sweep in which nothing comes of any trial says why', async () => {
  const lines = (metric: string, rate: string) => [
    'method: grid',
    `metric: {name: ${metric}, goal: minimize}`,
    `parameters: {lr: {values: [${rate}]}}`,
    `command: [trainyard, study, xray, ${tiny}, '\${args}']`,
  ]
  const refused = async (file: string, pattern: RegExp) => {
    const { code, stdout, stderr } = await cli(`study xray --sweep ${file} --json --out ${file}-out`)
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, pattern)
    assert.ok(!existsSync(join(scratch, `${file}-out`, 'report.md')))
  }
  await Promise.all([
    refused(
      sweepFile('misnamed.yaml', lines('validation/los', '0.003')),
      /^trainyard: none of the 1 trials has a finite validation\/los: .*what it logged: .*validation\/loss/m,
    ),
    refused(sweepFile('diverges.yaml', lines('validation/loss', '1.0e30')), /none of the 1 trials .*the loss is/),
    refused(sweepFile('faulty.yaml', ['method: gird', 'parameters: {lr: {value: 1}}']), /faulty\.yaml:1:9: .*gird/),
    refused('gone.yaml', /gone\.yaml: there is no such file/),
  ])
})

test('Ctrl-C gives the running trial back, and the sweep goes on later', async () => {
  const file = sweepFile('long.yaml', [
    'method: grid',
    'metric: {name: validation/loss, goal: minimize}',
    'parameters: {lr: {values: [0.001, 0.002, 0.003]}}',
    `command: [trainyard, study, xray, ${tiny}, '\${args}']`,
  ])
  const long = `study xray --sweep ${file} --out long --json`.split(' ')
  const child = spawn(process.execPath, ['--conditions=trainyard-source', main, ...long], {
    cwd: scratch,
    env: { ...process.env, TRAINYARD_DIR: join(scratch, 'runs') },
  })
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += text
  })
  const ended = new Promise((resolve) => child.on('close', resolve))
  while (!stderr.includes('trial 0 finished')) {
    assert.equal(child.exitCode, null, stderr)
    await sleep(20)
  }
  child.kill('SIGINT')
  assert.equal(await ended, 130, stderr)
  assert.match(
    stderr.trimEnd().split('\n').at(-1)!,
    /interrupted with [12] trials? done; go on with: .*--resume --out long/,
  )
  const { code, stdout, stderr: more } = await cli(`study xray --sweep ${file} --resume --out long --json`)
  assert.equal(code, 0, more)
  const trials: Trial[] = JSON.parse(stdout).trials
  assert.deepEqual(
    trials.map(({ state, parameters }) => [state, parameters.lr]),
    [0.001, 0.002, 0.003].map((lr) => ['finished', lr]),
  )
})
