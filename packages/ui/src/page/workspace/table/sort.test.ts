import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cycled } from './sort.ts'

test('ascending, descending, not at all', () => {
  const one = cycled([], 'a', false)
  const two = cycled(one, 'a', false)
  assert.deepEqual(
    [one, two, cycled(two, 'a', false)],
    [[{ column: 'a', descending: false }], [{ column: 'a', descending: true }], []],
  )
})

test('with shift, others stay and keep their rank', () => {
  const both = cycled(cycled([], 'a', false), 'b', true)
  assert.deepEqual(
    cycled(both, 'a', true).map(({ column, descending }) => [column, descending]),
    [
      ['a', true],
      ['b', false],
    ],
  )
  assert.deepEqual(
    cycled(cycled(both, 'a', true), 'a', true).map(({ column }) => column),
    ['b'],
  )
  assert.deepEqual(cycled(both, 'c', false).length, 1)
})
