import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Tree } from './tree.ts'

test('every row of a grouped table is a group or a run of an open group, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(6), fc.boolean()), { maxLength: 12 }), (shape) => {
      const groups = shape.map(([count], i) => ({ id: String(i), count }))
      const open = new Set(shape.flatMap(([, isOpen], i) => (isOpen ? [String(i)] : [])))
      const expected = groups.flatMap(({ id, count }, group) => [
        { kind: 'group', group },
        ...(open.has(id) ? Array.from({ length: count }, (_, index) => ({ kind: 'run', group, index })) : []),
      ])
      const tree = new Tree(groups, open)
      assert.equal(tree.length, expected.length)
      assert.deepEqual(
        expected.map((_, row) => tree.at(row)),
        expected,
      )
      assert.equal(tree.at(tree.length), undefined)
      assert.equal(tree.at(-1), undefined)
    }),
  )
})
