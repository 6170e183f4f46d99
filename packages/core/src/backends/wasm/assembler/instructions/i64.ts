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
  (a: I64, b: I64): Expr<'i64'> =>
    expr('i64', [opcode], [toI64(a), toI64(b)])
const compare =
  (opcode: number) =>
  (a: I64, b: I64): Expr<'i32'> =>
    expr('i32', [opcode], [toI64(a), toI64(b)])
const unary =
  (opcode: number) =>
  (a: I64): Expr<'i64'> =>
    expr('i64', [opcode], [toI64(a)])
const load =
  (opcode: number, width: number) =>
  (address: I32, access?: MemoryAccess): Expr<'i64'> =>
    expr('i64', [opcode, ...memoryImmediate(width, access)], [toI32(address)])

/** Instructions of 64-bit integers, named as in the specification; comparisons give an i32. */
export const i64 = {
  const: (value: bigint | number): Expr<'i64'> => toI64(value),
  load: load(0x29, 8),
  load8S: load(0x30, 1),
  load8U: load(0x31, 1),
  load16S: load(0x32, 2),
  load16U: load(0x33, 2),
  load32S: load(0x34, 4),
  load32U: load(0x35, 4),
  eqz: (a: I64): Expr<'i32'> => expr('i32', [0x50], [toI64(a)]),
  eq: compare(0x51),
  ne: compare(0x52),
  ltS: compare(0x53),
  ltU: compare(0x54),
  gtS: compare(0x55),
  gtU: compare(0x56),
  leS: compare(0x57),
  leU: compare(0x58),
  geS: compare(0x59),
  geU: compare(0x5a),
  clz: unary(0x79),
  ctz: unary(0x7a),
  popcnt: unary(0x7b),
  add: binary(0x7c),
  sub: binary(0x7d),
  mul: binary(0x7e),
  divS: binary(0x7f),
  divU: binary(0x80),
  remS: binary(0x81),
  remU: binary(0x82),
  and: binary(0x83),
  or: binary(0x84),
  xor: binary(0x85),
  shl: binary(0x86),
  shrS: binary(0x87),
  shrU: binary(0x88),
  rotl: binary(0x89),
  rotr: binary(0x8a),
  extendI32S: (a: I32): Expr<'i64'> => expr('i64', [0xac], [toI32(a)]),
  extendI32U: (a: I32): Expr<'i64'> => expr('i64', [0xad], [toI32(a)]),
  truncSatF32S: (a: F32): Expr<'i64'> => expr('i64', [0xfc, 4], [toF32(a)]),
  truncSatF64S: (a: F64): Expr<'i64'> => expr('i64', [0xfc, 6], [toF64(a)]),
  reinterpretF64: (a: F64): Expr<'i64'> => expr('i64', [0xbd], [toF64(a)]),
}
