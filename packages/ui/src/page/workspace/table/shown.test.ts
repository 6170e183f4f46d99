import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownRuns, toggled, type Visibility } from './shown.ts'

const rows = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ id }))
const start: Visibility = { limit: 3, hidden: [], shown: [], only: [] }
const ids = (part: Partial<Visibility>) => shownRuns(rows, { ...start, ...part }, (id) => ({ id })).map(({ id }) => id)

test('the first ones are shown; hiding one lets the next in', () => {
  assert.deepEqual(ids({}), ['a', 'b', 'c'])
  assert.deepEqual(ids({ hidden: ['b'] }), ['a', 'c', 'd'])
  assert.deepEqual(ids({ shown: ['f', 'a', 'far'] }), ['a', 'b', 'c', 'f', 'far'])
  assert.deepEqual(ids({ only: ['e', 'b'], hidden: ['b'] }), ['e', 'b'])
})

test('what nobody knows yet is left out', () => {
  assert.deepEqual(shownRuns(rows, { ...start, only: ['far', 'a'] }), [{ id: 'a' }])
})

test('switching off and on again leaves nothing behind', () => {
  const off = toggled(start, 'a', false, true)
  assert.deepEqual(off, { hidden: ['a'], shown: [], only: [] })
  assert.deepEqual(toggled({ ...start, ...off }, 'a', true, true), { hidden: [], shown: [], only: [] })
  const extra = toggled(start, 'e', true, false)
  assert.deepEqual(ids(extra), ['a', 'b', 'c', 'e'])
  assert.deepEqual(toggled({ ...start, ...extra }, 'e', false, false), { hidden: [], shown: [], only: [] })
})

test('while only some are shown, switching changes these', () => {
  const only = { ...start, only: ['a'] }
  assert.deepEqual(toggled(only, 'd', true, false).only, ['a', 'd'])
  assert.deepEqual(toggled(only, 'a', false, true), { hidden: [], shown: [], only: [] })
})
