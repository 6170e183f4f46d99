// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the macros of wandb look like templates
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SweepConfigurationError } from './problem.ts'
import { readSweep, readSweepText } from './read.ts'
import type { SweepConfiguration } from './types.ts'

/** The sweep of these parameters, written in YAML. */
const withParameters = (lines: string, rest = 'method: random\nrun_cap: 9') =>
  readSweepText(`${rest}\nparameters:\n${lines}`)

/** The messages of what is wrong with this text. */
function problems(text: string): string[] {
  try {
    readSweepText(text, 's.yaml')
  } catch (error) {
    assert.ok(error instanceof SweepConfigurationError, String(error))
    return error.message.split('\n').filter((line) => line.startsWith('s.yaml'))
  }
  assert.fail(`accepted: ${text}`)
}

const types = (sweep: { space: { parameters: readonly { name: string; type: string }[] } }) =>
  Object.fromEntries(sweep.space.parameters.map(({ name, type }) => [name, type]))

test("bounds follow wandb's rule by how they are written: 1 is whole, 1.0 is not", () => {
  const sweep = withParameters(`
  whole: {min: 1, max: 10}
  fraction: {min: 1.0, max: 10.0}
  exponent: {min: 1e0, max: 1e2}
  mixed: {min: 0, max: 0.5}
  cast: {min: !!float 1, max: !!float 1e1}
  stated: {distribution: uniform, min: 0, max: 1}`)
  assert.deepEqual(types(sweep), {
    cast: 'uniform',
    exponent: 'uniform',
    fraction: 'uniform',
    mixed: 'uniform',
    stated: 'uniform',
    whole: 'int_uniform',
  })
  assert.deepEqual(sweep.notices, [])
  const half = readSweepText(
    'method: random\nrun_cap: 1\nparameters:\n  a: {min: 0.0, max: 1}\n  b: {min: 0, max: 1.0}',
  )
  assert.deepEqual(
    half.space.parameters.map(({ type }) => type),
    ['uniform', 'uniform'],
  )
  assert.match(half.notices[0], /^parameters.a: one bound is written as a whole number and one as a fraction/)
  assert.match(
    problems('method: random\nparameters:\n  a: {min: 0.0, max: 1.0, distribution: int_uniform}')[0],
    /s.yaml:3:12.*whole numbers: write 0 without/,
  )
})

test('an object has no 1.0, so whole bounds are int_uniform, and a notice says so', () => {
  const sweep = readSweep({
    method: 'random',
    run_cap: 3,
    parameters: { a: { min: 1.0, max: 2.0 }, b: { min: 0.5, max: 2 } },
  })
  assert.deepEqual(types(sweep), { a: 'int_uniform', b: 'uniform' })
  assert.equal(sweep.notices.length, 1)
  assert.match(sweep.notices[0], /parameters.a: bounds 1 and 2 are whole, so it is int_uniform/)
})

test('JSON is read with the same care as YAML', () => {
  const text =
    '{"method": "random", "run_cap": 1, "parameters": {"a": {"min": 1.0, "max": 2.0}, "b": {"min": 1, "max": 2}}}'
  assert.deepEqual(types(readSweepText(text, 'sweep.json')), { a: 'uniform', b: 'int_uniform' })
})

