import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { init, type Run } from '../index.ts'
import { serve } from '../server/serve.ts'
import { seeRun } from '../testing/readRun.ts'
import { scratch } from '../testing/scratch.ts'
import { type FinishedTrial, sweep } from './inProcess.ts'

const quadratic = {
  method: 'random',
  metric: { name: 'loss' },
  parameters: {
    x: { distribution: 'uniform', min: -1, max: 1 },
    optimizer: { values: ['adam', 'sgd'] },
    net: { parameters: { depth: { values: [1, 2] }, act: { value: 'relu' } } },
  },
  run_cap: 4,
  seed: 3,
} as const

const quiet = { capture: false } as const

test('a function is run for every trial, with typed parameters, and its runs belong to the sweep', async (t: TestContext) => {
  const dir = scratch(t)
  const told: FinishedTrial[] = []
  const result = await sweep(
    quadratic,
    async ({ x, optimizer, net }, { number }) => {
      const typed: [number, 'adam' | 'sgd', 1 | 2, 'relu'] = [x, optimizer, net.depth, net.act]
      assert.equal(typed.length, 4)
      const run = await init({ ...quiet, config: { x: 99, other: number } })
      assert.deepEqual((run.config as { net?: unknown }).net, { depth: net.depth, act: 'relu' })
      run.log({ loss: x * x + 1 })
      run.log({ loss: x * x })
      await run.finish()
    },
    { dir, project: 'p', onTrial: (trial) => told.push(trial) },
  )
  assert.equal(result.state, 'finished')
  assert.equal(result.trials.length, 4)
  const least = Math.min(...result.trials.map(({ value }) => value!))
  assert.equal(result.best?.value, least)
  assert.equal(least, (result.best!.parameters.x as number) ** 2)
  assert.deepEqual(
    told.map(({ number, state }) => [number, state]),
    [0, 1, 2, 3].map((number) => [number, 'finished']),
  )
  const seen = seeRun(dir, 'p', result.trials[2].run)
  assert.equal(seen.fold.start?.sweep, result.id)
  assert.equal(seen.fold.config.other, 2)
  assert.equal(seen.fold.config.x, result.trials[2].parameters.x)
  assert.equal(process.env.TRAINYARD_SWEEP_ID, undefined)
})

test("a trial's run goes where its sweep looks for it, whatever folder and project the program names", async (t) => {
  const dir = scratch(t)
  const elsewhere = scratch(t)
  const result = await sweep(
    { ...quadratic, run_cap: 1 },
    async () => {
      const run = await init({ ...quiet, dir: elsewhere, project: 'mine' })
      run.log({ loss: 0.5 })
      await run.finish()
      // A further run, named by the program, is the program's own.
      const other = await init({ ...quiet, dir: elsewhere, project: 'mine', id: 'side' })
      await other.finish()
    },
    { dir, project: 'p' },
  )
  assert.equal(result.best?.value, 0.5)
  assert.equal(seeRun(dir, 'p', result.best!.run).fold.start?.sweep, result.id)
  assert.equal(seeRun(elsewhere, 'mine', 'side').fold.finish?.state, 'finished')
})

test('a returned number counts, a throw makes a failed trial, and resume goes on', async (t) => {
  const dir = scratch(t)
  const train = ({ x }: { x: number }, { number }: { number: number }) => {
    if (number === 1) throw new RangeError('too wild')
    return x
  }
  const first = await sweep(quadratic, train, { dir, count: 2 })
  assert.equal(first.state, 'running')
  assert.deepEqual(
    first.trials.map(({ state }) => state),
    ['finished', 'failed'],
  )
  assert.match(first.trials[1].reason!, /^RangeError: too wild\n/)
  const rest = await sweep(quadratic, train, { dir, resume: first.id })
  assert.equal(rest.state, 'finished')
  assert.equal(rest.trials.length, 4)
  assert.equal(rest.trials[0].value, first.trials[0].value)
  await assert.rejects(sweep(quadratic, train, { dir, resume: 'nope' }), /no sweep "nope"/)
  await assert.rejects(sweep({ ...quadratic, method: 'gird' as 'grid' }, train, { dir }), /did you mean "grid"/)
})

test('a sweep file runs a function as well', async (t) => {
  const dir = scratch(t)
  const file = join(dir, 'sweep.yaml')
  writeFileSync(file, 'method: grid\nproject: mine\nmetric: {name: loss}\nparameters: {a: {values: [3, 1, 2]}}')
  const { best, project } = await sweep<{ a: number }>(file, ({ a }) => a, { dir })
  assert.deepEqual([best?.number, best?.value, project], [1, 1, 'mine'])
  await assert.rejects(
    sweep(join(dir, 'no.yaml'), () => 0, { dir }),
    /no.yaml: there is no such file/,
  )
})

test('ending it gives the trial back', async (t) => {
  const dir = scratch(t)
  const controller = new AbortController()
  const train = async (_: unknown, { number, signal }: { number: number; signal: AbortSignal }) => {
    if (number === 1) controller.abort()
    if (number === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    return 1
  }
  const result = await sweep(quadratic, train, { dir, signal: controller.signal })
  assert.deepEqual(
    result.trials.map(({ state }) => state),
    ['finished', 'pending'],
  )
})

test('where a server has the folder it keeps the sweep; a server elsewhere gets the runs too', async (t) => {
  const dir = scratch(t)
  const server = await serve({ dir, port: 0, token: 'secret', log: (message) => assert.fail(message) })
  t.after(() => server.close())
  const train = async ({ x }: { x: number }) => {
    const run: Run = await init(quiet)
    run.log({ loss: x })
    await run.finish()
  }
  const here = await sweep(quadratic, train, { dir, project: 'p' })
  assert.equal(here.state, 'finished')

  const elsewhere = scratch(t)
  const url = `http://127.0.0.1:${server.port}`
  await assert.rejects(sweep(quadratic, train, { dir: elsewhere, url, project: 'p' }), /a token is needed/)
  const there = await sweep(quadratic, train, { dir: elsewhere, url, token: 'secret', project: 'p' })
  assert.equal(there.state, 'finished')
  assert.deepEqual(
    there.trials.map(({ value }) => value),
    here.trials.map(({ value }) => value),
  )
  assert.equal(seeRun(dir, 'p', there.trials[3].run).fold.finish?.state, 'finished')
  assert.ok(!existsSync(`${elsewhere}/sweeps.sqlite`))
})
