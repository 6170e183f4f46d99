import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readSweep, readSweepText } from '../configuration/read.ts'
import { Stream } from '../random/stream.ts'
import { decompose } from './decomposition.ts'
import {
  analyse,
  analysisTable,
  contour,
  correlations,
  growForest,
  importance,
  marginalEffect,
  type TrialRow,
} from './index.ts'
import { knownParameters } from './known.ts'
import { permutationChance } from './permutations.ts'
import { correlationChance, correlationInterval, pearson, ranks } from './statistics.ts'

const near = (actual: number, expected: number, tolerance: number, what = '') =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} ${actual}, not ${expected}`)

/** Trials of a random search, with a value made of their parameters and noise. */
function trials(
  count: number,
  value: (p: { lr: number; a: number; b: number; optimizer: string; batch: number }, noise: number) => number,
  seed = 1,
): TrialRow[] {
  return Array.from({ length: count }, (_, number) => {
    const stream = new Stream(seed, number, 'analysis test')
    const parameters = {
      lr: 10 ** (-4 + 3 * stream.uniform()),
      a: stream.uniform(),
      b: stream.uniform(),
      optimizer: ['adam', 'sgd', 'rmsprop'][stream.integer(3)],
      batch: [8, 16, 32][stream.integer(3)],
      fixed: 3,
    }
    return { id: `t${number}`, parameters, value: value(parameters, stream.normal()) }
  })
}

const minimise = { metric: 'loss', goal: 'minimize' } as const

test('a decomposition by hand: two leaves over one of two parameters', () => {
  // 0 on the first of four cells of x, 4 on the others; y does not matter.
  const leaves = [
    { low: Uint8Array.of(0, 0), high: Uint8Array.of(1, 2), value: 0 },
    { low: Uint8Array.of(1, 0), high: Uint8Array.of(4, 2), value: 4 },
  ]
  const tree = decompose(leaves, [4, 2])
  assert.equal(tree.mean, 3)
  assert.equal(tree.variance, 3)
  assert.deepEqual([...tree.marginal(0)], [0, 4, 4, 4])
  assert.deepEqual([...tree.marginal(1)], [3, 3])
  assert.deepEqual([...tree.pairMarginal(0, 1)], [0, 0, 4, 4, 4, 4, 4, 4])
})

test('importance finds the shares that the variance has by its formula', () => {
  // Over the unit square, 2a has variance 4/12 and b 1/12: shares 0.8 and 0.2.
  const report = importance(
    growForest(
      analysisTable(
        trials(600, ({ a, b }) => 2 * a + b),
        minimise,
      ),
    ),
  )
  const share = (name: string) => report.parameters.find(({ names }) => names[0] === name)!
  near(share('a').importance, 0.8, 0.06, 'a')
  near(share('b').importance, 0.2, 0.06, 'b')
  assert.ok(share('a').real && share('b').real)
  for (const name of ['lr', 'optimizer', 'batch']) assert.ok(!share(name).real, name)
  assert.ok(report.explained! > 0.95)
  assert.equal(report.trials, 600)
  assert.deepEqual(report.parameters[0].names, ['a'])
  assert.ok(report.interactions[0].importance < 0.05)
})

test('importance sees an interaction that no parameter has alone', () => {
  const table = analysisTable(
    trials(600, ({ a, b }) => Math.sign(a - 0.5) * Math.sign(b - 0.5)),
    minimise,
  )
  const { parameters, interactions } = importance(growForest(table))
  assert.deepEqual(interactions[0].names.toSorted(), ['a', 'b'])
  assert.ok(interactions[0].importance > 0.7, `${interactions[0].importance}`)
  assert.ok(parameters.every(({ importance }) => importance < 0.25))
})

test('where nothing matters, few sweeps have any parameter that is called real, and where one matters it is found', () => {
  const sweeps = 40
  const realOf = (seed: number, count: number, value: Parameters<typeof trials>[1]) =>
    importance(growForest(analysisTable(trials(count, value, seed), minimise)))
      .parameters.filter(({ real }) => real)
      .map(({ names }) => names[0])
  let wrong = 0
  let found = 0
  for (let seed = 0; seed < sweeps; seed++) {
    if (realOf(seed, 20, (_, noise) => noise).length > 0) wrong++
    if (realOf(seed, 30, ({ lr }, noise) => 2 * (Math.log10(lr) + 2.5) ** 2 + 0.5 * noise).includes('lr')) found++
  }
  // At the 5 % level for a whole sweep of five parameters: two by chance (ten, if each were judged for itself).
  assert.ok(wrong <= 6, `${wrong} of ${sweeps} sweeps claim something`)
  assert.ok(found >= 0.9 * sweeps, `the learning rate is found in ${found} of ${sweeps} sweeps`)
})

test('a weak influence beside a strong one is told by its correlation, and then not called chance', () => {
  const rows = trials(
    200,
    ({ lr, optimizer }, noise) => (Math.log10(lr) + 2.5) ** 2 + (optimizer === 'sgd' ? 0.5 : 0) + 0.2 * noise,
  )
  const text = analyse(rows, minimise).conclusions.join('\n')
  assert.match(text, /lr accounts for/)
  assert.match(text, /optimizer = sgd goes with higher \(worse\) loss/)
  assert.doesNotMatch(text, /For [^.]*optimizer[^.]* no influence/)
  assert.match(text, /For [^.]*batch[^.]* no influence/)
})

test('the marginal effect follows the function, and its band is wider where there are fewer trials', () => {
  const effect = (count: number) =>
    marginalEffect(
      growForest(
        analysisTable(
          trials(count, ({ lr }, noise) => (Math.log10(lr) + 2) ** 2 + 0.2 * noise),
          minimise,
        ),
      ),
      'lr',
    )
  const many = effect(500)
  assert.equal(many.scale, 'log')
  assert.equal(many.trials, 500)
  for (const { value, mean, trials } of many.points)
    if (trials > 5) near(mean, (Math.log10(value as number) + 2) ** 2, 0.35, `at ${value}`)
  const best = many.points.reduce((a, b) => (b.mean < a.mean ? b : a))
  assert.ok((best.value as number) > 0.004 && (best.value as number) < 0.025, best.label)
  const width = (points: typeof many.points) =>
    points.reduce((sum, { low, high }) => sum + high - low, 0) / points.length
  assert.ok(width(effect(25).points) > 2 * width(many.points))
  assert.ok(many.points.every(({ low, mean, high }) => low <= mean && mean <= high))
})

test('a contour has the metric at each pair of values, and the trials', () => {
  const table = analysisTable(
    trials(400, ({ optimizer, batch }) => (optimizer === 'sgd' ? 1 : 0) + batch / 8),
    minimise,
  )
  const { x, y, means, uncertainties, trials: shown } = contour(growForest(table), 'optimizer', 'batch')
  assert.deepEqual(
    [x.values, y.values],
    [
      ['adam', 'rmsprop', 'sgd'],
      [8, 16, 32],
    ],
  )
  for (const [row, batch] of [8, 16, 32].entries())
    for (const [column, optimizer] of ['adam', 'rmsprop', 'sgd'].entries())
      near(means[row][column], (optimizer === 'sgd' ? 1 : 0) + batch / 8, 0.25, `${optimizer} ${batch}`)
  assert.equal(uncertainties.length, 3)
  assert.equal(shown.length, 400)
  assert.throws(
    () => contour(growForest(table), 'optimizer', 'nope'),
    /no parameter "nope" differs.*a, b, batch, lr, optimizer/,
  )
})

test('maximising mirrors minimising, and values stay as they were logged', () => {
  const low = trials(80, ({ a }, noise) => a + 0.1 * noise)
  const high = low.map((row) => ({ ...row, value: -row.value! }))
  const one = analyse(low, minimise)
  const other = analyse(high, { metric: 'loss', goal: 'maximize' })
  assert.deepEqual(other.importance, one.importance)
  assert.deepEqual(
    other.narrower.notes.map(({ configuration }) => configuration),
    one.narrower.notes.map(({ configuration }) => configuration),
  )
  const [a] = one.effects
  const [b] = other.effects
  for (const [index, point] of a.points.entries()) near(point.mean, -b.points[index].mean, 1e-9)
  assert.equal(other.correlations[0].correlation, -one.correlations[0].correlation)
})

test("ranks, correlations and their chances are SciPy's", () => {
  assert.deepEqual([...ranks([3, 1, 3, 2])], [3.5, 1, 3.5, 2])
  // scipy.stats.spearmanr([1, 2, 3, 4, 5, 6, 7], [2, 1, 4, 3, 7, 5, 5])
  const correlation = pearson(ranks([1, 2, 3, 4, 5, 6, 7]), ranks([2, 1, 4, 3, 7, 5, 5]))
  near(correlation, 0.8108437164260032, 1e-12)
  near(correlationChance(correlation, 7), 0.026916328843161995, 1e-12)
  // Exact ones, from Kendall's table: rho 0.9 of five values, two-sided; with ties too every dealing counts.
  near(permutationChance([1, 2, 3, 4, 5], [2, 1, 3, 4, 5]), 10 / 120, 1e-12)
  near(permutationChance([1, 2, 3], [1, 2, 3]), 2 / 6, 1e-12)
  near(permutationChance([0, 0, 1, 1], [1, 2, 3, 4]), 2 / 6, 1e-12)
  const [low, high] = correlationInterval(0.5, 50)
  near(low, 0.236, 0.01)
  near(high, 0.695, 0.01)
  assert.deepEqual(correlationInterval(0.9, 3), [-1, 1])
  assert.equal(pearson([1, 1, 1], [1, 2, 3]), 0)
})

test('categories are correlated value by value', () => {
  const rows = trials(60, ({ optimizer }, noise) => (optimizer === 'sgd' ? 3 : 0) + 0.1 * noise)
  const [first] = correlations(analysisTable(rows, minimise))
  assert.deepEqual([first.name, first.value], ['optimizer', 'sgd'])
  assert.ok(first.correlation > 0.7 && first.chance < 1e-6 && first.trials === 60)
})

test('a narrower sweep keeps what does well, widens at an end, and is a sweep that reads', () => {
  const rows = trials(
    150,
    ({ lr, a, optimizer }, noise) => (Math.log10(lr) + 2) ** 2 - 4 * a + (optimizer === 'sgd' ? 3 : 0) + 0.1 * noise,
  ).map((row) => ({ ...row, parameters: { ...row.parameters, lr: undefined, net: { lr: row.parameters.lr } } }))
  const { narrower } = analyse(rows, minimise)
  const note = (name: string) => narrower.notes.find((note) => note.name === name)!
  const lr = note('net.lr').configuration
  assert.ok(lr.min! > 5e-4 && lr.min! < 5e-3 && lr.max! > 0.02 && lr.max! <= 0.1, JSON.stringify(lr))
  assert.equal(lr.distribution, 'log_uniform_values')
  assert.deepEqual(note('optimizer').configuration, { values: ['adam', 'rmsprop'] })
  assert.match(note('optimizer').reason, /sgd is clearly worse than/)
  assert.ok(note('a').configuration.max! > 1.1, JSON.stringify(note('a').configuration))
  assert.match(note('a').reason, /the best is at the upper end of .* so it may lie beyond/)
  assert.equal(note('b').changed, false)
  assert.match(note('b').reason, /no influence that 150 trials would tell from chance/)
  const { space } = readSweep({ method: 'random', run_cap: 1, parameters: narrower.parameters })
  assert.deepEqual(
    space.parameters.map(({ name }) => name),
    ['a', 'b', 'batch', 'net.lr', 'optimizer'],
  )
})

test('a category value that clearly goes with worse trials is left out, though a forest of few trials leaves it open', () => {
  // The quick sweep of the X-ray study: every trial with adam is better than every one with sgd.
  const adam = [0.2177, 0.2374, 0.2395, 0.3116, 0.3228, 0.3491, 0.4537, 0.621]
  const sgd = [0.6779, 0.6785, 0.8466, 1.284]
  const rows = (values: { adam: number[]; sgd: number[] }) =>
    Object.entries(values).flatMap(([optimizer, losses]) =>
      losses.map((value, index) => ({
        id: `${optimizer} ${index}`,
        parameters: { optimizer, batch: [8, 16, 32][index % 3] },
        value,
      })),
    )
  const optimizer = ({ adam, sgd }: { adam: number[]; sgd: number[] }) =>
    analyse(rows({ adam, sgd }), minimise).narrower.notes.find(({ name }) => name === 'optimizer')!
  assert.deepEqual(optimizer({ adam, sgd }).configuration, { value: 'adam' })
  assert.match(optimizer({ adam, sgd }).reason, /^sgd is clearly worse than adam$/)
  // Mixed, nothing is left out.
  const mixed = optimizer({ adam: [...adam.slice(1), 1.284], sgd: [...sgd.slice(0, 3), 0.2177] })
  assert.equal(mixed.changed, false)
})

test('conclusions say how many trials they rest on, and with few that little can be said', () => {
  const rows = trials(60, ({ lr }, noise) => Math.log10(lr) + 0.1 * noise)
  const many = analyse(
    [...rows, { id: 'failed', parameters: {} }, { id: 'nan', parameters: {}, value: Number.NaN }],
    minimise,
  )
  assert.equal(many.leftOut, 2)
  const text = many.conclusions.join('\n')
  assert.match(text, /^The best of 60 trials is t\d+: loss -?[\d.]+, with a = /)
  assert.match(text, /2 trials had no finite value of loss and are left out\./)
  assert.match(
    text,
    /lr accounts for \d+ % of the differences in loss \(90 % interval \d+ % to \d+ %, over 60 trials; by chance alone/,
  )
  assert.match(text, /Higher lr goes with higher \(worse\) loss \(Spearman 0\.9\d, 95 % interval .*, 60 trials\)/)
  const few = analyse(rows.slice(0, 5), minimise)
  assert.match(few.conclusions.join('\n'), /5 trials are too few to say which parameter matters/)
  assert.ok(few.narrower.notes.every(({ changed }) => !changed))
  // Five trials in perfect order: a chance of 2 in 120, which is no conclusion among this many parameters.
  const perfect = analyse(
    [1, 2, 3, 4, 5].map((lr) => ({ id: `${lr}`, parameters: { lr, batch: 8 * (lr % 2), width: lr % 3 }, value: lr })),
    minimise,
  )
  assert.equal(perfect.correlations[0].correlation, 1)
  near(perfect.correlations[0].chance, 2 / 120, 1e-12)
  assert.equal(perfect.conclusions.length, 2, perfect.conclusions.join('\n'))
})

test('no trials, one trial, equal trials, equal values and a diverged one are all survived', () => {
  assert.deepEqual(analyse([], minimise).conclusions, ['No trial has a value of loss, so nothing can be said.'])
  assert.match(
    analyse(
      trials(1, () => 1),
      minimise,
    ).conclusions[0],
    /^The only trial is t0: loss 1\.$/,
  )
  const same = { lr: 1, name: 'x' }
  const equal = analyse(
    [0, 1, 2].map((value) => ({ id: `${value}`, parameters: same, value })),
    minimise,
  )
  assert.match(equal.conclusions.join('\n'), /No parameter differs between the 3 trials/)
  const flat = analyse(
    trials(30, () => 2),
    minimise,
  )
  assert.ok(flat.importance.parameters.every(({ importance, real }) => importance === 0 && !real))
  const rows = trials(40, ({ a }) => a)
  rows[3] = { ...rows[3], value: 1e12 }
  const diverged = analyse(rows, minimise)
  assert.equal(diverged.importance.parameters[0].names[0], 'a')
  assert.match(diverged.conclusions.join('\n'), /1 trial is so much worse than the rest that it counts as less bad/)
})

test('columns: what is a list, what is a range, what is a category, what is no parameter at all', () => {
  const rows = Array.from({ length: 40 }, (_, index) => ({
    id: `${index}`,
    value: index,
    parameters: {
      few: [0.1, 0.2, 0.3][index % 3],
      many: index / 7,
      wide: 10 ** (index % 20),
      flag: index % 2 === 0,
      list: [[1, 2], [3]][index % 2],
      runName: `run-${index}`,
      sometimes: index < 10 ? 'x' : undefined,
      constant: 1,
    },
  }))
  const { columns } = analysisTable(rows, minimise)
  assert.deepEqual(
    columns.map(({ name, scale, list, cells }) => [name, scale, list, cells.length]),
    [
      ['few', 'linear', true, 3],
      ['flag', 'category', true, 2],
      ['list', 'category', true, 2],
      ['many', 'linear', false, 32],
      ['sometimes', 'category', true, 2],
      ['wide', 'log', false, 32],
    ],
  )
})

test("a sweep's own space gives scales and bounds", () => {
  const { space } = readSweepText(`
