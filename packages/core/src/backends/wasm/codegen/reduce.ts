import type { Loop } from '../../../compiler/affine.ts'
import type { Fold, LoopNest, Store } from '../../../compiler/nest.ts'
import type { DType } from '../../../tensor/dtype.ts'
import {
  type FunctionBuilder,
  f32x4,
  type I32,
  i8x16,
  i32,
  i32x4,
  type Local,
  type V128,
  v128,
} from '../assembler/index.ts'
import type { Evaluator, Lanes } from './evaluate.ts'
import { storeLanes } from './store.ts'

function identityOf(fold: Fold, dtype: DType): V128 {
  if (dtype === 'float32') {
    return f32x4.splat(fold === 'sum' ? 0 : fold === 'max' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)
  }
  return i32x4.splat(fold === 'sum' ? 0 : fold === 'max' ? -(2 ** 31) : 2 ** 31 - 1)
}

/** Folds two vectors lane by lane. The strict float maximum and minimum keep NaNs. */
function combine(fold: Fold, dtype: DType, a: V128, b: V128): V128 {
  if (dtype === 'float32') return fold === 'sum' ? f32x4.add(a, b) : fold === 'max' ? f32x4.max(a, b) : f32x4.min(a, b)
  return fold === 'sum' ? i32x4.add(a, b) : fold === 'max' ? i32x4.maxS(a, b) : i32x4.minS(a, b)
}

/** Folds the four lanes into each of them. */
function foldLanes(f: FunctionBuilder, fold: Fold, dtype: DType, lanes: V128): V128 {
  const swapped = (vector: V128, order: readonly number[]): V128 =>
    i8x16.shuffle(
      vector,
      vector,
      order.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
    )
  const all = f.let(lanes)
  const halves = f.let(combine(fold, dtype, all, swapped(all, [2, 3, 0, 1])))
  return combine(fold, dtype, halves, swapped(halves, [1, 0, 3, 2]))
}

function accumulators(f: FunctionBuilder, stores: readonly Store[], vectors: number): Local<'v128'>[][] {
  return stores.map(({ fold, target }) => Array.from({ length: vectors }, () => f.let(identityOf(fold!, target.dtype))))
}

function accumulate(f: FunctionBuilder, { fold, target }: Store, sums: readonly Local<'v128'>[], lanes: Lanes): void {
  sums.forEach((sum, v) => {
    f.set(sum, combine(fold!, target.dtype, sum, lanes[v] ?? lanes[0]))
  })
}

/**
 * How many numbers are added one after another into a running value. Longer sums are made of sums of so many: the rounding
 * errors of a sum grow with the number of its terms (N. Higham, "The accuracy of floating point summation", 1993), and a
 * batch norm over a large image divides what is left of a mean by a small deviation.
 */
const TERMS = 32

type Accumulators = readonly (readonly Local<'v128'>[])[]

/** Whether adding so many numbers straight on would lose what adding in blocks keeps. */
function wantsBlocks(stores: readonly Store[], terms: number): boolean {
  return terms > TERMS && stores.some(({ fold, target }) => fold === 'sum' && target.dtype === 'float32')
}

/** Runs a loop in blocks of at most `TERMS` turns, each into running values of its own that are then added to `sums`. */
function inBlocks(
  f: FunctionBuilder,
  stores: readonly Store[],
  sums: Accumulators,
  { counter, extent, step }: { counter: Local<'i32'>; extent: number; step: number },
  body: (into: Accumulators) => void,
): void {
  const block = Math.min(extent, TERMS * step)
  const run = (begin: I32, end: I32): void => {
    const into = accumulators(f, stores, sums[0].length)
    f.for(counter, begin, end, step, () => body(into))
    stores.forEach((store, i) => {
      accumulate(f, store, sums[i], into[i])
    })
  }
  const whole = extent - (extent % block)
  if (whole > block) {
    const begin = f.local('i32')
    f.for(begin, 0, whole, block, () => run(begin, i32.add(begin, block)))
  } else run(0, whole)
  if (extent > whole) run(whole, extent)
}

/** Opens loops one inside the other and runs `body` in the innermost, with the running values to add to. */
function nestLoops(
  evaluator: Evaluator,
  loops: readonly Loop[],
  stores: readonly Store[],
  sums: Accumulators,
  blocks: boolean,
  body: (into: Accumulators) => void,
): void {
  const { f } = evaluator
  const [loop, ...rest] = loops
  if (!loop) {
    body(sums)
    return
  }
  const counter = f.local('i32')
  if (blocks && rest.length === 0) {
    inBlocks(f, stores, sums, { counter, extent: loop.extent, step: 1 }, (into) => {
      evaluator.within(loop, counter, () => body(into))
    })
    return
  }
  f.for(counter, 0, loop.extent, 1, () => {
    evaluator.within(loop, counter, () => {
      if (rest.length > 0) for (const store of stores) evaluator.hoist(store.value, sums[0].length)
      nestLoops(evaluator, rest, stores, sums, blocks, body)
    })
  })
}

