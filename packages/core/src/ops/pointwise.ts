import { DTypeError, ShapeError } from '../errors.ts'
import type { Node } from '../graph/node.ts'
import type { DType } from '../tensor/dtype.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'
import type { Builders } from './builders.ts'
import type { BinaryName, PointwiseName, UnaryName } from './names.ts'
import { erf, roundHalfToEven } from './real.ts'
import type { OpSpec, Sample, SampleInput } from './spec.ts'

/** Gradients with respect to the operands, given that of the result. */
type Derivative = (g: Builders, grad: Node, inputs: readonly Node[], output: Node) => readonly (Node | null)[]

interface Row {
  /** What is computed for one element, in float64; the reference backend rounds the result to the type. */
  readonly evaluate: (a: number, b: number, c: number) => number
  readonly derivative: Derivative | null
  /** Type of the result; default: that of the (equal) operands. */
  readonly result?: DType
  /** Types of operands it is defined for; default: float32 and int32. */
  readonly accepts?: readonly DType[]
  /** Where samples come from, where -2..2 will not do; one entry an operand, or one for all. */
  readonly samples?: readonly SampleInput[]
}

const float: readonly DType[] = ['float32']
const numbers: readonly DType[] = ['float32', 'int32']
const any: readonly DType[] = ['float32', 'int32', 'bool']
const bool: readonly DType[] = ['bool']

const at = (lo: number, hi: number): SampleInput => ({ shape: [2, 3], range: [lo, hi] })
/** Away from the kink at 0, for finite differences. */
const apart: SampleInput = { shape: [3, 4], range: [-2, 2], distinct: 0.05 }
const truth: SampleInput = { shape: [2, 3], dtype: 'bool' }

/**
 * The pointwise ops, one row each: the expression and its derivative. A backend has one row each as well, and the
 * compiler complains where one is missing.
 */
const unary: Record<UnaryName, Row> = {
  neg: { evaluate: (a) => -a, derivative: (g, grad) => [g.neg(grad)] },
  abs: { evaluate: Math.abs, derivative: (g, grad, [a]) => [g.mul(grad, g.sign(a))], samples: [apart] },
  sign: { evaluate: Math.sign, derivative: null, samples: [apart] },
  exp: { evaluate: Math.exp, derivative: (g, grad, _, y) => [g.mul(grad, y)], accepts: float },
  log: { evaluate: Math.log, derivative: (g, grad, [a]) => [g.div(grad, a)], accepts: float, samples: [at(0.2, 3)] },
  log1p: {
    evaluate: Math.log1p,
    derivative: (g, grad, [a]) => [g.div(grad, g.add(a, g.scalar(1)))],
    accepts: float,
    samples: [at(-0.7, 3)],
  },
  sqrt: {
    evaluate: Math.sqrt,
    derivative: (g, grad, _, y) => [g.div(g.mul(grad, g.scalar(0.5)), y)],
    accepts: float,
    samples: [at(0.2, 3)],
  },
  rsqrt: {
    evaluate: (a) => 1 / Math.sqrt(a),
    derivative: (g, grad, _, y) => [g.mul(g.mul(grad, g.scalar(-0.5)), g.mul(y, g.mul(y, y)))],
    accepts: float,
    samples: [at(0.2, 3)],
  },
  reciprocal: {
    evaluate: (a) => 1 / a,
    derivative: (g, grad, _, y) => [g.neg(g.mul(grad, g.mul(y, y)))],
    accepts: float,
    samples: [at(0.3, 3)],
  },
  sin: { evaluate: Math.sin, derivative: (g, grad, [a]) => [g.mul(grad, g.cos(a))], accepts: float },
  cos: { evaluate: Math.cos, derivative: (g, grad, [a]) => [g.neg(g.mul(grad, g.sin(a)))], accepts: float },
  tanh: {
    evaluate: Math.tanh,
    derivative: (g, grad, _, y) => [g.mul(grad, g.sub(g.scalar(1), g.mul(y, y)))],
    accepts: float,
  },
  sigmoid: {
    evaluate: (a) => (a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a))),
    derivative: (g, grad, _, y) => [g.mul(grad, g.mul(y, g.sub(g.scalar(1), y)))],
    accepts: float,
  },
  erf: {
    evaluate: erf,
    derivative: (g, grad, [a]) => [g.mul(grad, g.mul(g.scalar(2 / Math.sqrt(Math.PI)), g.exp(g.neg(g.mul(a, a)))))],
    accepts: float,
  },
  relu: {
    evaluate: (a) => (a > 0 ? a : a !== a ? a : 0),
    derivative: (g, grad, _, y) => [g.where(g.gt(y, g.scalar(0)), grad, g.scalar(0))],
    samples: [apart],
  },
  floor: { evaluate: Math.floor, derivative: null, accepts: float },
  ceil: { evaluate: Math.ceil, derivative: null, accepts: float },
  /** Half goes to the even neighbour, as in IEEE 754 and PyTorch. */
  round: { evaluate: roundHalfToEven, derivative: null, accepts: float },
  not: { evaluate: (a) => (a === 0 ? 1 : 0), derivative: null, accepts: bool, samples: [truth] },
  isNaN: { evaluate: (a) => (a !== a ? 1 : 0), derivative: null, result: 'bool', accepts: float },
}

