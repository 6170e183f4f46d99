import assert from 'node:assert/strict'
import { test } from 'node:test'
import { build as g } from '../ops/build.ts'
import { registry } from '../ops/registry.ts'
import { enableGrad, isGradEnabled, makeLeaf, noGrad, topologicalOrder } from './node.ts'

const leaf = (requiresGrad = false) => makeLeaf(registry.input, { index: 0 }, [2], 'float32', requiresGrad)

test('the order lists every node once, after its inputs', () => {
  const x = leaf()
  const y = g.add(x, x)
  const z = g.mul(y, g.sub(y, x))
  const order = topologicalOrder([z, y])
  assert.equal(new Set(order).size, order.length)
  for (const node of order) for (const input of node.inputs) assert.ok(order.indexOf(input) < order.indexOf(node))
})

test('a graph of a hundred thousand nodes in a row does not run over the call stack', () => {
  let x = leaf()
  for (let i = 0; i < 100_000; i++) x = g.neg(x)
  assert.equal(topologicalOrder([x]).length, 100_001)
})

test('the walk does not go beyond nodes at which it is stopped', () => {
  const y = g.exp(leaf())
  assert.deepEqual(
    topologicalOrder([g.neg(y)], (node) => node === y).map((node) => node.op.name),
    ['exp', 'neg'],
  )
})

test('whether gradients flow follows from the inputs, the op and the switch', () => {
  const x = leaf(true)
  assert.ok(g.neg(x).requiresGrad)
  assert.ok(!g.neg(leaf()).requiresGrad)
  assert.ok(!g.gt(x, g.scalar(0)).requiresGrad, 'truths have no gradient')
  assert.ok(!g.detach(x).requiresGrad)
  noGrad(() => {
    assert.ok(!isGradEnabled())
    assert.ok(!g.neg(x).requiresGrad)
    assert.ok(enableGrad(() => g.neg(x)).requiresGrad)
  })
  assert.throws(() =>
    noGrad(() => {
      throw new Error('inside')
    }),
  )
  assert.ok(isGradEnabled(), 'the switch is set back after an error')
})
