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
  (a: F32, b: F32): Expr<'f32'> =>
    expr('f32', [opcode], [toF32(a), toF32(b)])
const compare =
  (opcode: number) =>
  (a: F32, b: F32): Expr<'i32'> =>
    expr('i32', [opcode], [toF32(a), toF32(b)])
const unary =
  (opcode: number) =>
  (a: F32): Expr<'f32'> =>
    expr('f32', [opcode], [toF32(a)])

/** Instructions of 32-bit floats, named as in the specification; comparisons give an i32. */
export const f32 = {
  const: (value: number): Expr<'f32'> => toF32(value),
  load: (address: I32, access?: MemoryAccess): Expr<'f32'> =>
    expr('f32', [0x2a, ...memoryImmediate(4, access)], [toI32(address)]),
  eq: compare(0x5b),
  ne: compare(0x5c),
  lt: compare(0x5d),
  gt: compare(0x5e),
  le: compare(0x5f),
  ge: compare(0x60),
  abs: unary(0x8b),
  neg: unary(0x8c),
  ceil: unary(0x8d),
  floor: unary(0x8e),
  trunc: unary(0x8f),
  nearest: unary(0x90),
  sqrt: unary(0x91),
  add: binary(0x92),
  sub: binary(0x93),
  mul: binary(0x94),
  div: binary(0x95),
  min: binary(0x96),
  max: binary(0x97),
  copysign: binary(0x98),
  convertI32S: (a: I32): Expr<'f32'> => expr('f32', [0xb2], [toI32(a)]),
  convertI32U: (a: I32): Expr<'f32'> => expr('f32', [0xb3], [toI32(a)]),
  convertI64S: (a: I64): Expr<'f32'> => expr('f32', [0xb4], [toI64(a)]),
  convertI64U: (a: I64): Expr<'f32'> => expr('f32', [0xb5], [toI64(a)]),
  demoteF64: (a: F64): Expr<'f32'> => expr('f32', [0xb6], [toF64(a)]),
  reinterpretI32: (a: I32): Expr<'f32'> => expr('f32', [0xbe], [toI32(a)]),
}
