import { factorOf } from '../../../compiler/affine.ts'
import type { Store } from '../../../compiler/nest.ts'
import { i32, type V128, v128 } from '../assembler/index.ts'
import { ones32 } from './constants.ts'
import type { Evaluator, Lanes } from './evaluate.ts'

/** Computes the values of a map at one place of its loops and stores the first `count` lanes of each. */
export function emitStores(evaluator: Evaluator, stores: readonly Store[], vectors: number, count: number): void {
  // All values before the first store: V8 joins pairs only if no store stands between the loads they grow from.
  const values = stores.map((store) => evaluator.lanes(store.value, vectors))
  stores.forEach((store, i) => {
    storeLanes(evaluator, store, values[i], count)
  })
}

/** Stores the first `count` lanes, side by side or as far apart as the vector loop's steps are. */
export function storeLanes(evaluator: Evaluator, store: Store, lanes: Lanes, count: number): void {
  const { f, vectorLoop } = evaluator
  const along = vectorLoop ? factorOf(store.address, vectorLoop) : 1
  const address = f.let(evaluator.address(store.target, store.address))
  const toMemory = (lane: V128): V128 => (store.target.dtype === 'bool' ? v128.and(lane, ones32) : lane)
  const vectorAt = (v: number): V128 => toMemory(lanes[v] ?? lanes[0])
  for (let v = 0; 4 * v < count; v++) {
    const left = count - 4 * v
    const vector = vectorAt(v)
    if (along === 1 && left >= 4) f.store(address, vector, { offset: 16 * v, align: 4 })
    else {
      const local = f.let(vector)
      for (let lane = 0; lane < Math.min(4, left); lane++) {
        const at = 4 * (4 * v + lane) * along
        f.storeLane(32, at >= 0 ? address : i32.add(address, at), local, lane, { offset: Math.max(0, at) })
      }
    }
  }
}
