import {
  type Expr,
  type Func,
  type FunctionBuilder,
  type I32,
  i32,
  type Local,
  type ModuleBuilder,
  select,
} from '../assembler/index.ts'

/**
 * An emitted kernel: a function `(begin, end, ...pointers)` that does the parts from `begin` up to `end`. The parts are
 * fixed chunks of the output, so who computes a part never changes what it holds.
 */
export interface Kernel {
  readonly name: string
  readonly func: Func
  /** What each pointer argument points to, in order. */
  readonly pointers: readonly string[]
  readonly parts: number
  /** Useful floating-point operations of all parts; a multiply-add counts two. */
  readonly flops: number
  /** Bytes that have to be read and written at least once. */
  readonly bytes: number
}

export interface KernelShape<Names extends readonly string[]> {
  readonly name: string
  readonly pointers: Names
  /** Indivisible pieces of work; a part is a group of them. */
  readonly units: number
  readonly flops: number
  readonly bytes: number
  /** No more parts than this. */
  readonly mostParts?: number
}

export type Pointers<Names extends readonly string[]> = { readonly [N in Names[number]]: Local<'i32'> }

/** About 2 µs of one core: a tenth of what waking a sleeping thread costs, ten times what a barrier costs. */
const leastPartFlops = 200_000
/** What moving a byte counts for: a core adds and multiplies about four numbers while it moves one byte. */
const flopsPerByte = 4

/** Emits a kernel from the code of one unit of work; `begin` is the first part of the call that does it. */
export function defineKernel<const Names extends readonly string[]>(
  m: ModuleBuilder,
  shape: KernelShape<Names>,
  emitUnit: (f: FunctionBuilder, unit: Local<'i32'>, pointers: Pointers<Names>, begin: Local<'i32'>) => void,
): Kernel {
  const { name, units, flops, bytes } = shape
  const worth = Math.max(1, flops, flopsPerByte * bytes)
  const { mostParts = units } = shape
  const worthSharing = Math.min(units, Math.ceil((leastPartFlops * units) / worth))
  const unitsPerPart = Math.max(1, worthSharing, Math.ceil(units / mostParts))
  const parts = Math.ceil(units / unitsPerPart)
  const params = new Array<'i32'>(2 + shape.pointers.length).fill('i32')
  const func = m.func(name, params, [], (f, ...locals) => {
    const [begin, end, ...rest] = locals as Local<'i32'>[]
    const pointers = Object.fromEntries(shape.pointers.map((pointer, i) => [pointer, rest[i]!])) as Pointers<Names>
    const unit = f.local('i32')
    const wanted = i32.mul(end!, unitsPerPart)
    const last = units % unitsPerPart === 0 ? wanted : lesserOf(f, wanted, units)
    f.for(unit, i32.mul(begin!, unitsPerPart), last, 1, () => emitUnit(f, unit, pointers, begin!))
  })
  return { name, func, pointers: shape.pointers, parts, flops, bytes }
}

/** Splits a linear index into indices of the given sizes, the last one running fastest. */
export function unravel(f: FunctionBuilder, index: Local<'i32'>, sizes: readonly number[]): Local<'i32'>[] {
  let rest = index
  const indices: Local<'i32'>[] = []
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    if (axis === 0) indices.unshift(rest)
    else if (sizes[axis] === 1) indices.unshift(f.let(i32.const(0)))
    else {
      indices.unshift(f.let(i32.remU(rest, sizes[axis]!)))
      rest = f.let(i32.divU(rest, sizes[axis]!))
    }
  }
  return indices
}

/** Panels of output channels, from the first up to the end. */
export interface PanelRange {
  readonly firstPanel: Local<'i32'>
  readonly endPanel: Local<'i32'>
}

/** The panels of one of several blocks, which differ by one at most. */
export function panelsOfBlock(f: FunctionBuilder, block: Local<'i32'>, blocks: number, panels: number): PanelRange {
  return {
    firstPanel: f.let(i32.divU(i32.mul(block, panels), blocks)),
    endPanel: f.let(i32.divU(i32.mul(i32.add(block, 1), panels), blocks)),
  }
}

/** The lesser of two signed integers. */
export function lesserOf(f: FunctionBuilder, a: Expr<'i32'>, b: I32): Expr<'i32'> {
  const left = f.let(a)
  const right = typeof b === 'number' ? i32.const(b) : f.let(b)
  return f.let(select(i32.ltS(left, right), left, right))
}
