import type { Arithmetic } from './arithmetic.ts'

const floats = new Float32Array(1)
const ints = new Int32Array(floats.buffer)
const round = Math.fround
const mask = (holds: boolean): number => (holds ? -1 : 0)

/**
 * The arithmetic on one number. Operations of float64 on float32 operands, rounded to float32, give what the float32
 * operation gives (Figueroa, "When is double rounding innocuous?", SIGNUM Newsletter 30, 1995), on every engine.
 */
export const scalar: Arithmetic<number> = {
  float: round,
  int: (value) => value | 0,
  share: (value) => value,
  add: (a, b) => round(a + b),
  sub: (a, b) => round(a - b),
  mul: (a, b) => round(a * b),
  div: (a, b) => round(a / b),
  madd: (a, b, c) => round(round(a * b) + c),
  nmadd: (a, b, c) => round(c - round(a * b)),
  abs: Math.abs,
  neg: (a) => -a,
  pmin: (a, b) => (b < a ? b : a),
  pmax: (a, b) => (a < b ? b : a),
  eq: (a, b) => mask(a === b),
  lt: (a, b) => mask(a < b),
  le: (a, b) => mask(a <= b),
  select: (chosen, a, b) => (chosen ? a : b),
  keep: (chosen, a) => (chosen ? a : 0),
  bits(a) {
    floats[0] = a
    return ints[0]!
  },
  fromBits(a) {
    ints[0] = a
    return floats[0]!
  },
  toFloat: round,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  andnot: (a, b) => a & ~b,
  addInt: (a, b) => (a + b) | 0,
  subInt: (a, b) => (a - b) | 0,
  ltInt: (a, b) => mask(a < b),
  shl: (a, count) => a << count,
  shrS: (a, count) => a >> count,
}
