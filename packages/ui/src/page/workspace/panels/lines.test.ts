import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeriesData } from '@trainyard/tracker/api'
import { groupLines, runLines } from './lines.ts'

const subjects = [
  { key: 'a', label: 'run a', color: '#111111', runs: ['a'] },
  { key: 'b', label: 'run b', color: '#222222', runs: ['b'] },
]
const series = (run: string, metric: string, part: Partial<SeriesData> = {}): [string, SeriesData] => [
  `${run}\n${metric}`,
  {
    run,
    metric,
    keep: 0,
    x: [0, 1],
    y: [1, 2],
    bucket: 0,
    points: 2,
    nonFinite: 0,
    extent: [0, 1],
    cursor: '',
    ...part,
  },
]

test('a run is one line, with what a pixel holds or with what was there before smoothing', () => {
  const data = new Map([
    series('a', 'loss', { min: [0, 1], max: [2, 3] }),
    series('b', 'loss', { min: [0, 1], max: [2, 3], raw: [1.5, 2.5] }),
  ])
  const [a, b] = runLines(subjects, ['loss'], data)
  assert.deepEqual([a.key, a.label, a.low, a.raw], ['a', 'run a', [0, 1], undefined])
  assert.deepEqual([b.raw, b.low], [[1.5, 2.5], undefined])
})

test('two metrics in one chart keep the colour of the run and get dashes of their own; what is missing is left out', () => {
  const lines = runLines(
    subjects,
    ['loss', 'acc'],
    new Map([series('a', 'loss'), series('a', 'acc'), series('b', 'acc', { x: [], y: [] })]),
  )
  assert.deepEqual(
    lines.map(({ label, color, dash }) => [label, color, dash?.length]),
    [
      ['run a · loss', '#111111', 0],
      ['run a · acc', '#111111', 2],
    ],
  )
})

test('a group is a line with a band', () => {
  const data = new Map([['a\nloss', { key: 'a', x: [0], center: [1], low: [0.5], high: [1.5], count: [3], runs: 3 }]])
  const [line] = groupLines(subjects, ['loss'], data)
  assert.deepEqual([line.run, line.y, line.low, line.count], [null, [1], [0.5], [3]])
})
