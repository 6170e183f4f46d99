import { type Affine, add, factorOf, type Loop, loopAffine, scale } from '../../../compiler/affine.ts'
import type { LoopNest, Store } from '../../../compiler/nest.ts'
import { forEachValue, mapAffines, type Value } from '../../../compiler/value.ts'
import type { Node } from '../../../graph/node.ts'
import type { FunctionBuilder, Local, ModuleBuilder } from '../assembler/index.ts'
import { i32 } from '../assembler/index.ts'
import { type Kernel, lesserOf, unravel } from '../kernels/kernel.ts'
import { Evaluator } from './evaluate.ts'
import { emitColumnReduce, emitRowReduce } from './reduce.ts'
import { emitStores } from './store.ts'

/** A kernel generated from a nest, with the nodes its pointers point to. */
export interface NestKernel extends Kernel {
  readonly operands: readonly Node[]
}

/** Elements of a vector loop that one part does, where the loop itself is shared out. A multiple of eight. */
const BLOCK = 4096
/** Work of one part at least, in element operations. */
const LEAST_WORK = 16384

/** Generates the kernel of a nest: loops over the results, vectors of eight along the innermost one. */
export function emitNest(m: ModuleBuilder, whole: LoopNest, name: string): NestKernel {
  const nest = cutColumns(whole)
  const operands = operandsOf(nest)
  const params = new Array<'i32'>(2 + operands.length).fill('i32')
  const { elements, bytes } = measure(nest)
  const shape = chooseShape(nest)
  const unitWork = elements / Math.max(1, shape.units)
  const unitsPerPart = Math.max(1, Math.min(shape.units, Math.ceil(LEAST_WORK / Math.max(1, unitWork))))
  const parts = Math.ceil(shape.units / unitsPerPart)
  const func = m.func(name, params, [], (f, ...locals) => {
    const [begin, end, ...pointers] = locals as Local<'i32'>[]
    const pointerOf = new Map(operands.map((node, i) => [node, pointers[i]]))
    const evaluator = new Evaluator(f, pointerOf, shape.vector)
    const first = f.let(i32.mul(begin, unitsPerPart))
    const last = f.let(lesserOf(f, i32.mul(end, unitsPerPart), shape.units))
    if (shape.blocks) emitBlocks(f, evaluator, nest, shape.vector!, first, last)
    else emitUnits(f, evaluator, nest, shape, first, last)
  })
  return { name, func, pointers: operands.map((node) => node.op.name), parts, flops: elements, bytes, operands }
}

/** Units that a reduction should have at least, for threads to share. */
const LEAST_UNITS = 16
/** Columns that are reduced together: up to four cache lines of each row, since every row may lie in a page of its own. */
const COLUMN_BLOCKS = [64, 56, 48, 40, 32]

/** A reduction across memory of a few long rows: its columns are cut into blocks, so that there is something to share. */
function cutColumns(nest: LoopNest): LoopNest {
  const { outer, reduced, stores } = nest
  if (reduced.length === 0 || measure(nest).elements < 2 * LEAST_WORK) return nest
  const { vector, vectorIsReduced, units } = chooseShape(nest)
  if (!vector || vectorIsReduced || units >= LEAST_UNITS) return nest
  const width = COLUMN_BLOCKS.find((columns) => vector.extent % columns === 0)
  if (!width) return nest
  const blocks: Loop = { id: -1, extent: vector.extent / width }
  const columns: Loop = { id: -2, extent: width }
  const cut = (a: Affine): Affine => {
    const factor = factorOf(a, vector)
    if (factor === 0) return a
    const rest = { ...a, terms: a.terms.filter(({ loop }) => loop !== vector) }
    return add(rest, scale(add(scale(loopAffine(blocks), width), loopAffine(columns)), factor))
  }
  const memo = new Map<Value, Value>()
  return {
    outer: outer.flatMap((loop) => (loop === vector ? [blocks, columns] : [loop])),
    reduced,
    stores: stores.map((store) => ({
      ...store,
      address: cut(store.address),
      value: mapAffines(store.value, cut, memo),
    })),
  }
}

