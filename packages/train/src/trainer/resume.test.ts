import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { defaultGenerator, io, nn, optim } from '@trainyard/core'
import { bestIn, CheckpointError, latestIn, Trainer } from '../index.ts'
import { numbersOf } from '../testing/problem.ts'
import { resumableTraining } from '../testing/resumable.ts'

const scratch = mkdtempSync(join(tmpdir(), 'trainyard-train-'))
after(() => rmSync(scratch, { recursive: true, force: true }))
let folders = 0
const folder = () => join(scratch, String(folders++))

/** Ten epochs without a break. */
async function whole() {
  const training = resumableTraining(1)
  const { history } = await training.trainer.fit(training.loader, { epochs: 10, validation: training.validation })
  return { weights: await numbersOf(training.model), history }
}

/** The history without the times, which differ. */
const lossesOf = (history: readonly { metrics: object; epoch: number; step: number; learningRate: number }[]) =>
  history.map(({ metrics, epoch, step, learningRate }) => ({ metrics, epoch, step, learningRate }))

test('five epochs and five more are ten, bit for bit', async () => {
  const expected = await whole()
  const checkpoints = { folder: folder() }
  const first = resumableTraining(1, { checkpoints })
  await first.trainer.fit(first.loader, { epochs: 5, validation: first.validation })
  // Another seed and new objects: everything has to come from the file.
  const second = resumableTraining(77, { checkpoints })
  const { history, epochs, steps } = await second.trainer.fit(second.loader, {
    epochs: 10,
    validation: second.validation,
    resume: true,
  })
  assert.deepEqual([epochs, steps], [10, 70])
  assert.deepEqual(await numbersOf(second.model), expected.weights)
  assert.deepEqual(lossesOf(history), lossesOf(expected.history))
})

test('a checkpoint that cannot be written says what is kept and how to go on, and nothing is lost', async () => {
  const expected = await whole()
  const checkpoints = { folder: folder() }
  const first = resumableTraining(1, { checkpoints })
  await first.trainer.fit(first.loader, { epochs: 2, validation: first.validation })
  const latest = readFileSync(latestIn(checkpoints.folder))
  // As a full disk would, this lets the file aside be written but not put into its place.
  rmSync(bestIn(checkpoints.folder))
  mkdirSync(join(bestIn(checkpoints.folder), 'in the way'), { recursive: true })
  const options = { epochs: 10, validation: first.validation, resumeHint: 'train --resume' }
  await assert.rejects(first.trainer.fit(first.loader, options), (error) => {
    assert.ok(error instanceof CheckpointError)
    assert.match(
      error.message,
      /best\.safetensors: cannot be written \(.*\); .*latest\.safetensors is as it was; .*, then continue with train --resume$/,
    )
    return true
  })
  const kept = readdirSync(checkpoints.folder).sort()
  assert.deepEqual(
    kept.filter((name) => name.endsWith('.part')),
    [],
  )
  rmSync(bestIn(checkpoints.folder), { recursive: true })
  assert.deepEqual(readFileSync(latestIn(checkpoints.folder)), latest)
  const second = resumableTraining(77, { checkpoints })
  await second.trainer.fit(second.loader, { epochs: 10, validation: second.validation, resume: true })
  assert.deepEqual(await numbersOf(second.model), expected.weights)
})

test('a training stopped in the middle of an epoch goes on there', async () => {
  const expected = await whole()
  const checkpoints = { folder: folder() }
  const controller = new AbortController()
  const first = resumableTraining(1, {
    checkpoints,
    callbacks: [{ onStep: ({ step }) => (step === 24 ? controller.abort() : undefined) }],
  })
  const stopped = await first.trainer.fit(first.loader, {
    epochs: 10,
    validation: first.validation,
    signal: controller.signal,
  })
  assert.equal(stopped.stopped, 'aborted')
  const { state } = defaultGenerator
  assert.deepEqual([stopped.steps, stopped.epochs], [24, 3])
  const second = resumableTraining(3, { checkpoints })
  const { history } = await second.trainer.fit(second.loader, {
    epochs: 10,
    validation: second.validation,
    resume: latestIn(checkpoints.folder),
  })
  assert.deepEqual(await numbersOf(second.model), expected.weights)
  assert.deepEqual(lossesOf(history), lossesOf(expected.history))
  // The trainer that was stopped can also go on itself, here with the random numbers that the other one used since.
  defaultGenerator.state = state
  await first.trainer.fit(first.loader, { epochs: 4, validation: first.validation })
  assert.deepEqual(lossesOf(first.trainer.history), lossesOf(expected.history).slice(0, 4))
})

