import type { Node } from '../graph/node.ts'
import { type Affine, add, affineKey, factorOf, type Loop, type LoopSet, scale } from './affine.ts'
import { forEachValue, mapAffines, type Value } from './value.ts'

/** How the values of the reduced loops become one. */
export type Fold = 'sum' | 'max' | 'min'

/** One result of a nest: where it goes and what it is; with `fold` over the reduced loops. */
export interface Store {
  readonly target: Node
  readonly address: Affine
  readonly value: Value
  readonly fold: Fold | null
}

/** Loops and what they compute: all a code generator needs to know. */
export interface LoopNest {
  /** Loops over the results, outermost first; each turn stores. */
  readonly outer: readonly Loop[]
  /** Loops that are folded, outermost first. Empty for a map. */
  readonly reduced: readonly Loop[]
  readonly stores: readonly Store[]
}

/** All sums of counters of a nest. */
function affinesOf(stores: readonly Store[]): Affine[] {
  const found: Affine[] = []
  const seen = new Set<Value>()
  for (const store of stores) {
    found.push(store.address)
    forEachValue(
      store.value,
      (value) => {
        if (value.kind === 'load' || value.kind === 'gather') found.push(value.address)
        else if (value.kind === 'index') found.push(value.index)
        else if (value.kind === 'random') found.push(value.position)
        else if (value.kind === 'guard') for (const { index } of value.conditions) found.push(index)
      },
      seen,
    )
  }
  return found
}

/** Brings a nest to its simplest form: loops in the order of memory, neighbours that are walked as one joined. */
export function simplifyNest(
  loops: LoopSet,
  outer: readonly Loop[],
  reduced: readonly Loop[],
  given: readonly Store[],
): LoopNest {
  const memo = new Map<Value, Value>()
  const resolve = (a: Affine) => loops.resolve(a)
  let stores: Store[] = given.map((store) => ({
    ...store,
    address: resolve(store.address),
    value: mapAffines(store.value, resolve, memo),
  }))
  const parts = (list: readonly Loop[]) =>
    list.flatMap((loop) => loops.resolveLoop(loop)).filter((loop) => loop.extent !== 1)
  const addresses = addressesByWeight(stores)
  let order = sortByStride(parts(outer), addresses)
  let folded = sortByStride(parts(reduced), addresses)
  for (;;) {
    const pair = joinable(order, stores) ?? joinable(folded, stores)
    if (!pair) break
    const [above, below] = pair
    const joined = loops.make(above.extent * below.extent)
    const join = (a: Affine): Affine => {
      const factor = factorOf(a, below)
      if (factor === 0) return a
      const rest = { ...a, terms: a.terms.filter(({ loop }) => loop !== above && loop !== below) }
      return add(rest, scale({ offset: 0, terms: [{ loop: joined, factor: 1 }] }, factor))
    }
    const joinedMemo = new Map<Value, Value>()
    stores = stores.map((store) => ({
      ...store,
      address: join(store.address),
      value: mapAffines(store.value, join, joinedMemo),
    }))
    const replace = (list: readonly Loop[]) =>
      list.flatMap((loop) => (loop === above ? [] : loop === below ? [joined] : [loop]))
    order = replace(order)
    folded = replace(folded)
  }
  return { outer: order, reduced: folded, stores }
}

/** Neighbouring loops that every address walks as one. */
function joinable(order: readonly Loop[], stores: readonly Store[]): [Loop, Loop] | null {
  const affines = affinesOf(stores)
  for (let i = 0; i + 1 < order.length; i++) {
    const [above, below] = [order[i], order[i + 1]]
    if (affines.every((a) => factorOf(a, above) === factorOf(a, below) * below.extent)) return [above, below]
  }
  return null
}

/** The addresses that decide the order of loops: the first result's, then the loads that move through most memory. */
function addressesByWeight(stores: readonly Store[]): Affine[] {
  const loads = new Map<string, Affine>()
  for (const store of stores) {
    forEachValue(store.value, (value) => {
      if (value.kind === 'load') loads.set(affineKey(value.address), value.address)
    })
  }
  const weight = (a: Affine) => a.terms.reduce((turns, { loop }) => turns * loop.extent, 1)
  return [stores[0].address, ...[...loads.values()].sort((a, b) => weight(b) - weight(a))]
}

function sortByStride(list: readonly Loop[], addresses: readonly Affine[]): Loop[] {
  return [...list].sort((a, b) => {
    for (const address of addresses) {
      const [x, y] = [Math.abs(factorOf(address, a)), Math.abs(factorOf(address, b))]
      // A loop that an address does not know says nothing about the order.
      if (x !== 0 && y !== 0 && x !== y) return y - x
    }
    return a.id - b.id
  })
}
