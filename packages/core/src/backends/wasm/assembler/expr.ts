import { signedLeb, signedLeb64, unsignedLeb } from './leb128.ts'

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128'

export const valueTypeByte: { readonly [T in ValueType]: number } = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
}

/**
 * A typed WebAssembly expression: operands, then one instruction. It is *code*, not a value: used twice, it is computed
 * twice. Put it in a local (`f.let`) to share it.
 */
export interface Expr<T extends ValueType = ValueType> {
  readonly type: T
  readonly operands: readonly Expr[]
  /** The instruction with its immediates, emitted after the operands. */
  readonly code: readonly number[]
  /** Known value, only on i32 constants: lets address arithmetic fold while it is built. */
  readonly constant?: number
}

/** A local variable: an expression that reads it, and a target for `f.set`. */
export interface Local<T extends ValueType = ValueType> extends Expr<T> {
  readonly index: number
}

/** What an i32 operand may be: an expression or a plain integer. */
export type I32 = Expr<'i32'> | number
export type I64 = Expr<'i64'> | bigint | number
export type F32 = Expr<'f32'> | number
export type F64 = Expr<'f64'> | number
export type V128 = Expr<'v128'>

/** Immediate of a memory access: constant byte offset, and alignment in bytes (a hint, natural by default). */
export interface MemoryAccess {
  readonly offset?: number
  readonly align?: number
}

export function expr<T extends ValueType>(type: T, code: readonly number[], operands: readonly Expr[] = []): Expr<T> {
  return { type, operands, code }
}

export function toI32(value: I32): Expr<'i32'> {
  if (typeof value !== 'number') return value
  if (!Number.isInteger(value) || value < -0x80000000 || value > 0xffffffff)
    throw new RangeError(`i32 constant: ${value} is not a 32-bit integer`)
  const constant = value | 0
  return { type: 'i32', operands: [], code: [0x41, ...signedLeb(constant)], constant }
}

export function toI64(value: I64): Expr<'i64'> {
  if (typeof value === 'object') return value
  return expr('i64', [0x42, ...signedLeb64(BigInt.asIntN(64, BigInt(value)))])
}

const scratch = new DataView(new ArrayBuffer(8))
const scratchBytes = new Uint8Array(scratch.buffer)

function bytesOf(count: number): number[] {
  const bytes: number[] = []
  for (let i = 0; i < count; i++) bytes.push(scratchBytes[i]!)
  return bytes
}

export function f32Bytes(value: number): number[] {
  scratch.setFloat32(0, value, true)
  return bytesOf(4)
}

export function f64Bytes(value: number): number[] {
  scratch.setFloat64(0, value, true)
  return bytesOf(8)
}

export const toF32 = (value: F32): Expr<'f32'> =>
  typeof value === 'number' ? expr('f32', [0x43, ...f32Bytes(value)]) : value

export const toF64 = (value: F64): Expr<'f64'> =>
  typeof value === 'number' ? expr('f64', [0x44, ...f64Bytes(value)]) : value

/** The alignment-and-offset immediate of a memory instruction that moves `width` bytes. */
export function memoryImmediate(width: number, { offset = 0, align = width }: MemoryAccess = {}): number[] {
  if (!Number.isInteger(offset) || offset < 0 || offset > 0xffffffff)
    throw new RangeError(`memory access: offset ${offset} is not an unsigned 32-bit integer; fold it into the address`)
  const log2 = Math.log2(align)
  if (!Number.isInteger(log2) || align > width)
    throw new RangeError(`memory access: alignment ${align} is not a power of two up to ${width}`)
  return [...unsignedLeb(log2), ...unsignedLeb(offset)]
}

/** A 0xfd-prefixed (SIMD) instruction. */
export const simd = (opcode: number, ...immediates: number[]): number[] => [0xfd, ...unsignedLeb(opcode), ...immediates]

/** Chooses `ifTrue` where the condition is not zero; both are computed. */
export function select<T extends ValueType>(condition: I32, ifTrue: Expr<T>, ifFalse: Expr<T>): Expr<T> {
  const code = ifTrue.type === 'v128' ? [0x1c, 1, valueTypeByte[ifTrue.type]] : [0x1b]
  return expr(ifTrue.type, code, [ifTrue, ifFalse, toI32(condition)])
}