test('every problem is told at its line and column, all of them at once', () => {
  const text = `metod: random
metric:
  name: loss
  goal: minimise
parameters:
  lr:
    distribution: log_uniform_values
    min: 0
    max: abc
  batch:
    values: 32
  depth: 3
  2nd: {value: 1}
  width: {min: 10, max: 5}
  p:
    values: [a, b]
    probabilities: [0.5, 0.6]
  q: {distribution: gausian}
  r: {distribution: normal, sigmma: 2}
  s: {distribution: uniform, min: 1}
  t: {distribution: constant, values: [1]}
  u: {}
run_cap: 0
early_terminate: hyperband
`
  assert.deepEqual(
    problems(text),
    [
      's.yaml:1:1: "method" is missing',
      's.yaml:1:1: metod: unknown key "metod"; did you mean "method"? (known: method, parameters, metric, early_terminate, run_cap, program, command, name, description, project, entity, seed, repeat, retry, population, controller, scheduler, metrics, job, image_uri, apiVersion, kind)',
      's.yaml:4:9: metric.goal: unknown goal "minimise"; did you mean "minimize"? (known: minimize, maximize)',
      's.yaml:8:10: parameters.lr.min: expected a number above 0, received 0',
      's.yaml:9:10: parameters.lr.max: expected a number, received "abc"',
      's.yaml:11:13: parameters.batch.values: expected a list of values, received 32',
      's.yaml:12:10: parameters.depth: expected a map that says what it may be, such as {value: 3}',
      's.yaml:13:3: parameters.2nd: the name of a parameter has a letter or _ first, then letters, digits, "_", "." and "-"',
      's.yaml:14:25: parameters.width.max: the maximum 5 is not above the minimum 10',
      's.yaml:17:20: parameters.p.probabilities: add up to 1.1, not to 1',
      's.yaml:18:21: parameters.q.distribution: unknown distribution "gausian" (known: constant, categorical, categorical_w_probabilities, int_uniform, uniform, q_uniform, log_uniform, log_uniform_values, q_log_uniform, q_log_uniform_values, inv_log_uniform, inv_log_uniform_values, normal, q_normal, log_normal, q_log_normal, beta, q_beta)',
      's.yaml:19:29: parameters.r.sigmma: unknown key "sigmma"; did you mean "sigma"? (known: distribution, parameters, value, values, probabilities, min, max, q, mu, sigma, a, b)',
      's.yaml:20:3: parameters.s: "max" is missing: uniform needs it',
      's.yaml:21:31: parameters.t.values: constant does not take "values" (it takes: value)',
      's.yaml:21:3: parameters.t: "value" is missing: constant needs it',
      's.yaml:22:3: parameters.u: does not say what it may be: give it value, values, min and max, parameters, or a distribution',
      's.yaml:23:10: run_cap: expected a whole number of trials, at least 1, received 0',
      's.yaml:24:18: early_terminate: expected a map with "type: hyperband" in it',
    ].toSorted((a, b) => place(a) - place(b)),
  )
})

const place = (message: string): number => {
  const [, line, column] = /:(\d+):(\d+)/.exec(message)!
  return Number(line) * 1000 + Number(column)
}

test('a message shows the line and marks the place', () => {
  assert.throws(
    () => readSweepText('method: grid\nparameters:\n  lr: {min: 0.1, max: 1.0}\n', 'sweep.yaml'),
    (error: Error) =>
      error.message ===
      `sweep.yaml:3:3: parameters.lr: uniform cannot walk over every number: a grid takes values, value, int_uniform and q_uniform
  3 |   lr: {min: 0.1, max: 1.0}
    |   ^`,
  )
})

const method = (text: string) => `${text}\nparameters: {a: {values: [1, 2]}}`

test('what a method needs is asked for', () => {
  const cases: [string, RegExp][] = [
    [method('method: bayes'), /s.yaml:1:9: method: bayes needs a "metric" to improve/],
    [method('method: tpe'), /tpe needs a "metric"/],
    [method('method: random\nearly_terminate: {type: median}'), /s.yaml:2:1: early_terminate: needs a "metric"/],
    ['method: bayes\nmetric: {name: x}\nparameters: {a: {value: 1}}', /at least one parameter that is not constant/],
    ['method: grid\nparameters: {a: {values: [1, 2], probabilities: [0.5, 0.5]}}', /has no use for probabilities/],
    [
      'method: grid\nparameters: {o: {parameters: {a: {distribution: normal}}}}',
      /s.yaml:2:31: parameters.o.parameters.a: normal cannot walk/,
    ],
    [method('method: custom'), /custom needs a scheduler written in Python/],
    [method('method: random\nmetrics: [{name: a}, {name: b}]'), /several objectives are not supported/],
    [method('method: population\nmetric: {name: x}'), /needs a "population" section/],
    [method('method: random\npopulation: {interval: 3}'), /has no meaning for method random/],
    [
      method('method: random\nrepeat: {count: 3, parameter: a}'),
      /s.yaml:2:31: repeat.parameter: there is a parameter "a" already/,
    ],
    [method('method: random\nmetric: {name: x}\nearly_terminate: {type: hyperband, max_iter: 9}'), /max_iter needs s/],
    [
      method('method: random\nmetric: {name: x}\nearly_terminate: {type: hyperband}'),
      /needs min_iter, or max_iter and s/,
    ],
    [
      method('method: random\nmetric: {name: x}\nearly_terminate: {type: hyperband, max_iter: 2, s: 1}'),
      /below 1, so there is no bracket/,
    ],
    [
      method('method: random\nmetric: {name: x}\nearly_terminate: {type: asha_promotion, min_iter: 9, max_iter: 9}'),
      /9 is not above min_iter/,
    ],
    ['method: grid', /s.yaml:1:1: parameters: expected a map from names to what each may be, received nothing/],
    ['method: grid\nparameters: {}', /received an empty one/],
    ['', /expected a map with the keys of a sweep, received null/],
    ['[1]', /received the list \[1\]/],
    ['method: random\nparameters: {a: {values: []}}', /expected at least one value/],
    ['method: random\nparameters: {a: {values: [.nan]}}', /no NaN or infinity/],
    [
      'method: random\nparameters: {a: {distribution: log_uniform, min: 1.0, max: 1000.0}}',
      /exponents of e; log_uniform_values takes the values/,
    ],
    ['method: random\nparameters: {a: {parameters: {b: {value: 1}}, value: 2}}', /takes no other key/],
    ['a: 1\na: 2', /s.yaml:2:1: this key is given twice/],
    ['a: *b', /no anchor &b/],
    ['a: &b [*b]', /does an alias \(\*name\) contain itself/],
  ]
  for (const [text, expected] of cases) assert.match(problems(text).join('\n'), expected)
})

