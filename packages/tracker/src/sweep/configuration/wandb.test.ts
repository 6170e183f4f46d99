// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the macros of wandb look like templates
/** Sweep configurations with the forms that wandb's documentation shows: each is accepted, with the same meaning. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSweepText } from './read.ts'
import { hyperbandBands } from './rungs.ts'

const typesOf = (text: string) => {
  const { space } = readSweepText(text)
  return Object.fromEntries(space.parameters.map(({ name, type }) => [name, type]))
}

test('a Bayesian sweep over bounds and values', () => {
  const text = `
program: train.py
name: sweepdemo
method: bayes
metric:
  goal: minimize
  name: validation_loss
parameters:
  learning_rate:
    min: 0.0001
    max: 0.1
  batch_size:
    values: [16, 32, 64]
  epochs:
    values: [5, 10, 15]
  optimizer:
    values: ["adam", "sgd"]
`
  const sweep = readSweepText(text)
  assert.equal(sweep.method, 'bayes')
  assert.equal(sweep.name, 'sweepdemo')
  assert.equal(sweep.program, 'train.py')
  assert.deepEqual(typesOf(text), {
    batch_size: 'categorical',
    epochs: 'categorical',
    learning_rate: 'uniform',
    optimizer: 'categorical',
  })
})

test('nested parameters with quantised and uniform ones', () => {
  const nested = (low: string, high: string, values: string) =>
    `
    parameters:
      momentum: {distribution: uniform, min: ${low}, max: ${high}}
      weight_decay: {values: ${values}}`
  const text = `
program: sweep_nest.py
name: nested_sweep
method: random
metric: {name: loss, goal: minimize}
parameters:
  optimizer: {values: ['adam', 'sgd']}
  dropout: {values: [0.3, 0.4, 0.5]}
  epochs: {value: 1}
  learning_rate:
    distribution: uniform
    min: 0
    max: 0.1
  batch_size:
    distribution: q_log_uniform_values
    q: 8
    min: 32
    max: 256
  nested_category_1:${nested('0.0', '0.9', '[0.0001, 0.0005, 0.001]')}
  nested_category_3:${nested('0.5', '0.7', '[0.2, 0.3, 0.4]')}
`
  const { space } = readSweepText(text)
  const parameters = space.at(space.searchable.map(() => 0.5))
  assert.deepEqual(parameters, {
    batch_size: 88,
    dropout: 0.4,
    epochs: 1,
    learning_rate: 0.05,
    nested_category_1: { momentum: 0.45, weight_decay: 0.0005 },
    nested_category_3: { momentum: 0.6, weight_decay: 0.3 },
    optimizer: 'sgd',
  })
})

test('two levels of nesting and constants, as a grid of one', () => {
  const { space } = readSweepText(`
method: grid
metric: {name: score, goal: minimize}
parameters:
  top_level_param: {value: 0}
  nested_param:
    parameters:
      learning_rate: {value: 0.01}
      double_nested_param:
        parameters:
          x: {value: 0.9}
          y: {value: 0.8}
`)
  assert.deepEqual(space.at([]), {
    nested_param: { double_nested_param: { x: 0.9, y: 0.8 }, learning_rate: 0.01 },
    top_level_param: 0,
  })
})

test('Bayesian search with hyperband, and values in scientific notation', () => {
  const sweep = readSweepText(`
program: train.py
method: bayes
metric: {goal: minimize, name: val_loss}
parameters:
  dropout: {values: [0.15, 0.2, 0.25, 0.3, 0.4]}
  decay:
    values: [1e-5, 1e-6, 1e-7]
  epochs: {value: 27}
early_terminate:
  type: hyperband
  s: 2
  eta: 3
  max_iter: 27
`)
  assert.deepEqual(sweep.stopping, { type: 'hyperband', bands: [3, 9], eta: 3, strict: true })
  assert.equal(sweep.space.parameters[0].distribution.quantile(0), 1e-5)
})

test('the brackets of the documentation: [3, 9, 27, 81, …] and [9, 3]', () => {
  assert.deepEqual(hyperbandBands({ minIterations: 3, eta: 3 }).slice(0, 4), [3, 9, 27, 81])
  assert.deepEqual(hyperbandBands({ maxIterations: 27, brackets: 2, eta: 3 }), [3, 9])
  assert.deepEqual(hyperbandBands({ maxIterations: 18, brackets: 2, eta: 3 }), [2, 6])
  assert.deepEqual(hyperbandBands({ maxIterations: 5, brackets: 2, eta: 2 }), [1, 2])
  assert.deepEqual(hyperbandBands({ minIterations: 30, eta: 1.5 }).slice(0, 3), [30, 45, 67])
})

test('a command with macros inside its parts, and a parameter that the sweep does not have', () => {
  const sweep = readSweepText(`
program: run.py
method: random
metric:
  name: validation_loss
parameters:
  learning_rate:
    min: 0.0001
    max: 0.1
command:
  - \${env}
  - \${interpreter}
  - \${program}
  - "--batch_size=\${batch_size}"
  - "--optimizer=\${optimizer}"
  - "--test=True"
`)
  assert.equal(sweep.command.length, 6)
  assert.deepEqual(sweep.notices.slice(0, 2), [
    'command: there is no macro or parameter "batch_size" to put in place of ${batch_size}',
    'command: there is no macro or parameter "optimizer" to put in place of ${optimizer}',
  ])
})

test('the float operator, a local controller, and every goal and impute rule', () => {
  for (const goal of ['minimize', 'maximize'])
    for (const impute of ['worst', 'best', 'latest']) {
      const sweep = readSweepText(`
controller: {type: local}
method: bayes
metric: {name: loss, goal: ${goal}, impute: ${impute}, impute_while_running: ${impute}, target: 0.5}
parameters:
  a: {min: !!float 1e-5, max: !!float 1e-1}
run_cap: 5
`)
      assert.deepEqual(sweep.metric, { name: 'loss', goal, impute, imputeWhileRunning: impute, target: 0.5 })
    }
})
