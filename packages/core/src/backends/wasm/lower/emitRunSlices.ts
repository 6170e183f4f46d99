import { type Func, i32, type ModuleBuilder } from '../assembler/index.ts'
import { takePart } from '../threads/index.ts'
import type { RunFunc } from './emitRun.ts'
import type { RunTable } from './runTable.ts'

/**
 * Emits `runSlices(thread, threads, tables, slices, arena, arenaBytes)`: every thread takes the next slice of a batch and
 * does all of it, in an arena of its own, until none is left. Threads wait for nobody in between, and what one thread has
 * computed no other has to fetch from its cache.
 */
export function emitRunSlices(m: ModuleBuilder, run: RunFunc, words: RunTable): Func {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return m.func('runSlices', params, [], (f, thread, _threads, tables, slices, arena, arenaBytes) => {
    const own = f.let(i32.add(arena, i32.mul(thread, arenaBytes)))
    f.loop((again) => {
      const slice = f.let(takePart())
      f.if(i32.ltS(slice, slices), () => {
        const table = f.let(i32.add(tables, i32.mul(slice, 4 * words.length)))
        f.store(table, own)
        f.call(run, [i32.const(0), i32.const(1), table])
        f.br(again)
      })
    })
  })
}