const binary: Record<BinaryName, Row> = {
  add: { evaluate: (a, b) => a + b, derivative: (_, grad) => [grad, grad] },
  sub: { evaluate: (a, b) => a - b, derivative: (g, grad) => [grad, g.neg(grad)] },
  mul: { evaluate: (a, b) => a * b, derivative: (g, grad, [a, b]) => [g.mul(grad, b), g.mul(grad, a)] },
  div: {
    evaluate: (a, b) => a / b,
    derivative: (g, grad, [, b], y) => [g.div(grad, b), g.neg(g.div(g.mul(grad, y), b))],
    accepts: float,
    samples: [at(-2, 2), at(0.5, 2)],
  },
  pow: {
    evaluate: Math.pow,
    derivative: (g, grad, [a, b], y) => [
      // x ** 0 is constant, also at 0, where 0 * 0 ** -1 would be NaN.
      g.where(g.eq(b, g.scalar(0)), g.scalar(0), g.mul(grad, g.mul(b, g.pow(a, g.sub(b, g.scalar(1)))))),
      // 0 ** b has the derivative 0 with respect to b, not 0 * log(0).
      g.where(g.gt(a, g.scalar(0)), g.mul(grad, g.mul(y, g.log(g.maximum(a, g.scalar(1e-38))))), g.scalar(0)),
    ],
    accepts: float,
    samples: [at(0.2, 2), at(-2, 2)],
  },
  /** Sign of the divisor, as Python's and PyTorch's remainder. */
  remainder: {
    evaluate: (a, b) => a - Math.floor(a / b) * b,
    derivative: (g, grad, [a, b]) => [grad, g.neg(g.mul(grad, g.floor(g.div(a, b))))],
    samples: [at(-2, 2), at(0.7, 2)],
  },
  maximum: {
    evaluate: (a, b) => (a > b || a !== a ? a : b),
    derivative: (g, grad, [a, b]) => splitTies(g, grad, g.gt(a, b), g.eq(a, b)),
    samples: [apart, { ...apart, range: [-1, 1.5] }],
  },
  minimum: {
    evaluate: (a, b) => (a < b || a !== a ? a : b),
    derivative: (g, grad, [a, b]) => splitTies(g, grad, g.lt(a, b), g.eq(a, b)),
    samples: [apart, { ...apart, range: [-1, 1.5] }],
  },
  eq: { evaluate: (a, b) => (a === b ? 1 : 0), derivative: null, result: 'bool', accepts: any },
  ne: { evaluate: (a, b) => (a !== b ? 1 : 0), derivative: null, result: 'bool', accepts: any },
  lt: { evaluate: (a, b) => (a < b ? 1 : 0), derivative: null, result: 'bool' },
  le: { evaluate: (a, b) => (a <= b ? 1 : 0), derivative: null, result: 'bool' },
  gt: { evaluate: (a, b) => (a > b ? 1 : 0), derivative: null, result: 'bool' },
  ge: { evaluate: (a, b) => (a >= b ? 1 : 0), derivative: null, result: 'bool' },
  and: { evaluate: (a, b) => a & b, derivative: null, accepts: bool, samples: [truth] },
  or: { evaluate: (a, b) => a | b, derivative: null, accepts: bool, samples: [truth] },
}