/** How many numbers loops go over. */
function turns(loops: readonly Loop[]): number {
  return loops.reduce((product, { extent }) => product * extent, 1)
}

/**
 * Reduces along memory: eight running values a result, folded into one at the end. Without a vector loop one element at a
 * time.
 */
export function emitRowReduce(evaluator: Evaluator, { reduced, stores }: LoopNest, vector: Loop | null): void {
  const { f } = evaluator
  const vectors = vector ? 2 : 1
  const sums = accumulators(f, stores, vectors)
  const around = reduced.filter((loop) => loop !== vector)
  const blocks = vector !== null && wantsBlocks(stores, turns(reduced) / 8)
  const add = (into: Accumulators, masks: readonly (V128 | null)[]): void => {
    const values = stores.map((store) => evaluator.lanes(store.value, vectors))
    stores.forEach((store, i) => {
      const identity = identityOf(store.fold!, store.target.dtype)
      const lanes = into[i].map((_, v) => {
        const lane = values[i][v] ?? values[i][0]
        const mask = masks[v]
        return mask ? f.let(v128.bitselect(lane, identity, mask)) : lane
      })
      accumulate(f, store, into[i], lanes)
    })
  }
  evaluator.within(null, null, () => {
    nestLoops(evaluator, around, stores, sums, false, () => {
      if (!vector) {
        add(sums, [firstLanes(1)])
        return
      }
      for (const store of stores) evaluator.hoist(store.value, vectors)
      const rest = vector.extent % 8
      const whole = vector.extent - rest
      const counter = f.local('i32')
      const addWhole = (into: Accumulators) => evaluator.within(vector, counter, () => add(into, [null, null]))
      if (whole > 0 && blocks) inBlocks(f, stores, sums, { counter, extent: 4 * whole, step: 32 }, addWhole)
      else if (whole > 0) f.for(counter, 0, 4 * whole, 32, () => addWhole(sums))
      if (rest > 0) {
        f.set(counter, 4 * whole)
        evaluator.within(vector, counter, () => add(sums, [firstLanes(rest), firstLanes(rest - 4)]), rest)
      }
    })
  })
  stores.forEach((store, i) => {
    const { fold, target } = store
    const joined = vectors === 2 ? combine(fold!, target.dtype, sums[i][0], sums[i][1]) : sums[i][0]
    storeLanes(evaluator, store, [f.let(foldLanes(f, fold!, target.dtype, joined))], 1)
  })
}

/** A mask of the first lanes; null for all of them. */
function firstLanes(count: number): V128 | null {
  if (count >= 4) return null
  const lane = (i: number): number => (i < count ? -1 : 0)
  return i32x4.const(lane(0), lane(1), lane(2), lane(3))
}

/** Vectors of results that are summed together: as many as fill a cache line four times, and half of the registers. */
const COLUMN_VECTORS = 16

/** Reduces across memory: the lanes are neighbouring results, and each turn of the reduced loops adds to all of them. */
export function emitColumnReduce(evaluator: Evaluator, { reduced, stores }: LoopNest, vector: Loop): void {
  const { f } = evaluator
  const widest = Math.max(2, Math.floor(COLUMN_VECTORS / stores.length) & ~1)
  const counter = f.local('i32')
  const block = (vectors: number, count: number): void => {
    const sums = accumulators(f, stores, vectors)
    evaluator.within(
      vector,
      counter,
      () => {
        for (const store of stores) evaluator.hoist(store.value, vectors)
        nestLoops(evaluator, reduced, stores, sums, wantsBlocks(stores, turns(reduced)), (into) => {
          const values = stores.map((store) => evaluator.lanes(store.value, vectors))
          stores.forEach((store, i) => {
            accumulate(f, store, into[i], values[i])
          })
        })
        stores.forEach((store, i) => {
          storeLanes(evaluator, store, sums[i], count)
        })
      },
      count,
    )
  }
  let from = 0
  for (let vectors = widest; vectors >= 2; vectors = vectors > 2 ? vectors - 2 : 0) {
    const width = 4 * vectors
    const blocks = Math.floor((vector.extent - from) / width)
    if (blocks === 0) continue
    f.for(counter, 4 * from, 4 * (from + blocks * width), 4 * width, () => block(vectors, width))
    from += blocks * width
  }
  const rest = vector.extent - from
  if (rest > 0) {
    f.set(counter, 4 * from)
    block(rest > 4 ? 2 : 1, rest)
  }
}
