import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '../graph/node.ts'
import { build as g } from '../ops/build.ts'
import { decompose } from './decompose.ts'
import { printGraph } from './print.ts'
import { simplify } from './simplify.ts'
import { argument } from './testing.ts'

/** What is left of a graph, in words. */
function simplified(node: Node): string[] {
  return printGraph(simplify([node]))
    .split('\n')
    .slice(0, -1)
}

const opsOf = (node: Node): string[] => simplified(node).map((line) => line.replace(/^%\d+ = (\w+).*$/, '$1'))

test('identities and double views disappear', () => {
  const x = argument([2, 3])
  assert.deepEqual(opsOf(g.add(g.mul(g.identity(g.detach(x)), g.scalar(1)), g.scalar(0))), ['input'])
  assert.deepEqual(opsOf(g.permute(g.permute(x, [1, 0]), [1, 0])), ['input'])
  assert.deepEqual(opsOf(g.reshape(g.reshape(x, [6]), [2, 3])), ['input'])
  assert.deepEqual(opsOf(g.neg(g.neg(x))), ['input'])
})

test('constants are folded, but transcendental functions are left to the kernels', () => {
  const x = argument([2])
  const sum = g.mul(x, g.add(g.scalar(2), g.scalar(3)))
  assert.match(simplified(sum).join('\n'), /constant\(value: 5\)/)
  assert.ok(opsOf(g.mul(x, g.exp(g.scalar(2)))).includes('exp'))
})

test('equal parts are one', () => {
  const x = argument([4])
  assert.deepEqual(opsOf(g.add(g.exp(x), g.exp(x))), ['input', 'exp', 'add'])
  const y = argument([4])
  assert.deepEqual(opsOf(g.sub(g.mul(x, y), g.mul(y, x))), ['input', 'input', 'mul', 'sub'])
})

test('a transposition goes into the product it feeds, or that it is applied to', () => {
  const [a, b] = [argument([3, 4]), argument([5, 4])]
  const product = g.matmul(a, g.permute(b, [1, 0]), false, false)
  assert.deepEqual(opsOf(product), ['input', 'input', 'matmul'])
  assert.match(simplified(product).at(-1)!, /transposeB: true/)
  assert.deepEqual(opsOf(g.permute(product, [1, 0])), ['input', 'input', 'matmul'])
})

test('factors that do not vary are drawn out of a sum', () => {
  const [x, y, scale] = [argument([8, 3]), argument([8, 3]), argument([3])]
  const scaled = g.sum(g.mul(g.mul(x, g.expand(g.reshape(scale, [1, 3]), [8, 3])), y), [0])
  assert.deepEqual(opsOf(scaled).slice(-3), ['mul', 'sum', 'mul'])
})

test('the two sums that a batch norm needs backwards are the same for weight and input', () => {
  const [x, grad] = [argument([4, 3, 2, 2]), argument([4, 3, 2, 2])]
  const y = g.standardize(x, [0, 2, 3], 1e-5)
  const gradient = y.op.gradient!({ g, inputs: [x], output: y, grad, attrs: y.attrs })[0]!
  const weightGradient = g.sum(g.mul(grad, y), [0, 2, 3])
  const sums = printGraph(simplify(decompose([gradient, weightGradient])))
    .split('\n')
    .filter((line) => line.includes('= sum('))
  // Mean, variance, Σ grad, Σ grad · x̂.
  assert.equal(sums.length, 4)
})

test('the largest place is said with a reduction over positions', () => {
  const lines = printGraph(simplify(decompose([g.argmax(argument([2, 5]), 1)])))
  assert.match(lines, /max\(%0, axes: \[1\]\)/)
  assert.match(lines, /iota/)
  assert.doesNotMatch(lines, /argmax/)
})