test('an endless sweep, exponents as bounds and keys of a cloud are told in notices', () => {
  const { notices } = readSweepText(`
method: random
entity: me
controller: {type: local}
command: ["\${program}", "--x=\${nope}"]
parameters:
  lr: {distribution: log_uniform, min: -3, max: 0}`)
  assert.deepEqual(notices, [
    'parameters.lr: log_uniform takes exponents of e as bounds: from 0.0498 to 1.00; log_uniform_values takes the values',
    "entity: is for wandb's own service and is not used here",
    "controller: is for wandb's own service and is not used here",
    'command: there is no macro or parameter "nope" to put in place of ${nope}',
    'run_cap: not given, so random goes on until it is stopped',
  ])
})

test('YAML is read as Python reads it: yes is true, << merges, and dates stay text', () => {
  const sweep = withParameters(`
  base: &base {values: [yes, no, on, 2024-01-01, 1_000, 1e-5]}
  same: {<<: *base}`)
  const values = sweep.space.parameters.map(({ distribution: { grid } }) =>
    Array.from({ length: grid!.size }, (_, index) => grid!.at(index)),
  )
  assert.deepEqual(values, [
    [true, false, '2024-01-01', 1000, 1e-5],
    [true, false, '2024-01-01', 1000, 1e-5],
  ])
})

test('nested parameters become nested maps, in the order of their names', () => {
  const sweep = withParameters(`
  z: {value: 1}
  net:
    parameters:
      depth: {value: 2}
      act: {parameters: {name: {value: relu}}}
  net.depth: {value: 7}`)
  assert.deepEqual(sweep.space.at([]), { net: { act: { name: 'relu' }, depth: 2 }, 'net.depth': 7, z: 1 })
  assert.deepEqual(Object.keys(sweep.space.at([])), ['net', 'net.depth', 'z'])
})

test('names that mean something to JavaScript or YAML change nothing', () => {
  assert.match(
    problems('method: random\nparameters: {__proto__: {value: {polluted: 1}}}')[0],
    /the name of a parameter has/,
  )
  assert.equal(({} as { polluted?: number }).polluted, undefined)
  assert.deepEqual(withParameters('  constructor: {value: 2}\n  y: {value: n}\n  on: {value: on}').space.at([]), {
    constructor: 2,
    on: true,
    y: 'n',
  })
})

test('all of the form of TypeScript is checked by its type', () => {
  const configuration = {
    method: 'bayes',
    metric: { name: 'loss', goal: 'minimize', target: 0.01 },
    parameters: {
      lr: { distribution: 'log_uniform_values', min: 1e-4, max: 0.1 },
      optimizer: { parameters: { name: { values: ['adam', 'sgd'] } } },
    },
    early_terminate: { type: 'hyperband', min_iter: 3 },
    run_cap: 10,
    seed: 4,
    retry: { failed: 1 },
    repeat: { count: 3 },
  } satisfies SweepConfiguration
  const sweep = readSweep(configuration)
  assert.deepEqual(sweep.metric, {
    name: 'loss',
    goal: 'minimize',
    target: 0.01,
    impute: 'worst',
    imputeWhileRunning: undefined,
  })
  assert.deepEqual(sweep.retry, { failed: 1, crashed: 2 })
  assert.deepEqual(sweep.repeat, { count: 3, parameter: 'seed' })
  assert.equal(sweep.stopping?.type === 'hyperband' && sweep.stopping.strict, true)
})
