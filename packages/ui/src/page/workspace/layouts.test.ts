import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '@trainyard/tracker/api'
import { applyLayout, isChanged, layoutValue } from './layouts.ts'
import { defaultState } from './state.ts'

test('a layout brings back what was set up, not which runs were shown', () => {
  const state = {
    ...defaultState(),
    where: 'config.lr < 0.1',
    groupBy: ['config.lr'],
    hidden: ['a'],
    only: ['b'],
    layout: 'old',
  }
  const value = layoutValue(state)
  const later = { ...defaultState(), hidden: ['z'] }
  const applied = applyLayout(value, 'mine', later)
  assert.deepEqual(
    [applied.where, applied.groupBy, applied.hidden, applied.only, applied.layout],
    ['config.lr < 0.1', ['config.lr'], ['z'], [], 'mine'],
  )
  assert.equal(isChanged(applied, value), false)
  assert.equal(isChanged({ ...applied, search: 'x' }, value), true)
})

test('a layout that somebody else wrote, or nobody understands, is an untouched workspace', () => {
  for (const value of [null, 3, 'text', [], { version: 9 }, { query: 7 }] as Json[])
    assert.deepEqual(applyLayout(value, 'x', defaultState()), { ...defaultState(), layout: 'x' })
})
