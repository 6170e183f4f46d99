import { CodeBuffer } from './code.ts'
import {
  type Expr,
  expr,
  type I32,
  type Local,
  type MemoryAccess,
  memoryImmediate,
  simd,
  toI32,
  type V128,
  type ValueType,
  valueTypeByte,
} from './expr.ts'
import { f32x4 } from './instructions/f32x4.ts'
import { i32 } from './instructions/i32.ts'
import { unsignedLeb } from './leb128.ts'

/** `relaxed` may fuse a multiply with an add (one rounding); `strict` gives the same bits on every machine. */
export type Flavour = 'relaxed' | 'strict'

/** A function of a module, to be called or exported. */
export interface Func<
  P extends readonly ValueType[] = readonly ValueType[],
  R extends ValueType | null = ValueType | null,
> {
  readonly index: number
  readonly name: string
  readonly params: P
  readonly result: R
}

/** Types of a call's arguments: expressions, or integers where the parameter is an i32. */
export type Arguments<P extends readonly ValueType[]> = {
  readonly [K in keyof P]: P[K] extends 'i32' ? I32 : Expr<P[K]>
}

/** A place that `f.br` can jump to. */
export interface Label {
  readonly depth: number
}

export interface Global<T extends ValueType = ValueType> extends Expr<T> {
  readonly globalIndex: number
}

const storeOpcode: { readonly [T in ValueType]: readonly number[] } = {
  i32: [0x36],
  i64: [0x37],
  f32: [0x38],
  f64: [0x39],
  v128: simd(0x0b),
}
const storeWidth: { readonly [T in ValueType]: number } = { i32: 4, i64: 8, f32: 4, f64: 8, v128: 16 }

const voidBlock = 0x40

function callExpr(func: Func, args: readonly (Expr | number)[]): Expr {
  if (args.length !== func.params.length)
    throw new TypeError(`call ${func.name}: ${args.length} arguments given, ${func.params.length} needed`)
  const operands = args.map((arg, position) => {
    const operand = typeof arg === 'number' ? toI32(arg) : arg
    if (operand.type !== func.params[position])
      throw new TypeError(
        `call ${func.name}: argument ${position} is ${operand.type}, the parameter is ${func.params[position]}`,
      )
    return operand
  })
  return expr(func.result ?? 'i32', [0x10, ...unsignedLeb(func.index)], operands)
}

/** A call whose result is used as an expression. */
export function call<P extends readonly ValueType[], R extends ValueType>(
  func: Func<P, R>,
  args: Arguments<P>,
): Expr<R> {
  return callExpr(func, args as readonly (Expr | number)[]) as Expr<R>
}

/**
 * Writes one function's body. Statements are methods of this builder and are emitted where they are called; values are
 * expressions (`f32x4.add(a, b)`), emitted where a statement uses them.
 */
export class FunctionBuilder {
  readonly flavour: Flavour
  private readonly out = new CodeBuffer()
  /** Runs before everything else: sets the constants. */
  private readonly prologue = new CodeBuffer()
  private readonly constants = new Map<string, Local>()
  private readonly localTypes: ValueType[] = []
  private readonly paramCount: number
  private depth = 0

  constructor(params: readonly ValueType[], flavour: Flavour) {
    this.flavour = flavour
    this.paramCount = params.length
  }

  /** A new local variable; it starts as zero unless this line runs again in a loop. */
  local<T extends ValueType>(type: T): Local<T> {
    return localAt(type, this.paramCount + this.localTypes.push(type) - 1)
  }

  /** A new local that holds the value of an expression: computes it once, for use in several places. */
  let<T extends ValueType>(value: Expr<T>): Local<T> {
    const local = this.local(value.type)
    this.emit(value, 0x21, ...unsignedLeb(local.index))
    return local
  }

  /**
   * A constant in a local that is set once, where the function begins, and shared by all who ask for it. V8 makes a
   * vector constant anew, in some four instructions, wherever it stands in a loop: polynomials in loops run up to three
   * times as fast with theirs in locals.
   */
  constant<T extends ValueType>(value: Expr<T>): Local<T> {
    const isConstant =
      (value.code[0]! >= 0x41 && value.code[0]! <= 0x44) || (value.code[0] === 0xfd && value.code[1] === 0x0c)
    if (!isConstant)
      throw new TypeError('constant: the expression is no constant, its value may depend on where it stands')
    const key = value.code.join()
    let local = this.constants.get(key)
    if (!local) {
      local = this.local(value.type)
      this.constants.set(key, local)
      this.prologue.appendExpr(value)
      this.prologue.append([0x21, ...unsignedLeb(local.index)])
    }
    return local as Local<T>
  }

