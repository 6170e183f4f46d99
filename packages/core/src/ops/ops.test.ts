import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { reference } from '../backends/reference/index.ts'
import { makeLeaf, makeNode } from '../graph/node.ts'
import { forwardCases, gradientCases, prepare } from '../testing/cases.ts'
import { asArguments } from '../testing/elements.ts'
import { checkGradient } from '../testing/gradcheck.ts'
import { build as g } from './build.ts'
import { erf } from './real.ts'
import { type OpName, registry } from './registry.ts'
import type { OpSpec } from './spec.ts'

const LEAVES = ['buffer', 'input', 'feed', 'constant', 'iota', 'random']

describe('ops', () => {
  test('every op has samples', () => {
    for (const [name, op] of Object.entries(registry) as [OpName, OpSpec][]) {
      assert.equal(op.name, name)
      if (!LEAVES.includes(name)) assert.ok(op.samples().length > 0, name)
    }
  })

  for (const example of gradientCases()) {
    const first = forwardCases().find(({ op, name }) => op === example.op && `gradient ${name}` === example.name)!
    test(`gradient of ${first.op}, ${first.name}`, () => {
      checkGradient(first)
    })
    test(`second derivatives of ${first.op}, ${first.name}`, () => {
      checkGradient(example)
    })
  }

  for (const example of forwardCases()) {
    test(`${example.op}, ${example.name}: shape and type are as computed`, async () => {
      const { graph, elements } = prepare(example)
      const program = await reference.build(graph)
      const results = await program.run({ inputs: asArguments(elements), buffers: [], feeds: [] })
      graph.outputs.forEach(({ shape, dtype }, i) => {
        assert.equal(
          results[i].size,
          shape.reduce((a, b) => a * b, 1),
        )
        assert.equal(results[i].read().constructor, dtype === 'float32' ? Float32Array : Int32Array)
        if (dtype === 'bool') assert.ok(results[i].read().every((x) => x === 0 || x === 1))
      })
    })
  }
})

describe('operands that do not fit are refused, with shapes, rule and way out', () => {
  const leaf = (shape: number[], dtype: 'float32' | 'int32' | 'bool' = 'float32') =>
    makeLeaf(registry.input, { index: 0 }, shape, dtype)
  const [x, i, b] = [leaf([2, 3]), leaf([2, 3], 'int32'), leaf([2, 3], 'bool')]
  const images = leaf([1, 3, 4, 4])
  const plain = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } as const
  const cases: [() => unknown, RegExp][] = [
    [() => g.add(x, leaf([2, 4])), /^ShapeError: add: \[2, 3\] and \[2, 4\] cannot be broadcast together/],
    [() => makeNode(registry.add, [x, leaf([3])], {}), /^ShapeError: add: shapes \[2, 3\] and \[3\] differ/],
    [() => makeNode(registry.add, [x, i], {}), /^DTypeError: add: operands of types float32 and int32; convert/],
    [() => g.exp(i), /^DTypeError: exp: is defined for float32, got int32/],
    [() => g.and(x, x), /^DTypeError: and: is defined for bool, got float32/],
    [() => g.neg(b), /^DTypeError: neg: is defined for float32 and int32, got bool/],
    [() => g.where(x, x, x), /^DTypeError: where: the condition must be bool, got float32; compare first/],
    [() => g.sum(b, [0]), /^DTypeError: sum: is defined for float32 and int32, got bool/],
    [() => g.max(leaf([0, 2]), [0]), /^ShapeError: max: nothing to choose from along axes \[0\] of \[0, 2\]/],
    [() => g.argmax(leaf([2, 0]), 1), /^ShapeError: argmax: nothing to choose from along axis 1/],
    [() => g.reshape(x, [4]), /^ShapeError: reshape: \[2, 3\] has 6 elements, \[4\] has 4/],
    [() => g.permute(x, [0, 0]), /^ShapeError: permute: \[0, 0\] is not an order of the 2 axes/],
    [() => g.expand(x, [2, 6]), /^ShapeError: expand: \[2, 3\] cannot be stretched to \[2, 6\]/],
    [() => g.pad(x, [1], [1, 0], 0), /^ShapeError: pad: .* one size of at least 0 for each axis of \[2, 3\]/],
    [() => g.slice(x, [0, 2], [2, 5]), /^ShapeError: slice: 2:5:1 is not a range of axis 1 of \[2, 3\]/],
    [() => g.concat([x, leaf([2, 3, 1])], 0), /^ShapeError: concat: .* differ on an axis other than 0/],
    [() => g.matmul(i, i, false, true), /^DTypeError: matmul: is defined for float32, got int32 and int32/],
    [() => g.matmul(x, x, false, false), /^ShapeError: matmul: \[2, 3\] @ \[2, 3\]: inner sizes 3 and 2 differ/],
    [() => g.conv2d(x, x, plain), /^ShapeError: conv2d: wants images \[N, C, H, W\] and weights/],
    [() => g.conv2d(leaf([1, 3, 4, 4], 'int32'), images, plain), /^DTypeError: conv2d: is defined for float32/],
    [() => g.conv2d(images, leaf([3, 1, 3, 3]), plain), /have 3 channels, weights .* with groups 1 want 1/],
    [() => g.conv2d(images, leaf([2, 1, 3, 3]), { ...plain, groups: 3 }), /2 output channels cannot be split into 3/],
    [() => g.conv2d(images, leaf([2, 3, 5, 5]), plain), /a window of 5×5 .* does not fit images \[1, 3, 4, 4\]/],
    [() => g.gather(x, x, 0), /^DTypeError: gather: the index must be int32, got float32/],
    [() => g.gather(x, leaf([2, 4], 'int32'), 0), /^ShapeError: gather: index \[2, 4\] does not go with \[2, 3\]/],
    [
      () => g.scatterAdd(x, leaf([1, 3], 'int32'), 0, 5),
      /^ShapeError: scatterAdd: elements \[2, 3\] and index \[1, 3\]/,
    ],
  ]
  for (const [mistake, message] of cases) test(String(message), () => assert.throws(mistake, message))
})

test('the error function, against values of more digits (Abramowitz and Stegun, table 7.1)', () => {
  for (const [at, value] of [
    [0.5, 0.5204998778],
    [1, 0.8427007929],
    [2, 0.995322265],
    [2.6, 0.9997639656],
    [3, 0.9999779095],
    [7, 1],
  ]) {
    assert.ok(Math.abs(erf(at) - value) < 1e-10, `${at}`)
    assert.equal(erf(-at), -erf(at))
  }
  assert.ok(Number.isNaN(erf(Number.NaN)))
})
