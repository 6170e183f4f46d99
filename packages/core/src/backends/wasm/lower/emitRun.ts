import type { MemoryPlan } from '../../../compiler/memory.ts'
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
import { takePart } from '../threads/index.ts'
import type { Operand, Step } from './step.ts'

/** A step with the offset of its op's scratch. */
export interface PlacedStep extends Step {
  readonly scratchOffset: number
  /** Whether all threads share it; otherwise the first thread does all of it. */
  readonly shared: boolean
  /** Whether it is long enough that its last parts go to whoever is free. */
  readonly balanced: boolean
}

/** Of a balanced step each thread has its share of so many parts beforehand; the others go to whoever is done first. */
const FIXED_SHARE = 3 / 4

export type RunFunc = Func<readonly ['i32', 'i32', 'i32'], null>

/** A value that replaces a buffer at the end of a run. */
export interface Copy {
  /** Offset in the arena. */
  readonly from: number
  readonly buffer: number
  readonly bytes: number
}

/**
 * Emits `run(thread, threads, table)`: all steps in order, shared out between the threads, with a barrier between two
 * steps unless one thread does both. Who does a part never changes what it holds, so of long steps the last parts are
 * taken by whoever is free: on a machine with other work a thread may be held up (self-scheduling; C. Polychronopoulos and
 * D. Kuck, "Guided self-scheduling", 1987). The table in memory holds the address of the arena, then those of the buffers,
 * then those of the arguments.
 */
export function emitRun(
  m: ModuleBuilder,
  barrier: Func<readonly ['i32', 'i32'], null>,
  steps: readonly PlacedStep[],
  memory: MemoryPlan,
  buffers: number,
  copies: readonly Copy[] = [],
): RunFunc {
  return m.func('run', ['i32', 'i32', 'i32'], [], (f, thread, threads, table) => {
    const arena = f.let(i32.load(table))
    const pointer = (operand: Operand, scratchOffset: number): Expr<'i32'> => {
      if ('scratch' in operand) return i32.add(arena, scratchOffset + operand.scratch)
      const place = memory.placeOf(operand.node)
      if (place.kind === 'arena') return i32.add(arena, place.offset)
      return i32.load(table, { offset: 4 * (1 + (place.kind === 'buffer' ? 0 : buffers) + place.index) })
    }
    const call = (step: PlacedStep, begin: Expr<'i32'>, end: Expr<'i32'>): void => {
      const pointers = step.operands.map((operand) => pointer(operand, step.scratchOffset))
      f.call(step.kernel.func, [begin, end, ...pointers] as never)
    }
    for (let at = 0; at < steps.length; ) {
      if (at > 0) f.call(barrier, [thread, threads])
      const step = steps[at]
      if (step.shared) {
        const { parts } = step.kernel
        const fixed = step.balanced ? Math.floor(parts * FIXED_SHARE) : parts
        const dealt = fixed === parts ? parts : f.let(select(i32.gtS(threads, 1), i32.const(fixed), i32.const(parts)))
        call(step, portion(f, thread, threads, dealt), portion(f, i32.add(thread, 1), threads, dealt))
        if (fixed < parts) {
          f.if(i32.gtS(threads, 1), () =>
            f.loop((again) => {
              const part = f.let(i32.add(takePart(), fixed))
              f.if(i32.ltS(part, parts), () => {
                call(step, part, i32.add(part, 1))
                f.br(again)
              })
            }),
          )
        }
        at++
        continue
      }
      // Small steps in a row: one thread does them all, the others wait once.
      let end = at
      while (end < steps.length && !steps[end].shared) end++
      f.if(i32.eqz(thread), () => {
        for (const small of steps.slice(at, end)) call(small, i32.const(0), i32.const(small.kernel.parts))
      })
      at = end
    }
    if (copies.length === 0) return
    f.call(barrier, [thread, threads])
    f.if(i32.eqz(thread), () => {
      for (const { from, buffer, bytes } of copies) {
        f.copyMemory(i32.load(table, { offset: 4 * (1 + buffer) }), i32.add(arena, from), bytes)
      }
    })
  })
}

/** Where a thread's share of the parts begins: parts · thread / threads. */
function portion(f: FunctionBuilder, thread: Expr<'i32'>, threads: Local<'i32'>, parts: I32): Expr<'i32'> {
  return f.let(i32.divU(i32.mul(thread, parts), threads))
}