method: random
run_cap: 1
parameters:
  lr: {distribution: log_uniform_values, min: 0.001, max: 1}
  depth: {min: 1, max: 5}
  batch: {values: [8, 16]}
  shift: {distribution: normal}
  net: {parameters: {width: {distribution: q_uniform, min: 8, max: 64, q: 8}}}`)
  assert.deepEqual(knownParameters(space), {
    batch: { list: true },
    depth: { scale: 'linear', min: 1, max: 5 },
    lr: { scale: 'log', min: 0.001, max: 1, list: false },
    'net.width': { scale: 'linear', min: 8, max: 64, list: false },
    shift: { scale: 'linear', list: false },
  })
  const rows = [0.2, 0.3, 0.4].map((lr, index) => ({ id: `${index}`, value: index, parameters: { lr } }))
  assert.deepEqual(analysisTable(rows, { ...minimise, known: knownParameters(space) }).columns[0].bounds, [0.001, 1])
})

test('the whole of it runs without Node', () => {
  const seen = new Set<string>()
  const visit = (file: URL) => {
    if (seen.has(file.href)) return
    seen.add(file.href)
    const text = readFileSync(file, 'utf8')
    for (const [, from] of text.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)) {
      assert.ok(from.startsWith('.'), `${file} imports ${from}`)
      visit(new URL(from, file))
    }
  }
  visit(new URL('index.ts', import.meta.url))
  assert.ok(seen.size > 10)
})