test('the best state is kept, and a resumed training knows how good it was', async () => {
  const checkpoints = { folder: folder(), metric: 'validation/loss' }
  const { trainer, loader, validation } = resumableTraining(1, { checkpoints })
  const { history } = await trainer.fit(loader, { epochs: 8, validation })
  const best = history.reduce((a, b) => (b.metrics['validation/loss'] < a.metrics['validation/loss'] ? b : a))
  const other = resumableTraining(2)
  await other.trainer.restore(bestIn(checkpoints.folder))
  assert.equal(other.trainer.history.at(-1)!.epoch, best.epoch)
  assert.equal((await other.trainer.evaluate(validation)).loss, best.metrics['validation/loss'])
  assert.deepEqual(readdirSync(checkpoints.folder).sort(), [
    'best.safetensors',
    'latest.safetensors',
    'previous.safetensors',
  ])
})

test('a file that does not fit is refused, and nothing changes', async () => {
  const checkpoints = { folder: folder() }
  const { trainer, loader, model } = resumableTraining(1, { checkpoints })
  await trainer.fit(loader, { epochs: 1 })
  const file = latestIn(checkpoints.folder)
  const before = await numbersOf(model)

  const linear = new nn.Linear(2, 1)
  const other = new Trainer({
    model: linear,
    optimizer: new optim.SGD(linear.parameters(), { lr: 0.1 }),
    loss: new nn.MSELoss(),
    progress: false,
  })
  await assert.rejects(other.restore(file), /does not fit this Linear, nothing was loaded/)

  const bytes = readFileSync(file)
  const cut = join(scratch, 'cut.safetensors')
  writeFileSync(cut, bytes.subarray(0, bytes.length - 9))
  await assert.rejects(trainer.restore(cut), /cut\.safetensors/)

  const foreign = join(scratch, 'foreign.safetensors')
  await io.saveCheckpoint(foreign, { model }, { epoch: 3 })
  await assert.rejects(trainer.restore(foreign), /foreign\.safetensors was not saved by a Trainer/)
  await assert.rejects(trainer.restore(join(scratch, 'nowhere')), /nowhere.*cannot be read/)
  assert.deepEqual(await numbersOf(model), before)
  assert.equal(trainer.history.length, 1)
})

test('where the newest state is damaged the one before it is used, and none at all is an error', async () => {
  const checkpoints = { folder: folder() }
  const whole = resumableTraining(1, { checkpoints })
  await whole.trainer.fit(whole.loader, { epochs: 5, validation: whole.validation })
  const expected = await numbersOf(whole.model)
  for (const file of [latestIn(checkpoints.folder), bestIn(checkpoints.folder)]) writeFileSync(file, 'torn')
  const again = resumableTraining(2, { checkpoints })
  await again.trainer.fit(again.loader, { epochs: 5, validation: again.validation, resume: true })
  assert.equal(again.trainer.history.length, 5)
  assert.deepEqual(await numbersOf(again.model), expected)
  for (const name of readdirSync(checkpoints.folder)) writeFileSync(join(checkpoints.folder, name), 'torn')
  const lost = resumableTraining(3, { checkpoints })
  await assert.rejects(
    lost.trainer.fit(lost.loader, { epochs: 5, resume: true }),
    /latest\.safetensors: is not a sound/,
  )
})

test('a folder that cannot be written is told before the weights are lost', async () => {
  const file = join(scratch, 'a-file')
  writeFileSync(file, '')
  const { trainer, loader } = resumableTraining(1, { checkpoints: { folder: join(file, 'below') } })
  await assert.rejects(trainer.fit(loader, { epochs: 1 }), /a-file.below.\w+\.safetensors: cannot be written/)
})

/** Runs the interruptible training in a process of its own. */
function run(checkpoints: string, interrupt: boolean): Promise<{ code: number | null; out: string; err: string }> {
  const script = fileURLToPath(new URL('../testing/interruptible.ts', import.meta.url))
  const words = [...process.execArgv.filter((word) => word.startsWith('--conditions')), script, checkpoints]
  const child = spawn(process.execPath, [...words, ...(interrupt ? ['slowly'] : [])])
  let out = ''
  let err = ''
  child.stdout.on('data', (text) => {
    const waited = out.includes('ten steps')
    out += text
    if (interrupt && !waited && out.includes('ten steps')) child.kill('SIGINT')
  })
  child.stderr.on('data', (text) => {
    err += text
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

test('Ctrl-C finishes the step, saves, and says how to go on', async () => {
  const [interrupted, straight] = [folder(), folder()]
  const [first, expected] = await Promise.all([run(interrupted, true), run(straight, false)])
  assert.match(first.err, /finishing this step and saving/)
  assert.match(
    first.err,
    /interrupted after step \d+, 1 of 6 epochs complete; saved to .*latest\.safetensors; continue with the same command/,
  )
  const second = await run(interrupted, false)
  const last = (out: string) => JSON.parse(out.trimEnd().split('\n').at(-1)!)
  assert.equal(last(first.out).stopped, 'interrupted')
  assert.deepEqual(last(second.out), { ...last(expected.out) })
  assert.equal(last(second.out).steps, 42)
})
