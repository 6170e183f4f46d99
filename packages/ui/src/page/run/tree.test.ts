import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flatten, treeRows } from './tree.ts'

const config = { optimizer: { name: 'adam', lr: 0.1 }, layers: [1, 2], empty: {}, block10: 1, block2: 2 }

test('a tree in the order a person counts; closed branches hide what is inside', () => {
  assert.deepEqual(
    treeRows(config, new Set()).map(
      ({ name, depth, size }) => `${' '.repeat(depth)}${name}${size ? ` (${size})` : ''}`,
    ),
    ['block2', 'block10', 'empty', 'layers', 'optimizer (2)', ' lr', ' name'],
  )
  assert.equal(treeRows(config, new Set(['optimizer'])).length, 5)
})

test('a search looks at paths and values, and shows whole paths', () => {
  assert.deepEqual(
    treeRows(config, new Set(['optimizer']), 'ADAM').map(({ name }) => name),
    ['optimizer.name'],
  )
  assert.deepEqual(
    treeRows(config, new Set(), 'optimizer').map(({ name }) => name),
    ['optimizer.lr', 'optimizer.name'],
  )
})

test('flat', () => {
  assert.deepEqual(flatten(config).get('optimizer.lr'), 0.1)
  assert.deepEqual(flatten(config).get('empty'), {})
})
