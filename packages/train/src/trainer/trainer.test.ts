import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concat, nn, optim, type Tensor, tensor, zeros } from '@trainyard/core'
import { type Callback, NonFiniteLossError, Trainer } from '../index.ts'
import { lineBatches, numbersOf, smallModel, Written } from '../testing/problem.ts'

const quiet = { progress: false } as const

test('fit trains, validates in evaluation mode, and tells what happened', async () => {
  const parts = smallModel()
  const trainer = new Trainer({
    ...parts,
    ...quiet,
    metrics: { error: (output, target) => output.sub(target).abs().mean() },
  })
  const batches = lineBatches(12)
  const result = await trainer.fit(batches, { epochs: 20, validation: batches.slice(0, 3) })
  assert.equal(result.epochs, 20)
  assert.equal(result.steps, 240)
  assert.equal(result.stopped, null)
  assert.equal(result.history.length, 20)
  const [first, last] = [result.history[0], result.history[19]]
  assert.deepEqual(Object.keys(last.metrics), ['train/loss', 'validation/loss', 'validation/error'])
  assert.ok(last.metrics['train/loss'] < 0.2 * first.metrics['train/loss'])
  assert.deepEqual(await trainer.validate(batches.slice(0, 3)), {
    'validation/loss': last.metrics['validation/loss'],
    'validation/error': last.metrics['validation/error'],
  })
  assert.equal(parts.model.training, true, 'evaluation gives training mode back')
})

test('every sample counts once, whatever batch it is in', async () => {
  const model = new nn.Linear(1, 1)
  model.weight.assign(tensor([[1]]))
  model.bias!.assign(tensor([0]))
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 })
  const trainer = new Trainer({
    model,
    optimizer,
    ...quiet,
    loss: new nn.MSELoss(),
    metrics: {
      positive: {
        counts: (output: Tensor) => output.gt(0).cast('float32').sum(),
        value: ([sum]: readonly number[]) => sum,
      },
    },
  })
  const batches = [
    [tensor([[1], [1], [1]]), zeros([3, 1])],
    [tensor([[3]]), zeros([1, 1])],
  ] as const
  assert.deepEqual(await trainer.evaluate(batches), { loss: 12 / 4, positive: 4 })
  assert.deepEqual(await (await trainer.predict(batches)).toArray(), [[1], [1], [1], [3]])
})

test('evaluation changes nothing, and modules that were set apart stay so', async () => {
  const norm = new nn.BatchNorm1d(2)
  const frozen = new nn.BatchNorm1d(2)
  const model = new nn.Sequential(norm, frozen, new nn.Dropout(0.5), new nn.Linear(2, 1))
  const trainer = new Trainer({
    model,
    optimizer: new optim.SGD(model.parameters(), { lr: 0.1 }),
    loss: new nn.MSELoss(),
    ...quiet,
  })
  frozen.eval()
  const before = await numbersOf(model)
  const batches = lineBatches(3)
  const once = await trainer.evaluate(batches)
  assert.deepEqual(await trainer.evaluate(batches), once, 'dropout is quiet')
  await trainer.predict(batches)
  assert.deepEqual(await numbersOf(model), before)
  assert.deepEqual([model.training, norm.training, frozen.training], [true, true, false])
})

test('gradients of several batches make one update, the last window of an epoch too', async () => {
  // Five batches in windows of two: the same as three batches, of which the last is shorter.
  const batches = lineBatches(5, 4)
  const joined = [batches.slice(0, 2), batches.slice(2, 4), batches.slice(4)].map((window) =>
    [0, 1].map((part) => concat(window.map((batch) => batch[part]))),
  )
  const [plain, added] = [smallModel(0.05, 0), smallModel(0.05, 0)]
  await new Trainer({ ...plain, ...quiet }).fit(joined, { epochs: 3 })
  const result = await new Trainer({ ...added, ...quiet, accumulate: 2 }).fit(batches, { epochs: 3 })
  assert.equal(result.steps, 15)
  const [a, b] = [await numbersOf(plain.model), await numbersOf(added.model)]
  for (const key of Object.keys(a)) {
    for (const [i, value] of a[key].entries()) assert.ok(Math.abs(value - b[key][i]) < 1e-5, `${key} ${i}`)
  }
})

test('gradients are clipped, and their norm is told', async () => {
  const norms: number[] = []
  const parts = smallModel()
  const before = await numbersOf(parts.model)
  const trainer = new Trainer({
    ...parts,
    ...quiet,
    clipGradNorm: 1e-3,
    callbacks: [{ onStep: ({ gradientNorm }) => void norms.push(gradientNorm) }],
  })
  await trainer.fit(lineBatches(1), { epochs: 1 })
  assert.ok(norms[0] > 0.01)
  const after = await numbersOf(parts.model)
  const moved = Math.hypot(
    ...Object.keys(before).flatMap((key) => before[key].map((value, i) => value - after[key][i])),
  )
  assert.ok(Math.abs(moved - 0.05 * 1e-3) < 1e-6, `${moved}`)
})

