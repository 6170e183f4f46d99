import { type Expr, expr, type I32, simd, toI32, type V128, type ValueType } from '../expr.ts'

/** Shapes that many SIMD instructions share; `opcode` is the number after the 0xfd prefix. */

export const vectorUnary =
  (opcode: number) =>
  (a: V128): V128 =>
    expr('v128', simd(opcode), [a])

export const vectorBinary =
  (opcode: number) =>
  (a: V128, b: V128): V128 =>
    expr('v128', simd(opcode), [a, b])

export const vectorTernary =
  (opcode: number) =>
  (a: V128, b: V128, c: V128): V128 =>
    expr('v128', simd(opcode), [a, b, c])

/** Shifts of all lanes by one i32 count. */
export const vectorShift =
  (opcode: number) =>
  (a: V128, count: I32): V128 =>
    expr('v128', simd(opcode), [a, toI32(count)])

/** Tests that give an i32: any_true, all_true, bitmask. */
export const vectorTest =
  (opcode: number) =>
  (a: V128): Expr<'i32'> =>
    expr('i32', simd(opcode), [a])

function checkLane(lane: number, lanes: number): void {
  if (!Number.isInteger(lane) || lane < 0 || lane >= lanes)
    throw new RangeError(`lane ${lane} does not exist: there are ${lanes}`)
}

export const extractLane =
  <T extends ValueType>(type: T, opcode: number, lanes: number) =>
  (a: V128, lane: number): Expr<T> => {
    checkLane(lane, lanes)
    return expr(type, simd(opcode, lane), [a])
  }

export const replaceLane =
  <V>(opcode: number, lanes: number, toValue: (value: V) => Expr) =>
  (a: V128, lane: number, value: V): V128 => {
    checkLane(lane, lanes)
    return expr('v128', simd(opcode, lane), [a, toValue(value)])
  }

/** A constant vector from the little-endian bytes of its lanes. */
export function vectorConstant(bytes: readonly number[]): V128 {
  if (bytes.length !== 16) throw new RangeError(`v128 constant: ${bytes.length} bytes given, 16 needed`)
  return expr('v128', simd(0x0c, ...bytes))
}
