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

test('the example files of github.com/wandb/sweeps: a grid of 27 and of 8, a local controller, a job for launch', () => {
  const parameters = `
parameters:
  epochs: {value: 27}
  sleep: {value: 0.5}
  base:
    values: [10,15,20]
  increment:
    values: [0.1,0.2,0.3]
  direction:
    values: [-1,0.1,1]
`
  const example = (rest: string) =>
    readSweepText(`
description: sweep examples
program: train-local.py
project: sweeps-examples
metric: {name: loss_metric, goal: minimize}
${rest}`)
  const size = ({ space }: ReturnType<typeof example>) =>
    space.searchable.reduce((product, { distribution }) => product * distribution.grid!.size, 1)
  const hyperband = 'early_terminate: {type: hyperband, max_iter: 10, s: 2, eta: 3}'
  const local = example(`method: grid\ncontroller:\n  type: local\n${hyperband}${parameters}`)
  assert.equal(size(local), 27)
  assert.deepEqual(local.stopping, { type: 'hyperband', bands: [1, 3], eta: 3, strict: true })
  assert.equal(local.project, 'sweeps-examples')
  const launch = example(`method: bayes\njob: "launch-test/wandb-launch-sweeps/job:v0"${parameters}`)
  assert.match(launch.notices.join('\n'), /^job: .*not used here/m)

  const nested = example(`
method: grid
parameters:
  batch_size:
    values: [32, 64]
  optimizer:
    parameters:
      # lr parameter is nested behind "optimizer"
      lr:
        values: [0.001, 0.0001]
      nadam:
        parameters:
          beta:
            values: [0.9, 0.95]
`)
  assert.equal(size(nested), 8)
  assert.deepEqual(
    nested.space.parameters.map(({ name }) => name),
    ['batch_size', 'optimizer.lr', 'optimizer.nadam.beta'],
  )
})

test('every distribution of the documentation, at the quantiles that wandb has', () => {
  // HyperParameter.ppf of wandb's own code at 0.13, 0.5 and 0.9.
  const expected: [parameter: string, quantiles: unknown[]][] = [
    ['{value: 3}', [3, 3, 3]],
    ['{distribution: constant, value: sgd}', ['sgd', 'sgd', 'sgd']],
    ['{values: [a, b, c]}', ['a', 'b', 'c']],
    ['{distribution: categorical, values: [1, 2.5, true]}', [1, 2.5, true]],
    ['{values: [a, b, c], probabilities: [0.2, 0.3, 0.5]}', ['a', 'c', 'c']],
    ['{min: 1, max: 9}', [2, 5, 9]],
    ['{min: 0.0, max: 4}', [0.52, 2, 3.6]],
    ['{min: 0.0001, max: 0.1}', [0.013087, 0.05005, 0.09001]],
    ['{distribution: q_uniform, min: 0, max: 10}', [1, 5, 9]],
    ['{distribution: q_uniform, min: 0.0, max: 1.0, q: 0.05}', [0.15, 0.5, 0.9]],
    ['{distribution: log_uniform, min: -9.2, max: -2.3}', [0.000247772393835, 0.00318278079651, 0.0502874367236]],
    [
      '{distribution: log_uniform_values, min: 0.0001, max: 0.1}',
      [0.000245470891569, 0.00316227766017, 0.0501187233627],
    ],
    ['{distribution: q_log_uniform, min: 0, max: 5.5}', [2, 16, 141]],
    ['{distribution: q_log_uniform_values, min: 32, max: 256, q: 8}', [40, 88, 208]],
    ['{distribution: inv_log_uniform, min: -2, max: 3}', [0.0953691622155, 0.606530659713, 4.48168907034]],
    ['{distribution: inv_log_uniform_values, min: 0.5, max: 8}', [0.716977624008, 2, 6.06286626604]],
    ['{distribution: normal}', [-1.12639112904, 0, 1.28155156554]],
    ['{distribution: normal, mu: 2, sigma: 0.5}', [1.43680443548, 2, 2.64077578277]],
    ['{distribution: q_normal, mu: 100, sigma: 10, q: 5}', [90, 100, 115]],
    ['{distribution: log_normal, mu: 2, sigma: 0.3}', [5.27027562154, 7.38905609893, 10.8532597176]],
    ['{distribution: q_log_normal, mu: 3, sigma: 0.5, q: 2}', [12, 20, 38]],
    ['{distribution: beta, a: 2, b: 5}', [0.107829777279, 0.264449983296, 0.510316306551]],
    ['{distribution: q_beta, a: 2, b: 5, q: 0.1}', [0.1, 0.3, 0.5]],
  ]
  for (const [parameter, quantiles] of expected) {
    const { distribution } = readSweepText(`{method: random, parameters: {p: ${parameter}}}`).space.parameters[0]
    const own = [0.13, 0.5, 0.9].map((unit) => distribution.quantile(unit))
    own.forEach((value, index) => {
      const wanted = quantiles[index]
      const near =
        typeof wanted === 'number' && Math.abs(Number(value) - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted))
      assert.ok(near || value === wanted, `${parameter}: ${value} for ${wanted}`)
    })
  }
})