test('schedules move by epochs, or by steps', async () => {
  const parts = smallModel(1)
  const rates: number[] = []
  const note: Callback = { onStep: ({ learningRate }) => void rates.push(learningRate) }
  const schedule = new optim.StepLR(parts.optimizer, 1, 0.5)
  await new Trainer({ ...parts, ...quiet, schedule, callbacks: [note] }).fit(lineBatches(2), { epochs: 3 })
  assert.deepEqual(rates, [1, 1, 0.5, 0.5, 0.25, 0.25])
  const cycle = smallModel()
  const oneCycle = new optim.OneCycleLR(cycle.optimizer, 0.1, { totalSteps: 4 })
  rates.length = 0
  await new Trainer({ ...cycle, ...quiet, schedule: oneCycle, callbacks: [note] }).fit(lineBatches(2), { epochs: 2 })
  assert.equal(new Set(rates).size > 2, true, `${rates}`)
})

test('early stopping ends a training that does not get better', async () => {
  const parts = smallModel(0)
  const trainer = new Trainer({ ...parts, ...quiet, earlyStopping: { metric: 'validation/loss', patience: 2 } })
  const batches = lineBatches(2)
  const { stopped, epochs } = await trainer.fit(batches, { epochs: 50, validation: batches })
  assert.equal(epochs, 3)
  assert.match(stopped!, /no improvement for 2 epochs/)
  const wrong = new Trainer({ ...smallModel(), ...quiet, earlyStopping: { metric: 'validation/f1' } })
  await assert.rejects(wrong.fit(batches, { epochs: 2 }), /no metric "validation\/f1".*there is train\/loss/)
})

test('a loss that is not finite names step and layer, and that step changes nothing', async () => {
  const batches = lineBatches(3)
  const huge = tensor([[1e30, 1e30]])
  const trained = smallModel()
  await assert.rejects(
    new Trainer({ ...trained, ...quiet }).fit([...batches, [tensor([[Number.NaN, 0]]), zeros([1, 1])]], { epochs: 1 }),
    (error: NonFiniteLossError) => {
      assert.equal(error.step, 4)
      assert.match(error.message, /the loss is NaN at step 4 \(epoch 1\): the batch's input is not finite \(sample 0\)/)
      return error instanceof NonFiniteLossError
    },
  )
  for (const values of Object.values(await numbersOf(trained.model))) assert.ok(values.every(Number.isFinite))

  const model = new nn.Sequential(new nn.Linear(2, 2), new nn.Sequential(new nn.Linear(2, 1)))
  model
    .at(0)
    .parameters()[0]
    .assign(
      tensor([
        [1e20, 1e20],
        [1, 1],
      ]),
    )
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 })
  await assert.rejects(
    new Trainer({ model, optimizer, loss: new nn.MSELoss(), ...quiet }).fit([[huge, zeros([1, 1])]], { epochs: 1 }),
    /layer 0 \(Linear\(2, 2\)\) is the first whose output is not finite/,
  )

  const diverging = smallModel(1e30)
  await assert.rejects(
    new Trainer({ ...diverging, ...quiet }).fit(lineBatches(30), { epochs: 1 }),
    /step \d+ \(epoch 1\): the model's output reaches \d\.\de\+\d+/,
  )

  const fine = smallModel()
  await assert.rejects(
    new Trainer({ ...fine, ...quiet, loss: (output) => output.sub(output).div(0).mean() }).fit(batches, { epochs: 1 }),
    /the loss is NaN although all layers are finite/,
  )
})