interface NestShape {
  /** The loop along the lanes; null for one element at a time. */
  readonly vector: Loop | null
  /** Whether the lanes run along a reduced loop. */
  readonly vectorIsReduced: boolean
  /** Loops that are shared out together, outermost first; the other outer loops run inside. */
  readonly shared: readonly Loop[]
  readonly inner: readonly Loop[]
  /** The vector loop itself is shared out in blocks. */
  readonly blocks: boolean
  readonly units: number
}

function chooseShape({ outer, reduced, stores }: LoopNest): NestShape {
  const vector = chooseVectorLoop(outer, reduced, stores)
  const vectorIsReduced = vector !== null && reduced.includes(vector)
  const plain = outer.filter((loop) => loop !== vector)
  if (plain.length === 0 && vector && !vectorIsReduced && reduced.length === 0) {
    return { vector, vectorIsReduced, shared: [], inner: [], blocks: true, units: Math.ceil(vector.extent / BLOCK) }
  }
  // As few leading loops as give enough units for a handful of threads.
  let count = 0
  let units = 1
  while (count < plain.length && units < 64) units *= plain[count++].extent
  return { vector, vectorIsReduced, shared: plain.slice(0, count), inner: plain.slice(count), blocks: false, units }
}

function chooseVectorLoop(outer: readonly Loop[], reduced: readonly Loop[], stores: readonly Store[]): Loop | null {
  // A condition that differs from lane to lane is decided element by element.
  const conditioned = new Set<Loop>()
  for (const store of stores) {
    forEachValue(store.value, (value) => {
      if (value.kind !== 'guard') return
      for (const { index } of value.conditions) for (const { loop } of index.terms) conditioned.add(loop)
    })
  }
  const may = (loop: Loop): boolean => !conditioned.has(loop)
  const last = outer.at(-1)
  const storesAlong = (loop: Loop): boolean => stores.every(({ address }) => factorOf(address, loop) === 1)
  if (reduced.length === 0) return last && last.extent > 1 && may(last) && storesAlong(last) ? last : null
  // A reduction reads far more than it writes: what counts is that loads walk memory without gaps.
  const worth = (loop: Loop): number =>
    (loop.extent >= 4 ? 4 : 0) * contiguousLoads(stores, loop) + (outer.includes(loop) && storesAlong(loop) ? 1 : 0)
  const candidates = [...reduced]
    .reverse()
    .concat([...outer].reverse())
    .filter(may)
  const best = candidates.reduce<Loop | null>((a, b) => (a && worth(a) >= worth(b) ? a : b), null)
  return best && worth(best) > 0 ? best : (candidates.find((loop) => reduced.includes(loop)) ?? null)
}

/** How many loads walk memory along a loop without gaps. */
function contiguousLoads(stores: readonly Store[], loop: Loop): number {
  let count = 0
  for (const store of stores) {
    forEachValue(store.value, (value) => {
      if (value.kind === 'load' && factorOf(value.address, loop) === 1) count++
    })
  }
  return count
}

/** A single contiguous loop, shared out in blocks of a fixed size. */
function emitBlocks(
  f: FunctionBuilder,
  evaluator: Evaluator,
  { stores }: LoopNest,
  vector: Loop,
  first: Local<'i32'>,
  last: Local<'i32'>,
): void {
  const rest = vector.extent % 8
  const whole = vector.extent - rest
  for (const store of stores) evaluator.hoist(store.value, 2)
  const counter = f.local('i32')
  const end = lesserOf(f, i32.mul(last, 4 * BLOCK), 4 * whole)
  f.for(counter, i32.mul(first, 4 * BLOCK), end, 32, () => {
    evaluator.within(vector, counter, () => emitStores(evaluator, stores, 2, 8))
  })
  if (rest > 0) {
    f.if(i32.geU(i32.mul(last, BLOCK), whole + 1), () => {
      f.set(counter, 4 * whole)
      evaluator.within(vector, counter, () => emitStores(evaluator, stores, rest > 4 ? 2 : 1, rest), rest)
    })
  }
}

