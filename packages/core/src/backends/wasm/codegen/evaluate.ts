import { type Affine, affineKey, factorOf, type Loop } from '../../../compiler/affine.ts'
import type { Value } from '../../../compiler/value.ts'
import type { Node } from '../../../graph/node.ts'
import type { PointwiseName } from '../../../ops/names.ts'
import {
  type Expr,
  type FunctionBuilder,
  f32x4,
  i32,
  i32x4,
  type Local,
  select,
  type V128,
  v128,
} from '../assembler/index.ts'
import { emitThreefry, emitUniform } from '../math/index.ts'
import { emitCast, emitPointwise } from './pointwise.ts'

/** Four or eight lanes: one vector, or two adjacent ones that V8 may join. */
export type Lanes = readonly Local<'v128'>[]

/**
 * Computes the values of a nest in registers. It knows which loops are open: what does not depend on a loop is computed
 * before it (`hoist`), and nothing is computed twice in one place.
 */
export class Evaluator {
  readonly f: FunctionBuilder
  /** The loop whose counter runs along the lanes, if any. */
  readonly vectorLoop: Loop | null
  readonly #pointers: ReadonlyMap<Node, Local<'i32'>>
  /** Counters of open loops; that of the vector loop counts bytes. */
  readonly #counters = new Map<Loop, Local<'i32'>>()
  readonly #scopes: Map<string, Lanes | Local<'i32'>>[] = [new Map()]
  /** Lanes that somebody wants. What lies apart is loaded lane by lane, and behind the last there may be no memory. */
  #wanted: number

  /** @param wanted Lanes that somebody wants, of as many vectors as are asked for. Default all. */
  constructor(
    f: FunctionBuilder,
    pointers: ReadonlyMap<Node, Local<'i32'>>,
    vectorLoop: Loop | null,
    wanted = Number.POSITIVE_INFINITY,
  ) {
    this.f = f
    this.#pointers = pointers
    this.vectorLoop = vectorLoop
    this.#wanted = wanted
  }

  /**
   * Opens a loop: its counter is known in `body`, and what is computed there is forgotten after.
   *
   * @param wanted Lanes that somebody wants in there.
   */
  within(loop: Loop | null, counter: Local<'i32'> | null, body: () => void, wanted = this.#wanted): void {
    const before = this.#wanted
    if (loop && counter) this.#counters.set(loop, counter)
    this.#wanted = wanted
    this.#scopes.push(new Map())
    body()
    this.#scopes.pop()
    this.#wanted = before
    if (loop) this.#counters.delete(loop)
  }