test('precise batch-norm statistics are the mean over the training batches, and training is none the wiser', async () => {
  const make = () => {
    const model = new nn.Sequential(new nn.BatchNorm1d(2), new nn.Linear(2, 1))
    for (const layer of model.layers) if (layer instanceof nn.Linear) layer.weight.assign(tensor([[1, 1]]))
    model
      .at(1)
      .parameters()[1]
      .assign(tensor([0]))
    return { model, optimizer: new optim.SGD(model.parameters(), { lr: 0.01 }), loss: new nn.MSELoss() }
  }
  const batches = lineBatches(4)
  const [precise, usual] = [make(), make()]
  await new Trainer({ ...precise, ...quiet }).fit(batches, { epochs: 2 })
  await new Trainer({ ...usual, ...quiet, preciseBatchNorm: false }).fit(batches, { epochs: 2 })
  const [a, b] = [await numbersOf(precise.model), await numbersOf(usual.model)]
  assert.deepEqual(a['1.weight'], b['1.weight'])
  assert.deepEqual(a['0.weight'], b['0.weight'])
  assert.notDeepEqual(a['0.running_mean'], b['0.running_mean'])
  const means = await Promise.all(batches.map(([x]) => x.mean(0).data()))
  for (const channel of [0, 1]) {
    const mean = means.reduce((sum, m) => sum + m[channel], 0) / means.length
    assert.ok(Math.abs(a['0.running_mean'][channel] - mean) < 1e-6)
  }
  assert.equal((precise.model.at(0) as nn.BatchNorm1d).momentum, 0.1)
})

test('metrics are logged to anything with a log method', async () => {
  const rows: [object, number | undefined][] = []
  const logger = { log: (values: object, options?: { step?: number }) => void rows.push([values, options?.step]) }
  await new Trainer({ ...smallModel(), ...quiet, logger, logging: { every: 2 } }).fit(lineBatches(4), { epochs: 1 })
  assert.deepEqual(
    rows.map(([, step]) => step),
    [2, 4, 4],
  )
  assert.ok('batch/loss' in rows[0][0] && 'batch/learningRate' in rows[0][0])
  assert.ok('epoch' in rows[2][0] && 'train/loss' in rows[2][0])
})

test('a terminal gets a bar, anything else one line an epoch', async () => {
  const file = new Written()
  await new Trainer({ ...smallModel(), progress: { output: file, label: 'line' } }).fit(lineBatches(4), { epochs: 2 })
  const lines = file.text.trimEnd().split('\n')
  assert.equal(lines.length, 2)
  assert.match(lines[1], /^line {2}epoch 2\/2 {2}train\/loss \d\.\d{4} {2}\d+\.\d s$/)
  assert.ok(!file.text.includes('\u001b'))
  const terminal = new Written(true)
  await new Trainer({ ...smallModel(), progress: { output: terminal } }).fit(lineBatches(4), { epochs: 1 })
  assert.match(terminal.text, /█|░/)
})

test('mistakes are refused before anything is trained', async () => {
  const parts = smallModel()
  const make = (options: object) => () => new Trainer({ ...parts, ...options } as never)
  assert.throws(() => new Trainer({} as never), /wants a model: \{ model, optimizer, loss \}/)
  assert.throws(make({ optimizer: undefined }), /wants an optimizer/)
  assert.throws(make({ loss: 'mse' }), /wants a loss: a function/)
  assert.throws(
    make({ epochs: 3 }),
    /there is no option "epochs"; there is model, .*; epochs and validation are given to fit/,
  )
  assert.throws(make({ metrics: { f1: 3 } }), /metric "f1" must be a function/)
  assert.throws(make({ earlyStopping: { patience: -1 } }), /patience must be a whole number of at least 0, got -1/)
  assert.throws(make({ earlyStopping: { mode: 'least' } }), /mode must be min or max, got least/)
  const fit = (options: object, batches: unknown = lineBatches(4)) =>
    new Trainer({ ...parts, progress: false }).fit(batches as never, options as never)
  await assert.rejects(fit(undefined as never), /how many epochs to train, as in \{ epochs: 10 \}, got undefined/)
  await assert.rejects(fit({ epoch: 3 }), /got undefined/)
  await assert.rejects(fit({ epochs: 1.5 }), /got 1.5/)
  await assert.rejects(fit({ epochs: 1 }, 3), /batches that can be gone through/)
  await assert.rejects(fit({ epochs: 1, resume: true }), /wants to know where/)
  await assert.rejects(fit({ epochs: 1 }, []), /no batch was given in epoch 1/)
  const once = (function* () {
    yield* lineBatches(4) as unknown as Iterable<unknown>
  })()
  await assert.rejects(
    fit({ epochs: 2 }, once),
    /no batch was given in epoch 2; a generator is used up after one epoch/,
  )
  const number = new Trainer({ ...parts, progress: false, loss: (() => 3) as never })
  await assert.rejects(number.fit(lineBatches(4), { epochs: 1 }), /loss must be a tensor of one number, got number/)
  assert.throws(() => new Trainer({ ...parts, accumulate: 0 }), /accumulate must be a whole number/)
  assert.throws(() => new Trainer({ ...parts, optimizer: smallModel().optimizer }), /none of the model's parameters/)
  assert.throws(
    () => new Trainer({ ...parts, callbacks: [{ stateDict: () => ({}) }] }),
    /every callback with a stateDict needs a name/,
  )
})
