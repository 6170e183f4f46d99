import {
  type Expr,
  expr,
  type F32,
  type F64,
  type I32,
  type I64,
  type MemoryAccess,
  memoryImmediate,
  toF32,
  toF64,
  toI32,
  toI64,
} from '../expr.ts'

const binary =
  (opcode: number) =>
  (a: F64, b: F64): Expr<'f64'> =>
    expr('f64', [opcode], [toF64(a), toF64(b)])
const compare =
  (opcode: number) =>
  (a: F64, b: F64): Expr<'i32'> =>
    expr('i32', [opcode], [toF64(a), toF64(b)])
const unary =
  (opcode: number) =>
  (a: F64): Expr<'f64'> =>
    expr('f64', [opcode], [toF64(a)])

/** Instructions of 64-bit floats, named as in the specification; comparisons give an i32. */
export const f64 = {
  const: (value: number): Expr<'f64'> => toF64(value),
  load: (address: I32, access?: MemoryAccess): Expr<'f64'> =>
    expr('f64', [0x2b, ...memoryImmediate(8, access)], [toI32(address)]),
  eq: compare(0x61),
  ne: compare(0x62),
  lt: compare(0x63),
  gt: compare(0x64),
  le: compare(0x65),
  ge: compare(0x66),
  abs: unary(0x99),
  neg: unary(0x9a),
  ceil: unary(0x9b),
  floor: unary(0x9c),
  trunc: unary(0x9d),
  nearest: unary(0x9e),
  sqrt: unary(0x9f),
  add: binary(0xa0),
  sub: binary(0xa1),
  mul: binary(0xa2),
  div: binary(0xa3),
  min: binary(0xa4),
  max: binary(0xa5),
  copysign: binary(0xa6),
  convertI32S: (a: I32): Expr<'f64'> => expr('f64', [0xb7], [toI32(a)]),
  convertI32U: (a: I32): Expr<'f64'> => expr('f64', [0xb8], [toI32(a)]),
  convertI64S: (a: I64): Expr<'f64'> => expr('f64', [0xb9], [toI64(a)]),
  convertI64U: (a: I64): Expr<'f64'> => expr('f64', [0xba], [toI64(a)]),
  promoteF32: (a: F32): Expr<'f64'> => expr('f64', [0xbb], [toF32(a)]),
  reinterpretI64: (a: I64): Expr<'f64'> => expr('f64', [0xbf], [toI64(a)]),
}
