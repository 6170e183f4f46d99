// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the macros of wandb look like templates
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { SweepDetail, Trial } from '../server/api/sweeps.ts'
import { seeRun } from '../testing/readRun.ts'
import { scratch } from '../testing/scratch.ts'
import { sweepLines, trialLine } from './sweepView.ts'

const cli = fileURLToPath(new URL('../testing/cli.ts', import.meta.url))
const sdk = new URL('../index.ts', import.meta.url).href

interface Finished {
  code: number | null
  out: string
  error: string
}

/** The command line in a folder of its own. */
function setUp(t: TestContext, source: string, configuration: string) {
  const dir = scratch(t)
  writeFileSync(join(dir, 'train.ts'), source)
  writeFileSync(
    join(dir, 'sweep.yaml'),
    `${configuration}\ncommand: ["\${interpreter}", "--conditions=trainyard-source", "--no-warnings", "\${program}"]\n`,
  )
  const start = (...parts: string[]) => {
    const child = spawn(process.execPath, ['--conditions=trainyard-source', '--no-warnings', cli, ...parts], {
      cwd: dir,
    })
    const done = (async (): Promise<Finished> => {
      const texts = { out: '', error: '' }
      child.stdout.on('data', (chunk) => (texts.out += chunk))
      child.stderr.on('data', (chunk) => (texts.error += chunk))
      const [code] = await once(child, 'close')
      return { code, ...texts }
    })()
    return { child, done }
  }
  return { dir, start, run: (...parts: string[]) => start(...parts).done }
}

const TRAIN = `
import { init } from ${JSON.stringify(sdk)}
const run = await init({ capture: false })
run.log({ loss: (run.config.lr - 0.3) ** 2 })
await run.finish()
`

const BAYES = `
program: train.ts
project: mine
method: bayes
metric: {name: loss}
parameters: {lr: {min: 0.0, max: 1.0}}
run_cap: 4
seed: 1`