  /** Assigns a local. Integers stand for i32 constants. */
  set<T extends ValueType>(local: Local<T>, value: T extends 'i32' ? I32 : Expr<T>): void {
    const operand = typeof value === 'number' ? toI32(value) : (value as Expr)
    if (operand.type !== local.type) throw new TypeError(`set: local is ${local.type}, value is ${operand.type}`)
    this.emit(operand, 0x21, ...unsignedLeb(local.index))
  }

  /** Adds to an i32 local: a pointer or a counter moves on. */
  increment(local: Local<'i32'>, by: I32): void {
    if (by !== 0) this.set(local, i32.add(local, by))
  }

  /** An expression that assigns a local and gives the assigned value. */
  tee<T extends ValueType>(local: Local<T>, value: Expr<T>): Expr<T> {
    return expr(value.type, [0x22, ...unsignedLeb(local.index)], [value])
  }

  setGlobal<T extends ValueType>(global: Global<T>, value: T extends 'i32' ? I32 : Expr<T>): void {
    const operand = typeof value === 'number' ? toI32(value) : (value as Expr)
    this.emit(operand, 0x24, ...unsignedLeb(global.globalIndex))
  }

  /** Stores a value with the width of its type. */
  store(address: I32, value: Expr, access?: MemoryAccess): void {
    this.storeWith(storeOpcode[value.type], storeWidth[value.type], address, value, access)
  }

  /** Stores the low byte of an i32. */
  store8(address: I32, value: I32, access?: MemoryAccess): void {
    this.storeWith([0x3a], 1, address, toI32(value), access)
  }

  /** Stores the low 16 bits of an i32. */
  store16(address: I32, value: I32, access?: MemoryAccess): void {
    this.storeWith([0x3b], 2, address, toI32(value), access)
  }

  /** Stores one lane of 8, 16, 32 or 64 bits of a vector. */
  storeLane(bits: 8 | 16 | 32 | 64, address: I32, vector: V128, lane: number, access?: MemoryAccess): void {
    const opcode = { 8: 0x58, 16: 0x59, 32: 0x5a, 64: 0x5b }[bits]
    if (lane < 0 || lane >= 128 / bits) throw new RangeError(`storeLane: no lane ${lane} of ${bits} bits`)
    this.out.appendExpr(toI32(address))
    this.emit(vector, ...simd(opcode, ...memoryImmediate(bits / 8, access), lane))
  }

  atomicStore(address: I32, value: I32, access?: MemoryAccess): void {
    this.storeWith([0xfe, 0x17], 4, address, toI32(value), access)
  }

  /** Orders all memory accesses before it before those after it, as seen by other threads. */
  fence(): void {
    this.out.append([0xfe, 0x03, 0x00])
  }

  /** Copies `bytes` bytes; the ranges may overlap. */
  copyMemory(to: I32, from: I32, bytes: I32): void {
    this.out.appendExpr(toI32(to))
    this.out.appendExpr(toI32(from))
    this.emit(toI32(bytes), 0xfc, 0x0a, 0x00, 0x00)
  }

  /** Fills `bytes` bytes with the low byte of `value`. */
  fillMemory(to: I32, value: I32, bytes: I32): void {
    this.out.appendExpr(toI32(to))
    this.out.appendExpr(toI32(value))
    this.emit(toI32(bytes), 0xfc, 0x0b, 0x00)
  }

  /** Computes an expression for what it does (an atomic, a call) and drops its value. */
  drop(value: Expr): void {
    this.emit(value, 0x1a)
  }

  /** Calls a function; a result is dropped. */
  call<P extends readonly ValueType[]>(func: Func<P>, args: Arguments<P>): void {
    this.out.appendExpr(callExpr(func, args as readonly (Expr | number)[]))
    if (func.result !== null) this.out.push(0x1a)
  }

  /** `br(exit)` inside jumps behind the block. */
  block(body: (exit: Label) => void): void {
    this.nest([0x02, voidBlock], body)
  }

  /** `br(again)` inside jumps back to the start; falling off the end leaves the loop. */
  loop(body: (again: Label) => void): void {
    this.nest([0x03, voidBlock], body)
  }

  br(label: Label): void {
    this.out.append([0x0c, ...this.distance(label)])
  }

  brIf(label: Label, condition: I32): void {
    this.emit(toI32(condition), 0x0d, ...this.distance(label))
  }