function emitUnits(
  f: FunctionBuilder,
  evaluator: Evaluator,
  nest: LoopNest,
  shape: NestShape,
  first: Local<'i32'>,
  last: Local<'i32'>,
): void {
  const unit = f.local('i32')
  const body = (): void => {
    const counters = unravel(
      f,
      unit,
      shape.shared.map((loop) => loop.extent),
    )
    const open = (at: number): void => {
      const loop = shape.shared[at]
      if (loop) evaluator.within(loop, counters[at], () => open(at + 1))
      else emitInner(f, evaluator, nest, shape, 0)
    }
    open(0)
  }
  f.for(unit, first, last, 1, body)
}

/** The outer loops that are not shared out, then the vector loop or the reduction. */
function emitInner(f: FunctionBuilder, evaluator: Evaluator, nest: LoopNest, shape: NestShape, at: number): void {
  for (const store of nest.stores) evaluator.hoist(store.value, 2)
  const loop = shape.inner[at]
  if (loop) {
    const counter = f.local('i32')
    f.for(counter, 0, loop.extent, 1, () => {
      evaluator.within(loop, counter, () => emitInner(f, evaluator, nest, shape, at + 1))
    })
    return
  }
  const { vector } = shape
  if (nest.reduced.length > 0) {
    if (vector && !shape.vectorIsReduced) emitColumnReduce(evaluator, nest, vector)
    else emitRowReduce(evaluator, nest, vector)
  } else if (vector) emitVectorLoop(f, evaluator, nest.stores, vector)
  else evaluator.within(null, null, () => emitStores(evaluator, nest.stores, 1, 1))
}

function emitVectorLoop(f: FunctionBuilder, evaluator: Evaluator, stores: readonly Store[], vector: Loop): void {
  const rest = vector.extent % 8
  const whole = vector.extent - rest
  const counter = f.local('i32')
  if (whole > 0) {
    f.for(counter, 0, 4 * whole, 32, () => {
      evaluator.within(vector, counter, () => emitStores(evaluator, stores, 2, 8))
    })
  }
  if (rest > 0) {
    f.set(counter, 4 * whole)
    evaluator.within(vector, counter, () => emitStores(evaluator, stores, rest > 4 ? 2 : 1, rest), rest)
  }
}

/** The nodes in memory that a nest reads and writes: its pointers, in a fixed order. */
function operandsOf({ stores }: LoopNest): Node[] {
  const found = new Set<Node>(stores.map(({ target }) => target))
  for (const store of stores) {
    forEachValue(store.value, (value) => {
      if (value.kind === 'load' || value.kind === 'gather') found.add(value.source)
      if (value.kind === 'random') found.add(value.words)
    })
  }
  return [...found]
}

/** Element operations and bytes moved. */
function measure({ outer, reduced, stores }: LoopNest): { elements: number; bytes: number } {
  const extentOf = (loops: readonly Loop[]) => loops.reduce((product, loop) => product * loop.extent, 1)
  const turns = extentOf(outer) * extentOf(reduced)
  const seen = new Set<Value>()
  let operations = 0
  let loaded = 0
  const moved = (a: Affine) => a.terms.reduce((product, { loop }) => product * loop.extent, 1)
  for (const store of stores) {
    forEachValue(
      store.value,
      (value) => {
        if (value.kind === 'apply') operations++
        if (value.kind === 'load') loaded += moved(value.address)
      },
      seen,
    )
  }
  return { elements: turns * Math.max(1, operations), bytes: 4 * (loaded + stores.length * extentOf(outer)) }
}
