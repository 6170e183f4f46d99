import type { F32, I32, Local, MemoryAccess, V128 } from './expr.ts'
import type { FunctionBuilder } from './function.ts'
import { f32x4 } from './instructions/f32x4.ts'
import { v128 } from './instructions/v128.ts'

/**
 * Eight floats as two vectors. V8's revectoriser joins two 128-bit operations into one of 256 bits when it finds them
 * growing from two stores to adjacent addresses (`deps/v8/src/compiler/turboshaft/wasm-revec-reducer.h`), so everything
 * that should run at full width is written in such pairs.
 */
export interface Pair {
  readonly low: V128
  readonly high: V128
}

export interface PairLocal extends Pair {
  readonly low: Local<'v128'>
  readonly high: Local<'v128'>
}

/** Applies a vector operation to both halves. */
export function pairwise(operation: (...vectors: V128[]) => V128, ...pairs: Pair[]): Pair {
  return {
    low: operation(...pairs.map((pair) => pair.low)),
    high: operation(...pairs.map((pair) => pair.high)),
  }
}

/** Loads eight adjacent floats. */
export function loadPair(address: I32, { offset = 0, align }: MemoryAccess = {}): Pair {
  const width = align === undefined ? {} : { align }
  return {
    low: v128.load(address, { offset, ...width }),
    high: v128.load(address, { offset: offset + 16, ...width }),
  }
}

/** Eight copies of the float at an address. */
export function loadSplatPair(address: I32, access?: MemoryAccess): Pair {
  const vector = v128.load32Splat(address, access)
  return { low: vector, high: vector }
}

export function splatPair(value: F32): Pair {
  const vector = f32x4.splat(value)
  return { low: vector, high: vector }
}

/**
 * Stores eight floats at adjacent addresses: the seed from which V8 joins operations. Both halves are computed before
 * the first store, since V8 joins no loads that have a store between them. Storing several pairs of one loop step, let
 * all of them be computed (`letPair`) before the first is stored, for the same reason.
 */
export function storePair(f: FunctionBuilder, address: I32, pair: Pair, { offset = 0 }: MemoryAccess = {}): void {
  const { low, high } = letPair(f, pair)
  f.store(address, low, { offset })
  f.store(address, high, { offset: offset + 16 })
}

export function localPair(f: FunctionBuilder): PairLocal {
  return { low: f.local('v128'), high: f.local('v128') }
}

export function setPair(f: FunctionBuilder, local: PairLocal, value: Pair): void {
  f.set(local.low, value.low)
  f.set(local.high, value.high)
}

/** A pair of new locals that holds the value, for use in several places. */
export function letPair(f: FunctionBuilder, value: Pair): PairLocal {
  return { low: f.let(value.low), high: f.let(value.high) }
}
