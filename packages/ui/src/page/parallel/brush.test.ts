import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeAxis } from './axis.ts'
import { best, chosen, whereOf, withBrush } from './brush.ts'

const axis = (column: string, values: (number | string | null)[], list?: boolean) =>
  makeAxis({ column, log: false, flip: false, range: null }, values, list)
const lr = axis('config.lr', [0.1, 0.2, 0.3, null, 0.5], false)
const optimizer = axis('config.optimizer/name', ['adam', 'sgd', 'lion', 'sgd', 'adam'])
const loss = axis('min.val/loss', [0.9, 0.1, 'NaN', 0.5, 0.3], false)

test('brushes on several axes choose what is inside of all; what has no value is outside', () => {
  assert.deepEqual([...chosen([lr, optimizer], [{ column: 'config.lr', from: 0.1, to: 0.3 }], 5)], [1, 1, 1, 0, 0])
  assert.deepEqual(
    [
      ...chosen(
        [lr, optimizer],
        [
          { column: 'config.lr', from: 0.1, to: 0.5 },
          { column: 'config.optimizer/name', from: 0, to: 1 },
        ],
        5,
      ),
    ],
    [1, 0, 1, 0, 1],
  )
  assert.deepEqual([...chosen([lr], [{ column: 'gone', from: 0, to: 1 }], 5)], [1, 1, 1, 1, 1])
})

test('the best share, in either direction', () => {
  assert.deepEqual(best(loss, 'minimize', 0.5), { column: 'min.val/loss', from: 0.1, to: 0.3 })
  assert.deepEqual(best(loss, 'maximize', 0.01), { column: 'min.val/loss', from: 0.9, to: 0.9 })
  assert.equal(best(axis('x', [null]), 'minimize', 0.1), null)
})

test('the same as a filter for the runs table', () => {
  assert.equal(
    whereOf(
      [lr, optimizer, loss],
      [
        { column: 'config.lr', from: 0.1, to: 0.3 },
        { column: 'config.optimizer/name', from: 1, to: 2 },
        { column: 'min.val/loss', from: 0.1, to: 0.2 },
      ],
    ),
    'config.lr >= 0.1 and config.lr <= 0.3 and config["optimizer/name"] in ["lion", "sgd"] and min["val/loss"] >= 0.1 and min["val/loss"] <= 0.2',
  )
  assert.equal(
    whereOf([optimizer], [{ column: 'config.optimizer/name', from: 0, to: 0 }]),
    'config["optimizer/name"] == "adam"',
  )
})

test('one brush an axis', () => {
  const first = withBrush([], 'a', { column: 'a', from: 0, to: 1 })
  assert.deepEqual(withBrush(first, 'a', { column: 'a', from: 2, to: 3 }), [{ column: 'a', from: 2, to: 3 }])
  assert.deepEqual(withBrush(first, 'a', null), [])
})
