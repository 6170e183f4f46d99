import { build as g } from '../ops/build.ts'
import type { OpName } from '../ops/registry.ts'
import type { Case } from './cases.ts'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number
const far = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 20, -20, 87, -87, 120, -120, 1e-30, -1e-30, 3e38, inf, -inf, nan]
const ordered = [1, nan, 2, -inf, nan, 0, -0, inf, 3]

/** Unary ops on the ends of their ranges: signed zeros, infinities, NaN, and where the exponential runs over. */
const unary = [
  'neg',
  'abs',
  'sign',
  'exp',
  'log',
  'log1p',
  'sqrt',
  'rsqrt',
  'reciprocal',
  'tanh',
  'sigmoid',
  'erf',
  'relu',
  'floor',
  'ceil',
  'round',
  'isNaN',
] as const
const binary = ['maximum', 'minimum', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'add', 'mul', 'div'] as const

/** Cases about values that samples drawn at random never hold. Vector instructions differ from each other in just these. */
export function specialCases(): Case[] {
  const pairs = far.flatMap((a) => [0, -0, 1, inf, -inf, nan].map((b) => [a, b]))
  const cases: Case[] = [
    ...unary.map((op) => ({
      op,
      name: 'special values',
      inputs: [{ shape: [far.length], values: far }],
      outputs: ([x]: Parameters<Case['outputs']>[0]) => [g[op](x)],
    })),
    ...binary.map((op) => ({
      op,
      name: 'special values',
      inputs: [0, 1].map((k) => ({ shape: [pairs.length], values: pairs.map((pair) => pair[k]) })),
      outputs: ([a, b]: Parameters<Case['outputs']>[0]) => [g[op](a, b)],
    })),
  ]
  for (const op of ['max', 'min', 'argmax', 'argmin', 'sum'] as const satisfies OpName[]) {
    // Rotations, so that NaN comes first, last and in between; and a row without any.
    const rows = ordered.map((_, shift) => [...ordered.slice(shift), ...ordered.slice(0, shift)])
    const values = [...rows, [-inf, -inf, -3, -inf, -3, -7, -3, -3, -3]].flat()
    const inputs = [{ shape: [rows.length + 1, ordered.length], values }]
    for (const axis of [0, 1]) {
      cases.push({
        op,
        name: `NaN, infinities and ties along axis ${axis}`,
        inputs,
        outputs: ([x]) => [op === 'argmax' || op === 'argmin' ? g[op](x, axis) : g[op](x, [axis])],
      })
    }
  }
  const windows = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] } as const
  cases.push(
    {
      op: 'maxPool2d',
      name: 'ties and NaN',
      inputs: [{ shape: [1, 1, 4, 4], values: [1, 1, 2, 3, 1, 1, 3, 3, nan, 1, -inf, -inf, 5, nan, -inf, -inf] }],
      outputs: ([x]) => [g.maxPool2d(x, windows), g.maxPool2dIndex(x, windows)],
    },
    {
      op: 'cast',
      name: 'to int32 and bool',
      inputs: [{ shape: [10], values: [1.9, -1.9, 0, -0, 0.5, 3e9, -3e9, inf, -inf, nan] }],
      outputs: ([x]) => [g.cast(x, 'int32'), g.cast(x, 'bool')],
    },
    {
      op: 'gather',
      name: 'indices out of range give 0',
      inputs: [
        { shape: [3, 2] },
        { shape: [4, 2], dtype: 'int32', values: [0, -1, 3, 2, 1, 1, -2147483648, 2147483647] },
      ],
      outputs: ([x, index]) => [g.gather(x, index, 0)],
    },
    {
      op: 'scatterAdd',
      name: 'indices out of range add nowhere',
      inputs: [{ shape: [4, 2] }, { shape: [4, 2], dtype: 'int32', values: [0, -1, 3, 2, 1, 1, 0, 2147483647] }],
      outputs: ([x, index]) => [g.scatterAdd(x, index, 0, 3)],
    },
    {
      op: 'remainder',
      name: 'negative numbers',
      inputs: [
        { shape: [8], values: [5, -5, 5, -5, 0, -0.5, 7.25, -7.25] },
        { shape: [8], values: [3, 3, -3, -3, 2, 2, -0.5, 2] },
      ],
      outputs: ([a, b]) => [g.remainder(a, b), g.remainder(g.cast(a, 'int32'), g.cast(g.mul(b, g.scalar(2)), 'int32'))],
    },
    {
      op: 'mul',
      name: 'integers wrap',
      inputs: [
        { shape: [3], dtype: 'int32', values: [2147483647, 65537, -2147483648] },
        { shape: [3], dtype: 'int32', values: [2, 65537, -1] },
      ],
      outputs: ([a, b]) => [g.mul(a, b), g.add(a, b), g.sub(a, b), g.neg(a), g.abs(a)],
    },
  )
  return cases
}
