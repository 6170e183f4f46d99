import { type Func, i32, type ModuleBuilder } from '../assembler/index.ts'
import type { RunFunc } from './emitRun.ts'
import type { RunTable } from './runTable.ts'

/** What a loop over batches moves in and out of a run. */
export interface BatchMoves {
  /** The words of every run. Behind them stand the addresses of the data, the order and the feeds. */
  readonly table: RunTable
  readonly inputs: readonly { readonly offset: number; readonly rows: number; readonly rowBytes: number }[]
  readonly feeds: readonly { readonly offset: number; readonly bytes: number }[]
  readonly outputs: readonly { readonly bytes: number }[]
}

/**
 * Emits `runBatches(thread, threads, table, steps)`: for each step gathers the rows that the order names, sets the feeds,
 * runs, and moves the places of the results on, so that they stand one behind the other. A small model trains for an epoch
 * without coming back to JavaScript.
 */
export function emitRunBatches(
  m: ModuleBuilder,
  barrier: Func<readonly ['i32', 'i32'], null>,
  run: RunFunc,
  { table: words, inputs, feeds, outputs }: BatchMoves,
): Func {
  return m.func('runBatches', ['i32', 'i32', 'i32', 'i32'], [], (f, thread, threads, table, steps) => {
    const word = (index: number) => f.let(i32.load(table, { offset: 4 * index }))
    const arena = word(0)
    const behind = words.length
    const data = inputs.map((_, i) => word(behind + i))
    const order = word(behind + inputs.length)
    const feed = word(behind + inputs.length + 1)
    const rows = inputs[0]?.rows ?? 0
    const step = f.local('i32')
    const row = f.local('i32')
    f.for(step, 0, steps, 1, () => {
      f.if(i32.eqz(thread), () => {
        f.for(row, 0, rows, 1, () => {
          const from = f.let(i32.load(i32.add(order, i32.mul(row, 4))))
          inputs.forEach(({ offset, rowBytes }, i) => {
            const target = f.let(i32.add(i32.add(arena, offset), i32.mul(row, rowBytes)))
            const source = f.let(i32.add(data[i], i32.mul(from, rowBytes)))
            // A few words are moved faster than a call of the engine's copy.
            if (rowBytes <= 32)
              for (let at = 0; at < rowBytes; at += 4) f.store(target, i32.load(source, { offset: at }), { offset: at })
            else f.copyMemory(target, source, rowBytes)
          })
        })
        f.increment(order, 4 * rows)
        for (const { offset, bytes } of feeds) {
          f.copyMemory(i32.add(arena, offset), feed, bytes)
          f.increment(feed, bytes)
        }
      })
      f.call(barrier, [thread, threads])
      f.call(run, [thread, threads, table])
      f.call(barrier, [thread, threads])
      f.if(i32.eqz(thread), () => {
        outputs.forEach(({ bytes }, index) => {
          const at = { offset: 4 * words.wordOf({ kind: 'result', index }) }
          f.store(table, i32.add(i32.load(table, at), bytes), at)
        })
      })
    })
  })
}