  /** Runs one of two bodies; only the right one is emitted where the condition is a constant. */
  if(condition: I32, then: () => void, otherwise?: () => void): void {
    const test = toI32(condition)
    if (test.constant !== undefined) {
      if (test.constant !== 0) then()
      else otherwise?.()
      return
    }
    this.out.appendExpr(test)
    this.nest([0x04, voidBlock], () => {
      then()
      if (otherwise) {
        this.out.push(0x05)
        otherwise()
      }
    })
  }

  while(condition: Expr<'i32'>, body: () => void): void {
    this.block((exit) => {
      this.loop((again) => {
        this.brIf(exit, i32.eqz(condition))
        body()
        this.br(again)
      })
    })
  }

  /**
   * Counts `counter` from `begin` while it is below `end`, by `step`. The test stands at the foot of the loop, so an
   * iteration has one jump; the test in front disappears where both bounds are constants. Compares signed, or unsigned
   * with `unsigned` (for pointers: memory may reach 4 GiB).
   */
  for(
    counter: Local<'i32'>,
    begin: I32,
    end: I32,
    step: number,
    body: () => void,
    options: { readonly unsigned?: boolean } = {},
  ): void {
    if (!(step > 0)) throw new RangeError(`for: step ${step} is not positive`)
    const below = options.unsigned ? i32.ltU : i32.ltS
    const limit = toI32(end)
    const bound = limit.constant !== undefined || 'index' in limit ? limit : this.let(limit)
    this.set(counter, begin)
    const first = toI32(begin).constant
    const enters =
      first !== undefined && bound.constant !== undefined ? below(first, bound.constant) : below(counter, bound)
    const once =
      first !== undefined && bound.constant !== undefined && below(first + step, bound.constant).constant === 0
    this.if(enters, () => {
      if (once) {
        body()
        this.increment(counter, step)
        return
      }
      this.loop((again) => {
        body()
        this.increment(counter, step)
        this.brIf(again, below(counter, bound))
      })
    })
  }

  /** Returns early, with a value where the function has a result. */
  return(value?: Expr): void {
    if (value) this.out.appendExpr(value)
    this.out.push(0x0f)
  }

  /** Traps. */
  unreachable(): void {
    this.out.push(0x00)
  }

  /** `a * b + c` in each of four lanes: fused in the relaxed flavour, rounded twice in the strict one. */
  madd(a: V128, b: V128, c: V128): V128 {
    return this.flavour === 'relaxed' ? f32x4.relaxedMadd(a, b, c) : f32x4.add(f32x4.mul(a, b), c)
  }

  /** `c - a * b` in each of four lanes: fused in the relaxed flavour, rounded twice in the strict one. */
  nmadd(a: V128, b: V128, c: V128): V128 {
    return this.flavour === 'relaxed' ? f32x4.relaxedNmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b))
  }

  /** The body's entry of the code section. Called by the module when the body is complete. */
  finish(result: Expr | undefined): Uint8Array {
    if (result) this.out.appendExpr(result)
    const declarations: number[] = []
    let groups = 0
    for (let i = 0; i < this.localTypes.length; ) {
      let run = 1
      while (i + run < this.localTypes.length && this.localTypes[i + run] === this.localTypes[i]) run++
      declarations.push(...unsignedLeb(run), valueTypeByte[this.localTypes[i]!])
      groups++
      i += run
    }
    const header = [...unsignedLeb(groups), ...declarations]
    this.out.push(0x0b)
    const length = header.length + this.prologue.length + this.out.length
    const entry = new CodeBuffer()
    entry.append([...unsignedLeb(length), ...header])
    entry.append(this.prologue.view())
    entry.append(this.out.view())
    return entry.view()
  }

  private emit(operand: Expr, ...code: number[]): void {
    this.out.appendExpr(operand)
    this.out.append(code)
  }

  private storeWith(
    opcode: readonly number[],
    width: number,
    address: I32,
    value: Expr,
    access: MemoryAccess | undefined,
  ): void {
    this.out.appendExpr(toI32(address))
    this.emit(value, ...opcode, ...memoryImmediate(width, access))
  }

  private nest(opening: readonly number[], body: (label: Label) => void): void {
    this.out.append(opening)
    this.depth++
    body({ depth: this.depth })
    this.depth--
    this.out.push(0x0b)
  }

  private distance(label: Label): number[] {
    if (label.depth > this.depth) throw new RangeError('br: the label belongs to a block that is already closed')
    return unsignedLeb(this.depth - label.depth)
  }
}

export function localAt<T extends ValueType>(type: T, index: number): Local<T> {
  return { type, operands: [], code: [0x20, ...unsignedLeb(index)], index }
}
