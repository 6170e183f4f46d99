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

/** An i32 instruction of two operands, computed now where both are constants. */
const binary =
  (opcode: number, fold: (a: number, b: number) => number) =>
  (a: I32, b: I32): Expr<'i32'> => {
    const left = toI32(a)
    const right = toI32(b)
    if (left.constant !== undefined && right.constant !== undefined)
      return toI32(fold(left.constant, right.constant) | 0)
    return expr('i32', [opcode], [left, right])
  }
const unfolded =
  (opcode: number) =>
  (a: I32, b: I32): Expr<'i32'> =>
    expr('i32', [opcode], [toI32(a), toI32(b)])
const unary =
  (...code: number[]) =>
  (a: I32): Expr<'i32'> =>
    expr('i32', code, [toI32(a)])
const load =
  (opcode: number, width: number) =>
  (address: I32, access?: MemoryAccess): Expr<'i32'> =>
    expr('i32', [opcode, ...memoryImmediate(width, access)], [toI32(address)])

const plainAdd = binary(0x6a, (a, b) => a + b)
const plainSub = binary(0x6b, (a, b) => a - b)
const plainMul = binary(0x6c, Math.imul)
const shl = binary(0x74, (a, b) => a << (b & 31))
const constantOf = (value: I32): number | undefined => (typeof value === 'number' ? value | 0 : value.constant)

/** Adds; adding 0 costs nothing. */
function add(a: I32, b: I32): Expr<'i32'> {
  if (constantOf(b) === 0) return toI32(a)
  if (constantOf(a) === 0) return toI32(b)
  return plainAdd(a, b)
}

function sub(a: I32, b: I32): Expr<'i32'> {
  return constantOf(b) === 0 ? toI32(a) : plainSub(a, b)
}

/** Multiplies; by 1 costs nothing, by a power of two is a shift. */
function mul(a: I32, b: I32): Expr<'i32'> {
  const factor = constantOf(b)
  if (factor === undefined) return constantOf(a) === undefined ? plainMul(a, b) : mul(b, a)
  if (factor === 1) return toI32(a)
  const log2 = Math.log2(factor)
  return factor > 0 && Number.isInteger(log2) ? shl(a, log2) : plainMul(a, b)
}

const bool = (value: boolean): number => (value ? 1 : 0)

/** Instructions that give an i32, named as in the specification (`load8_u` is `load8U`). */
export const i32 = {
  const: (value: number): Expr<'i32'> => toI32(value),
  load: load(0x28, 4),
  load8S: load(0x2c, 1),
  load8U: load(0x2d, 1),
  load16S: load(0x2e, 2),
  load16U: load(0x2f, 2),
  eqz: unary(0x45),
  eq: binary(0x46, (a, b) => bool(a === b)),
  ne: binary(0x47, (a, b) => bool(a !== b)),
  ltS: binary(0x48, (a, b) => bool(a < b)),
  ltU: binary(0x49, (a, b) => bool(a >>> 0 < b >>> 0)),
  gtS: binary(0x4a, (a, b) => bool(a > b)),
  gtU: binary(0x4b, (a, b) => bool(a >>> 0 > b >>> 0)),
  leS: binary(0x4c, (a, b) => bool(a <= b)),
  leU: binary(0x4d, (a, b) => bool(a >>> 0 <= b >>> 0)),
  geS: binary(0x4e, (a, b) => bool(a >= b)),
  geU: binary(0x4f, (a, b) => bool(a >>> 0 >= b >>> 0)),
  clz: unary(0x67),
  ctz: unary(0x68),
  popcnt: unary(0x69),
  add,
  sub,
  mul,
  divS: unfolded(0x6d),
  divU: unfolded(0x6e),
  remS: unfolded(0x6f),
  remU: unfolded(0x70),
  and: binary(0x71, (a, b) => a & b),
  or: binary(0x72, (a, b) => a | b),
  xor: binary(0x73, (a, b) => a ^ b),
  shl,
  shrS: binary(0x75, (a, b) => a >> (b & 31)),
  shrU: binary(0x76, (a, b) => (a >>> (b & 31)) | 0),
  rotl: unfolded(0x77),
  rotr: unfolded(0x78),
  extend8S: unary(0xc0),
  extend16S: unary(0xc1),
  wrapI64: (a: I64): Expr<'i32'> => expr('i32', [0xa7], [toI64(a)]),
  truncF32S: (a: F32): Expr<'i32'> => expr('i32', [0xa8], [toF32(a)]),
  truncF32U: (a: F32): Expr<'i32'> => expr('i32', [0xa9], [toF32(a)]),
  truncF64S: (a: F64): Expr<'i32'> => expr('i32', [0xaa], [toF64(a)]),
  truncF64U: (a: F64): Expr<'i32'> => expr('i32', [0xab], [toF64(a)]),
  truncSatF32S: (a: F32): Expr<'i32'> => expr('i32', [0xfc, 0], [toF32(a)]),
  truncSatF32U: (a: F32): Expr<'i32'> => expr('i32', [0xfc, 1], [toF32(a)]),
  truncSatF64S: (a: F64): Expr<'i32'> => expr('i32', [0xfc, 2], [toF64(a)]),
  truncSatF64U: (a: F64): Expr<'i32'> => expr('i32', [0xfc, 3], [toF64(a)]),
  reinterpretF32: (a: F32): Expr<'i32'> => expr('i32', [0xbc], [toF32(a)]),
}
