import { expr, type I32, type MemoryAccess, memoryImmediate, simd, toI32, type V128 } from '../expr.ts'
import { vectorBinary, vectorConstant, vectorTernary, vectorTest, vectorUnary } from './vectorForms.ts'

const load =
  (opcode: number, width: number) =>
  (address: I32, access?: MemoryAccess): V128 =>
    expr('v128', simd(opcode, ...memoryImmediate(width, access)), [toI32(address)])
const loadLane =
  (opcode: number, width: number) =>
  (address: I32, vector: V128, lane: number, access?: MemoryAccess): V128 =>
    expr('v128', simd(opcode, ...memoryImmediate(width, access), lane), [toI32(address), vector])

/** Loads and bitwise instructions of whole vectors. */
export const v128 = {
  /** Sixteen bytes, as they lie in memory. */
  const: vectorConstant,
  zero: (): V128 => vectorConstant(new Array(16).fill(0)),
  load: load(0x00, 16),
  load8x8S: load(0x01, 8),
  load8x8U: load(0x02, 8),
  load16x4S: load(0x03, 8),
  load16x4U: load(0x04, 8),
  load32x2S: load(0x05, 8),
  load32x2U: load(0x06, 8),
  load8Splat: load(0x07, 1),
  load16Splat: load(0x08, 2),
  load32Splat: load(0x09, 4),
  load64Splat: load(0x0a, 8),
  load32Zero: load(0x5c, 4),
  load64Zero: load(0x5d, 8),
  load8Lane: loadLane(0x54, 1),
  load16Lane: loadLane(0x55, 2),
  load32Lane: loadLane(0x56, 4),
  load64Lane: loadLane(0x57, 8),
  not: vectorUnary(0x4d),
  and: vectorBinary(0x4e),
  /** `a & ~b` */
  andnot: vectorBinary(0x4f),
  or: vectorBinary(0x50),
  xor: vectorBinary(0x51),
  /** `(a & mask) | (b & ~mask)` */
  bitselect: vectorTernary(0x52),
  anyTrue: vectorTest(0x53),
}