  #find<T extends Lanes | Local<'i32'>>(key: string): T | null {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const known = this.#scopes[i].get(key)
      if (known) return known as T
    }
    return null
  }

  #remember<T extends Lanes | Local<'i32'>>(key: string, value: T): T {
    this.#scopes[this.#scopes.length - 1].set(key, value)
    return value
  }

  /** Says what a value is: computed elsewhere, in registers. */
  define(value: Value, lanes: Lanes): void {
    this.#remember(value.key, lanes)
  }

  /** Says where the counter of a loop stands, for good. */
  open(loop: Loop, counter: Local<'i32'>): void {
    this.#counters.set(loop, counter)
  }

  /** Computes now whatever of the value does not depend on loops that are still to be opened. */
  hoist(value: Value, vectors: number): void {
    if (this.#isKnown(value)) {
      // A scalar broadcast over the lanes is one vector, whatever the number.
      this.lanes(value, vectors)
      return
    }
    switch (value.kind) {
      case 'apply':
        for (const operand of value.operands) this.hoist(operand, vectors)
        break
      case 'load':
        this.#base(value.source, value.address)
        break
      case 'gather':
        this.hoist(value.index, vectors)
        break
    }
  }

  #isOpen(a: Affine): boolean {
    return a.terms.every(({ loop }) => this.#counters.has(loop))
  }

  #isKnown(value: Value): boolean {
    switch (value.kind) {
      case 'constant':
        return true
      case 'load':
        return this.#isOpen(value.address)
      case 'index':
        return this.#isOpen(value.index)
      case 'random':
        return this.#isOpen(value.position)
      case 'apply':
        return value.operands.every((operand) => this.#isKnown(operand))
      case 'guard':
        return (
          value.conditions.every(({ index }) => this.#isOpen(index)) &&
          this.#isKnown(value.inside) &&
          this.#isKnown(value.outside)
        )
      case 'gather':
        return this.#isOpen(value.address) && this.#isKnown(value.index)
    }
  }

  /** The address of an element: pointer plus what open loops add. Parts that fewer loops decide are computed outside. */
  address(source: Node, address: Affine): Expr<'i32'> {
    const base = this.#base(source, address)
    const rest = address.terms.filter(({ loop }) => loop === this.vectorLoop || !this.#hasBase(loop))
    return rest.reduce<Expr<'i32'>>((sum, { loop, factor }) => {
      const counter = this.#counters.get(loop)!
      const bytes = loop === this.vectorLoop ? factor : 4 * factor
      return i32.add(sum, bytes === 1 ? counter : i32.mul(counter, bytes))
    }, base)
  }

  #hasBase(loop: Loop): boolean {
    return this.#counters.has(loop) && loop !== this.vectorLoop
  }

  /** Pointer plus the terms of the open loops (not the vector loop), in a local of the present scope. */
  #base(source: Node, address: Affine): Local<'i32'> {
    const open = address.terms.filter(({ loop }) => this.#hasBase(loop))
    const key = `base ${source.id} ${affineKey({ offset: address.offset, terms: open })}`
    const known = this.#find<Local<'i32'>>(key)
    if (known) return known
    let sum: Expr<'i32'> = this.#pointers.get(source)!
    if (address.offset !== 0) sum = i32.add(sum, 4 * address.offset)
    for (const { loop, factor } of open) sum = i32.add(sum, i32.mul(this.#counters.get(loop)!, 4 * factor))
    return this.#remember(key, this.f.let(sum))
  }

  /** The counters' sum as a scalar. */
  #scalar(a: Affine): Expr<'i32'> {
    return a.terms.reduce<Expr<'i32'>>((sum, { loop, factor }) => {
      const counter = this.#counters.get(loop)!
      const count = loop === this.vectorLoop ? i32.shrU(counter, 2) : counter
      return i32.add(sum, factor === 1 ? count : i32.mul(count, factor))
    }, i32.const(a.offset))
  }

  /** The value in `vectors` vectors; masks for truths. */
  lanes(value: Value, vectors: number): Lanes {
    const known = this.#find<Lanes>(value.key)
    if (known) return known.length >= vectors ? known : Array.from({ length: vectors }, (_, v) => known[v] ?? known[0])
    return this.#remember(value.key, this.#compute(value, vectors))
  }

  #alongLanes(a: Affine): number {
    return this.vectorLoop ? factorOf(a, this.vectorLoop) : 0
  }

  #each(vectors: number, make: (v: number) => V128): Lanes {
    return Array.from({ length: vectors }, (_, v) => this.f.let(make(v)))
  }

  #compute(value: Value, vectors: number): Lanes {
    const { f } = this
    switch (value.kind) {
      case 'constant': {
        const { value: number, dtype } = value
        // Set once at the function's entry: as immediates in a loop, constants would be loaded at every turn.
        if (dtype === 'float32') return [f.constant(f32x4.splat(number))]
        return [f.constant(i32x4.splat(dtype === 'bool' ? (number !== 0 ? -1 : 0) : number))]
      }
      case 'load':
        return this.#load(value, vectors)
      case 'index': {
        const along = this.#alongLanes(value.index)
        const base = i32x4.splat(f.let(this.#scalar(value.index)))
        if (along === 0) return [f.let(base)]
        return this.#each(vectors, (v) => i32x4.add(base, i32x4.const(...countUp(along, 4 * v))))
      }
      case 'random': {
        const along = this.#alongLanes(value.position)
        const base = f.let(i32x4.splat(f.let(this.#scalar(value.position))))
        const words = this.#pointers.get(value.words)!
        const word = (i: number) => f.let(i32.load(words, { offset: 4 * i }))
        const counter = f.let(i32.add(word(2), value.stream))
        const [key0, key1] = [word(0), word(1)]
        return this.#each(along === 0 ? 1 : vectors, (v) =>
          emitUniform(f, emitThreefry(f, key0, key1, i32x4.add(base, i32x4.const(...countUp(along, 4 * v))), counter)),
        )
      }
      case 'apply': {
        const operands = value.operands.map((operand) => this.lanes(operand, vectors))
        const { dtype } = value.operands[0]
        const count = Math.min(vectors, Math.max(...operands.map((operand) => new Set(operand).size)))
        return this.#each(count, (v) => {
          const at = operands.map((operand) => operand[v] ?? operand[0])
          if (value.op === 'cast') return emitCast(dtype, value.dtype, at[0])
          return emitPointwise(f, value.op as PointwiseName, dtype, at)
        })
      }
      case 'guard': {
        const results = Array.from({ length: vectors }, () => f.local('v128'))
        const keep = (branch: Value) => () => {
          this.within(null, null, () => {
            const lanes = this.lanes(branch, vectors)
            results.forEach((result, v) => {
              f.set(result, lanes[v] ?? lanes[0])
            })
          })
        }
        const holds = value.conditions.map(({ index, low, high }) => {
          const at = i32.sub(this.#scalar(index), low)
          // One unsigned comparison for both ends.
          return i32.ltU(at, high - low)
        })
        f.if(
          holds.reduce((all, one) => i32.and(all, one)),
          keep(value.inside),
          keep(value.outside),
        )
        return results
      }
      case 'gather':
        return this.#gather(value, vectors)
    }
  }

  /** A lane, or the last that somebody wants. */
  #lane(index: number): number {
    return Math.min(index, this.#wanted - 1)
  }

  #load(value: Value & { kind: 'load' }, vectors: number): Lanes {
    const { f } = this
    const along = this.#alongLanes(value.address)
    const address = this.address(value.source, value.address)
    const toMask = (loaded: V128): V128 => (value.dtype === 'bool' ? i32x4.ne(loaded, v128.zero()) : loaded)
    if (along === 0) return [f.let(toMask(v128.load32Splat(address)))]
    if (along === 1) {
      // One local for both vectors: V8 does not see that two sums are the same, and would load them apart.
      const start = f.let(address)
      return this.#each(vectors, (v) => toMask(v128.load(start, { offset: 16 * v, align: 4 })))
    }
    // Elements that lie apart are put together lane by lane.
    const first = f.let(address)
    return this.#each(vectors, (v) => {
      const lane = (i: number): Expr<'i32'> => i32.add(first, 4 * along * this.#lane(4 * v + i))
      let vector = v128.load32Zero(lane(0))
      for (let i = 1; i < 4; i++) vector = v128.load32Lane(lane(i), vector, i)
      return toMask(vector)
    })
  }

  #gather(value: Value & { kind: 'gather' }, vectors: number): Lanes {
    const { f } = this
    const indices = this.lanes(value.index, vectors)
    const base = f.let(this.address(value.source, value.address))
    const along = this.#alongLanes(value.address)
    return this.#each(vectors, (v) => {
      const index = indices[v] ?? indices[0]
      const inside = f.let(i32x4.ltU(index, i32x4.splat(value.size)))
      let result = v128.zero()
      for (let i = 0; i < 4; i++) {
        const at = f.let(i32x4.extractLane(index, i))
        const safe = select(i32.ltU(at, value.size), at, i32.const(0))
        const shift = 4 * along * this.#lane(4 * v + i)
        const address = i32.add(shift === 0 ? base : i32.add(base, shift), i32.mul(safe, 4 * value.stride))
        result = v128.load32Lane(address, result, i)
      }
      const found = v128.and(result, inside)
      return value.dtype === 'bool' ? i32x4.ne(found, v128.zero()) : found
    })
  }
}

function countUp(step: number, from: number): [number, number, number, number] {
  return [from * step, (from + 1) * step, (from + 2) * step, (from + 3) * step]
}