test('a sweep runs from its file to its end, and its status can be asked', async (t) => {
  const { dir, run } = setUp(t, TRAIN, BAYES)
  const { code, out, error } = await run('sweep', 'sweep.yaml', '--agents', '2')
  assert.equal(code, 0, error)
  const [, id] = /sweep (\w{8}) in project mine; go on later with --resume \1/.exec(out)!
  assert.match(out, /the sweep can be watched at http:\/\/127\.0\.0\.1:\d+\//)
  assert.equal(out.match(/^trial \d finished in [\d.]+ s, loss [\d.e-]+: lr=0\.\d+$/gm)?.length, 4, out)
  assert.match(out, new RegExp(`sweep ${id} finished \\[#{20}\\] 4/4 {2}4 finished\nbest loss `))
  assert.equal(seeRun(join(dir, '.trainyard'), 'mine', `${id}-3`).fold.start?.sweep, id)

  assert.match((await run('sweep', 'status', id)).out, new RegExp(`sweep ${id} finished`))
  const elsewhere = ['--dir', join(dir, '.trainyard')]
  assert.match(
    (await run('sweep', 'status', ...elsewhere)).out,
    new RegExp(`^${id}  bayes  finished  4/4 trials  0 agents  best loss `),
  )
  const status = JSON.parse((await run('sweep', 'status', id, '--json')).out)
  assert.equal(status.trialList.length, 4)
  assert.match(status.bestCommand, /^node --conditions=trainyard-source --no-warnings train.ts$/)
  assert.equal(status.best.value, Math.min(...status.trialList.map((trial: Trial) => trial.value)))
})

test('an interrupted sweep gives its trial back and goes on later with the same trials', async (t) => {
  const slow = `if (process.env.TRAINYARD_TRIAL !== '0' && !process.env.FAST) await new Promise((r) => setTimeout(r, 60_000))\n${TRAIN}`
  const { start, run } = setUp(t, slow, BAYES)
  const { child, done } = start('sweep', 'sweep.yaml')
  await seen(child, /trial 0 finished/)
  child.kill('SIGINT')
  const { out, code } = await done
  assert.equal(code, 130)
  const [, id] = /interrupted; go on with: trainyard sweep --resume (\w+)/.exec(out)!
  const before = JSON.parse((await run('sweep', 'status', id, '--json')).out)
  assert.deepEqual(
    before.trialList.map(({ state }: Trial) => state),
    ['finished', 'pending'],
  )
  assert.match((await run('sweep', 'status', id)).out, /^sweep \w+ waits for an agent \[/)
  await run('sweep', 'pause', id)
  assert.match((await run('sweep', 'status', id)).out, /paused/)
  process.env.FAST = '1'
  t.after(() => delete process.env.FAST)
  const rest = await run('sweep', '--resume', id, '--count', '2')
  assert.equal(rest.code, 0, rest.error)
  assert.equal(rest.out.match(/^trial \d finished/gm)?.length, 2)
  const after = JSON.parse((await run('sweep', 'status', id, '--json')).out)
  assert.deepEqual(after.trialList[1].params, before.trialList[1].params)
  assert.match((await run('sweep', 'stop', id)).out, /stopped/)
})

function seen(child: ChildProcess, pattern: RegExp): Promise<void> {
  let text = ''
  return new Promise((resolve) => {
    child.stdout!.on('data', (chunk) => {
      if (pattern.test((text += chunk))) resolve()
    })
  })
}

test('what is wrong is said in one line, and nothing is begun', async (t) => {
  const { run, dir } = setUp(
    t,
    'console.error("RangeError: lr: too high"); process.exit(2)',
    BAYES.replace('run_cap: 4', 'run_cap: 20'),
  )
  writeFileSync(join(dir, 'bad.yaml'), 'method: bays\nparameters: {lr: {min: 1, max: 0}}')
  const bad = await run('sweep', 'bad.yaml')
  assert.equal(bad.code, 1)
  assert.match(bad.error, /^bad.yaml:1:9: method: unknown method "bays"; did you mean "bayes"\?/)
  assert.match(bad.error, /bad.yaml:2:32: parameters.lr.max: the maximum 0 is not above the minimum 1/)
  assert.match((await run('sweep', 'no.yaml')).error, /^no.yaml: there is no such file/)
  assert.match((await run('sweep')).error, /give a sweep file, or --resume/)
  assert.match((await run('sweep', 'status', 'nope')).error, /no sweep "nope"/)
  assert.match((await run('sweep', 'status', 'nope', '--dir', 'other')).error, /no sweep "nope" in .*\/other$/m)
  assert.match((await run('sweep', 'status')).out, /^no sweeps here/)
  assert.match((await run('agent', 'nope')).error, /no sweep "nope"/)
  assert.match((await run('agent', 'x', '--url', 'http://127.0.0.1:1')).error, /does not answer/)
  assert.match((await run('sweep', 'sweep.yaml', '--agents', '0')).error, /a whole number, at least 1/)

  const failing = await run('sweep', 'sweep.yaml')
  assert.equal(failing.code, 1)
  assert.match(
    failing.error,
    /every agent was paused: its first 3 trials failed within 60 seconds; the last one: it ended with code 2: RangeError: lr: too high/,
  )
})

test('a program that is not there is told before a trial is spent, to a sweep and to an agent', async (t) => {
  const { run, dir } = setUp(t, TRAIN, BAYES)
  const missing =
    /sweep.yaml:2:10: program: there is no file "train.ts" in .*, where trials start; did you mean "train2.ts"/
  renameSync(join(dir, 'train.ts'), join(dir, 'train2.ts'))
  const refused = await run('sweep', 'sweep.yaml')
  assert.equal(refused.code, 1)
  assert.match(refused.error, missing)
  assert.equal(refused.out, '')
  assert.ok(!existsSync(join(dir, '.trainyard')), 'nothing was made')

  renameSync(join(dir, 'train2.ts'), join(dir, 'train.ts'))
  const [, id] = /--resume (\w+)/.exec((await run('sweep', 'sweep.yaml', '--count', '1')).out)!
  renameSync(join(dir, 'train.ts'), join(dir, 'train2.ts'))
  for (const parts of [
    ['agent', id],
    ['sweep', '--resume', id],
  ]) {
    const { code, error } = await run(...parts)
    assert.equal(code, 1, parts[0])
    assert.match(error, new RegExp(missing.source.replace('sweep.yaml', `sweep ${id}`)))
  }
  const { trialList } = JSON.parse((await run('sweep', 'status', id, '--json')).out)
  assert.deepEqual(
    trialList.map(({ state }: Trial) => state),
    ['finished'],
  )
})

test('an agent of its own runs trials too', async (t) => {
  const { run } = setUp(t, TRAIN, BAYES)
  const { out } = await run('sweep', 'sweep.yaml', '--count', '1')
  const [, id] = /--resume (\w+)/.exec(out)!
  const agent = await run('agent', id, '--count', '2')
  assert.equal(agent.code, 0, agent.error)
  assert.match(agent.out, /trial 1 \(run \w+-1\): \{"lr":0\.\d+\}\ntrial 1 ended well\ntrial 2/)
  assert.match(agent.out, /2 trials ended well, 0 failed; the agent goes: it has run the 2 trials/)
})

test('the view of a sweep fits the terminal', () => {
  const trial = (id: number, state: Trial['state'], rest: Partial<Trial> = {}): Trial => ({
    id,
    run: `s-${id}`,
    state,
    attempt: 1,
    params: { lr: 0.123456, name: 'a very long name of something that goes on' },
    value: 0.5,
    iterations: 3,
    agent: 'a',
    created: 0,
    started: 10,
    ended: state === 'running' ? null : 75,
    reason: null,
    ...rest,
  })
  const trials = [trial(0, 'finished'), trial(1, 'running'), trial(2, 'failed', { reason: 'boom\nmore', value: null })]
  const detail = {
    id: 'abc',
    name: 'mine',
    state: 'running',
    runCap: 6,
    metric: { name: 'loss', goal: 'minimize' },
    best: { trial: 0, run: 's-0', value: 0.5 },
    trials: { finished: 1, running: 1, failed: 1 },
    agentList: [{ id: 'a1', state: 'paused', reason: 'it failed\nmore' }],
  } as unknown as SweepDetail
  assert.deepEqual(sweepLines(detail, trials, 90, 100), [
    'sweep mine abc running [#######.............] 2/6  1 finished, 1 running, 1 failed',
    'best loss 0.5: trial 0, lr=0.1235 name=a very long name of som…',
    '     1  1 min 30 s  loss 0.5 after 3  lr=0.1235 name=a very long name of som…',
    'agent a1 is paused: it failed',
  ])
  assert.ok(sweepLines(detail, trials, 30, 100).every((line) => line.length <= 30))
  assert.equal(
    trialLine(trials[2], 'loss', 100),
    'trial 2 failed in 1 min 5 s (boom): lr=0.1235 name=a very long name of som…',
  )
})
