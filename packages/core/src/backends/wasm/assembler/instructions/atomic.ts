import { type Expr, expr, type I32, type I64, type MemoryAccess, memoryImmediate, toI32, toI64 } from '../expr.ts'

const readModifyWrite =
  (opcode: number) =>
  (address: I32, value: I32, access?: MemoryAccess): Expr<'i32'> =>
    expr('i32', [0xfe, opcode, ...memoryImmediate(4, access)], [toI32(address), toI32(value)])

/** Atomic instructions on i32; all but `f.atomicStore` give an i32 (read-modify-write gives the old value). */
export const atomic = {
  load: (address: I32, access?: MemoryAccess): Expr<'i32'> =>
    expr('i32', [0xfe, 0x10, ...memoryImmediate(4, access)], [toI32(address)]),
  add: readModifyWrite(0x1e),
  sub: readModifyWrite(0x25),
  and: readModifyWrite(0x2c),
  or: readModifyWrite(0x33),
  xor: readModifyWrite(0x3a),
  exchange: readModifyWrite(0x41),
  /** Writes `replacement` where the memory holds `expected`. */
  compareExchange: (address: I32, expected: I32, replacement: I32, access?: MemoryAccess): Expr<'i32'> =>
    expr('i32', [0xfe, 0x48, ...memoryImmediate(4, access)], [toI32(address), toI32(expected), toI32(replacement)]),
  /** Sleeps while the memory holds `expected`: 0 woken, 1 not equal, 2 timed out. Timeout in nanoseconds, -1 for none. */
  wait: (address: I32, expected: I32, timeout: I64 = -1n, access?: MemoryAccess): Expr<'i32'> =>
    expr('i32', [0xfe, 0x01, ...memoryImmediate(4, access)], [toI32(address), toI32(expected), toI64(timeout)]),
  /** Wakes at most `count` sleepers (-1 for all); gives how many. */
  notify: (address: I32, count: I32 = -1, access?: MemoryAccess): Expr<'i32'> =>
    expr('i32', [0xfe, 0x00, ...memoryImmediate(4, access)], [toI32(address), toI32(count)]),
}