const ternary: Record<'where', Row> = {
  /** A condition, what to take where it holds, and what where it does not. */
  where: {
    evaluate: (condition, a, b) => (condition !== 0 ? a : b),
    derivative: (g, grad, [condition]) => [
      null,
      g.where(condition, grad, g.scalar(0)),
      g.where(condition, g.scalar(0), grad),
    ],
    accepts: any,
  },
}

/** A pointwise op also knows its expression, for the reference backend and for constant folding. */
export interface PointwiseSpec extends OpSpec<Record<string, never>> {
  readonly name: PointwiseName
  readonly arity: 1 | 2 | 3
  readonly evaluate: (a: number, b: number, c: number) => number
}

function specOf(name: PointwiseName, arity: 1 | 2 | 3, row: Row): PointwiseSpec {
  const accepts = row.accepts ?? numbers
  return {
    name,
    kind: 'pointwise',
    arity,
    evaluate: row.evaluate,
    infer(inputs) {
      const [condition] = inputs
      const operands = name === 'where' ? inputs.slice(1) : inputs
      const { dtype } = operands[0]
      if (name === 'where' && condition.dtype !== 'bool') {
        throw new DTypeError(`where: the condition must be bool, got ${condition.dtype}; compare first, as in x.gt(0)`)
      }
      for (const operand of operands) {
        if (!accepts.includes(operand.dtype)) {
          throw new DTypeError(
            `${name}: is defined for ${accepts.join(' and ')}, got ${operand.dtype}; convert with cast()`,
          )
        }
        if (operand.dtype !== dtype) {
          throw new DTypeError(`${name}: operands of types ${dtype} and ${operand.dtype}; convert with cast()`)
        }
      }
      for (const input of inputs) {
        if (!sameShape(input.shape, inputs[0].shape)) {
          throw new ShapeError(`${name}: shapes ${inputs.map((i) => formatShape(i.shape)).join(' and ')} differ`)
        }
      }
      return { shape: inputs[0].shape, dtype: row.result ?? dtype }
    },
    gradient: row.derivative && (({ g, inputs, output, grad }) => row.derivative!(g, grad, inputs, output)),
    samples: () => samplesOf(name, arity, row),
  }
}

function samplesOf(name: PointwiseName, arity: number, row: Row): Sample<Record<string, never>>[] {
  const given = row.samples ?? [at(-2, 2)]
  const inputs = Array.from({ length: arity }, (_, i) => given[i] ?? given[0])
  if (name === 'where') inputs[0] = truth
  const samples: Sample<Record<string, never>>[] = [{ inputs, attrs: {} }]
  // Longer than any vector register, with a remainder; and a scalar.
  for (const shape of [[37], []]) {
    samples.push({ inputs: inputs.map((input) => ({ ...input, shape })), attrs: {}, name: `of shape [${shape}]` })
  }
  if ((row.accepts ?? numbers).includes('int32') && name !== 'where') {
    samples.push({
      inputs: inputs.map(() => ({ shape: [19], dtype: 'int32' as const, range: [1, 9] as const })),
      attrs: {},
      name: 'of integers',
    })
  }
  return samples
}

function specsOf<Names extends string>(arity: 1 | 2 | 3, table: Record<Names, Row>): Record<Names, PointwiseSpec> {
  return Object.fromEntries(
    Object.entries<Row>(table).map(([name, row]) => [name, specOf(name as PointwiseName, arity, row)]),
  ) as Record<Names, PointwiseSpec>
}

/** All pointwise ops by name. */
export const pointwise: Record<PointwiseName, PointwiseSpec> = {
  ...specsOf(1, unary),
  ...specsOf(2, binary),
  ...specsOf(3, ternary),
}

/** The gradient of a maximum or minimum: to the winner, halved between equals, as in PyTorch. */
function splitTies(g: Builders, grad: Node, first: Node, equal: Node): [Node, Node] {
  const half = g.where(equal, g.mul(grad, g.scalar(0.5)), g.scalar(0))
  return [g.where(first, grad, half), g.where(g.or(first, equal), half, grad)]
}
