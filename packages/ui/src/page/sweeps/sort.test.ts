import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Trial } from '@trainyard/tracker/api'
import { sortTrials } from './sort.ts'

const trials = [
  { id: 0, value: 0.3, params: { lr: 0.1, optimizer: 'sgd' }, started: 0, ended: 9 },
  { id: 1, value: null, params: { lr: 0.01, optimizer: 'adam' }, started: 0, ended: null },
  { id: 2, value: 0.1, params: { optimizer: 'lion' }, started: 0, ended: 5 },
] as unknown as Trial[]
const ids = (column: string, descending = false) => sortTrials(trials, { column, descending }).map(({ id }) => id)

test('by value, by parameter, by what is computed; what is missing comes last either way', () => {
  assert.deepEqual(ids('value'), [2, 0, 1])
  assert.deepEqual(ids('value', true), [0, 2, 1])
  assert.deepEqual(ids('params.lr'), [1, 0, 2])
  assert.deepEqual(ids('params.optimizer'), [1, 2, 0])
  assert.deepEqual(ids('duration', true), [0, 2, 1])
  assert.deepEqual(ids('id', true), [2, 1, 0])
})
