import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyse } from '@trainyard/tracker/analysis'
import { readSweepText } from '../../../packages/tracker/src/sweep/configuration/read.ts'
import { toMarkdown } from '../report/markdown.ts'
import { nextSweep, sweepReport } from './report.ts'
import type { SweepOutcome, TrialResult } from './trials.ts'

/** A sweep whose metric depends on `lr` alone, with a best at 0.01, and one trial that failed. */
function outcome(count: number): SweepOutcome {
  const trials = Array.from({ length: count }, (_, trial): TrialResult => {
    const lr = 10 ** (-4 + 3 * ((trial * 0.618) % 1))
    const optimizer = trial % 2 === 0 ? 'adam' : 'sgd'
    const value = 0.1 + Math.log10(lr / 0.01) ** 2
    return {
      trial,
      run: `r${trial}`,
      state: 'finished',
      parameters: { lr, optimizer },
      value,
      metrics: { 'test/f1': 1 - value / 5 },
      seconds: 3,
      reason: null,
    }
  })
  trials.push({
    trial: count,
    run: null,
    state: 'failed',
    parameters: { lr: 1, optimizer: 'adam' },
    value: null,
    metrics: {},
    seconds: 1,
    reason: 'no program\nat all',
  })
  const rows = trials.map(({ trial, parameters, value }) => ({ id: `trial ${trial}`, parameters, value }))
  const best = trials.filter(({ value }) => value !== null).reduce((a, b) => (b.value! < a.value! ? b : a))
  const parameter = {
    kind: 'continuous',
    distribution: 'log_uniform_values',
    min: 1e-4,
    max: 0.1,
    values: null,
    log: true,
  } as const
  return {
    id: 'ab12',
    name: 'rates',
    method: 'random',
    metric: 'loss',
    goal: 'minimize',
    trials,
    best,
    analysis: analyse(rows, { metric: 'loss', goal: 'minimize', known: { lr: { scale: 'log', min: 1e-4, max: 0.1 } } }),
    searched: ['lr', 'optimizer'],
    space: [
      { name: 'lr', ...parameter },
      {
        ...parameter,
        name: 'optimizer',
        kind: 'categorical',
        distribution: 'categorical',
        values: ['adam', 'sgd'],
        min: null,
        max: null,
        log: false,
      },
    ],
    configuration: {
      method: 'random',
      seed: 5,
      run_cap: 40,
      metric: { name: 'loss', goal: 'minimize' },
      parameters: {
        lr: { distribution: 'log_uniform_values', min: 1e-4, max: 0.1 },
        optimizer: { values: ['adam', 'sgd'] },
        epochs: { value: 3 },
      },
      command: ['trainyard', 'study', 'xray', '$' + '{args}'],
    },
  }
}

const report = (of: SweepOutcome) =>
  sweepReport({ outcome: of, further: ['test/f1'], seconds: 9, nextCommand: 'trainyard study xray --sweep next.yaml' })

test('a report says what matters and how sure that is, and proposes a sweep that can be run', () => {
  const swept = outcome(40)
  const text = toMarkdown(report(swept))
  assert.match(text, /lr accounts for \d+ % of the differences in loss \(90 % interval .* over 40 trials/)
  assert.match(text, /For optimizer no influence can be told from chance/)
  assert.match(text, /\| 40 \| 1 \| adam \| – \| – \| 1\.0 s \| failed: no program \|/)
  assert.match(text, /1 trial had no finite value of loss and is left out/)
  const next = readSweepText(nextSweep(swept))
  assert.deepEqual([next.name, next.runCap, next.seed], ['rates, narrower', 40, undefined])
  const lr = next.space.parameters.find(({ name }) => name === 'lr')!.distribution
  const [low, high] = [Number(lr.quantile(0)), Number(lr.quantile(1))]
  assert.ok(low > 1e-4 && low < 0.01 && high > 0.01 && high <= 0.1, `${low} to ${high}`)
  assert.deepEqual(next.space.parameters.map(({ name }) => name).sort(), ['epochs', 'lr', 'optimizer'])
})

test('with few trials it says that little can be said, and proposes no narrower space', () => {
  const swept = outcome(4)
  const text = toMarkdown(report(swept))
  assert.match(text, /4 trials are too few to say which parameter matters/)
  assert.match(text, /Nothing speaks for a narrower space yet/)
  assert.equal(readSweepText(nextSweep(swept)).name, 'rates, again')
})

test('figures hold every trial with a value', () => {
  const { figures } = report(outcome(40))
  assert.deepEqual(
    figures.map(({ name }) => name),
    ['parallel', 'effects', 'importance'],
  )
  const [parallel, effects] = figures
  assert.equal(parallel.svg.match(/<path /g)!.length, 40, 'one line a trial')
  assert.equal(effects.svg.match(/<circle /g)!.length, 2 * 40, 'one dot a trial and parameter')
  for (const { svg } of figures) assert.ok(!/NaN|Infinity/.test(svg))
})
