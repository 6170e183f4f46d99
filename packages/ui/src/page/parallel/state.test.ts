import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Column, SweepParameter } from '@trainyard/tracker/api'
import { encodeJson } from '../address/json.ts'
import { type ParallelState, readParallel, runAxes, sweepAxes, writeParallel } from './state.ts'

test('everything comes back from the address', () => {
  const state: ParallelState = {
    axes: [
      { column: 'config.lr', log: true, flip: false, range: [0.001, 0.1] },
      { column: 'min.val/loss', log: null, flip: true, range: null },
    ],
    brushes: [{ column: 'config.lr', from: 0.001, to: 0.01 }],
    color: 'min.val/loss',
    top: 0.25,
  }
  assert.deepEqual(readParallel(writeParallel(state)), state)
})

test('mangled addresses say nothing, or what can be read of them', () => {
  for (const text of ['', '%%%', encodeJson(7), encodeJson(['x'])]) assert.equal(readParallel(text), null)
  assert.deepEqual(readParallel(encodeJson([[['a', 3], 4, [5]], 'no', 9, 7])), {
    axes: [{ column: 'a', log: true, flip: true, range: null }],
    brushes: [],
    color: null,
    top: 1,
  })
})

test('a sweep shows what it swept and its metric', () => {
  const parameter = (name: string, part: Partial<SweepParameter>): SweepParameter => ({
    name,
    kind: 'continuous',
    distribution: 'uniform',
    min: 0,
    max: 1,
    values: null,
    log: false,
    ...part,
  })
  assert.deepEqual(
    sweepAxes([parameter('lr', { log: true }), parameter('fixed', { kind: 'constant' })], {
      name: 'val/loss',
      goal: 'minimize',
    }).map(({ column, log }) => [column, log]),
    [
      ['config.lr', true],
      ['min.val/loss', false],
    ],
  )
})

test('runs of no sweep show what differs and the most telling metric', () => {
  const column = (id: string, part: Partial<Column> = {}): Column => ({
    id,
    kind: id.startsWith('config.') ? 'config' : 'metric',
    key: id.slice(id.indexOf('.') + 1),
    type: 'number',
    runs: 9,
    min: 0,
    max: 1,
    values: null,
    differs: true,
    swept: false,
    ...part,
  })
  const axes = runAxes([
    column('config.seed'),
    column('config.lr', { min: 1e-5, max: 0.1 }),
    column('config.path', { type: 'string', values: null }),
    column('config.same', { differs: false }),
    column('last.acc'),
    column('last.val/loss'),
    column('last.system/cpu'),
  ])
  assert.deepEqual(
    axes.map(({ column: id, log }) => [id, log]),
    [
      ['config.lr', null],
      ['last.val/loss', false],
    ],
  )
})
