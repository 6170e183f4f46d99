import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunDetail } from '@trainyard/tracker/api'
import { change, compareRuns, outstanding } from './compare.ts'

const run = (part: Partial<RunDetail>) =>
  ({
    state: 'finished',
    created: 0,
    duration: 1,
    lastStep: 9,
    group: null,
    tags: [],
    environment: null,
    config: {},
    summary: {},
    ...part,
  }) as unknown as RunDetail

test('config is compared key by key; what one lacks differs', () => {
  const [config, summary] = compareRuns(
    [
      run({ config: { net: { depth: 2 }, lr: 0.1, same: 1 }, summary: { loss: 0.3, acc: { max: 0.8, last: 0.7 } } }),
      run({ config: { net: { depth: 3 }, same: 1 }, summary: { loss: 'NaN', acc: { max: 0.9, last: 0.6 } } }),
      run({ config: { net: { depth: 3 }, lr: 0.1, same: 1 }, summary: { loss: 0.2 } }),
    ],
    new Map([
      ['loss', 'minimize'],
      ['acc', 'maximize'],
    ]),
  )
  assert.deepEqual(
    config.rows.map(({ path, differs, texts }) => [path, differs, texts.join('|')]),
    [
      ['lr', true, '0.1||0.1'],
      ['net.depth', true, '2|3|3'],
      ['same', false, '1|1|1'],
    ],
  )
  assert.deepEqual(
    summary.rows.map(({ path, best }) => [path, best]),
    [
      ['acc.last', 0],
      ['acc.max', 1],
      ['loss', 2],
    ],
  )
})

test('facts that no run has are left out, dependencies only where they differ', () => {
  const environment = (version: string) =>
    ({
      command: 'node a',
      host: 'h',
      runtime: null,
      cpu: null,
      git: null,
      packages: { yaml: version, hono: '1' },
    }) as never
  const sections = compareRuns(
    [run({ environment: environment('1') }), run({ environment: environment('2') })],
    new Map(),
  )
  assert.deepEqual(
    sections.map(({ title }) => title),
    ['Run', 'Dependencies'],
  )
  assert.ok(!sections[0].rows.some(({ path }) => path === 'Processor'))
  assert.deepEqual(
    sections[1].rows.map(({ path }) => path),
    ['yaml'],
  )
})

test('changes in percent', () => {
  assert.equal(change(0.9, 0.8), '+12.5 %')
  assert.equal(change(-1, 2), '−150 %')
  assert.equal(change(3, 0), '+3')
  assert.equal(change('adam', 'sgd'), '')
  assert.equal(change(1, 1), '')
  assert.equal(change(undefined, 1), '')
})

test('the odd ones out stand out', () => {
  const row = (values: (number | undefined)[]) => ({
    path: 'x',
    values,
    texts: [],
    differs: new Set(values).size > 1,
    best: null,
  })
  assert.deepEqual(outstanding(row([1, 1, 2, undefined]), null), [true, true, true, true], 'half is no majority')
  assert.deepEqual(outstanding(row([1, 1, 1, 2, undefined]), null), [false, false, false, true, true])
  assert.deepEqual(outstanding(row([1, 2]), 0), [false, true])
  assert.deepEqual(outstanding(row([1, 1]), null), [false, false])
})
