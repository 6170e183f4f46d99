import type { MemoryPlan, Place } from '../../../compiler/memory.ts'
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
import type { RunTable, TablePlace } from './runTable.ts'
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

/** A value that is copied at the end of a run: to the buffer that it replaces, or to where a result is wanted. */
export interface Copy {
  readonly from: Place
  readonly to: TablePlace
  readonly bytes: number
}

/**
 * Emits `run(thread, threads, table)`: all steps in order, shared out between the threads, with a barrier between two
 * steps unless one thread does both. Who does a part never changes what it holds, so of long steps the last parts are
 * taken by whoever is free: on a machine with other work a thread may be held up (self-scheduling; C. Polychronopoulos and
 * D. Kuck, "Guided self-scheduling", 1987). The table in memory holds the addresses: see `RunTable`.
 */
export function emitRun(
  m: ModuleBuilder,
  barrier: Func<readonly ['i32', 'i32'], null>,
  steps: readonly PlacedStep[],
  memory: MemoryPlan,
  words: RunTable,
  copies: readonly Copy[] = [],
  name = 'run',
): RunFunc {
  const emitter = new StepEmitter(memory, words)
  const pieces = inPieces(phasesOf(steps)).map((phases, piece) =>
    m.func(`${name} ${piece}`, ['i32', 'i32', 'i32'], [], (f, thread, threads, table) => {
      const arena = f.let(i32.load(table))
      phases.forEach((phase, at) => {
        if (piece + at > 0) f.call(barrier, [thread, threads])
        emitter.emit(f, phase, { thread, threads, table, arena })
      })
    }),
  )
  return m.func(name, ['i32', 'i32', 'i32'], [], (f, thread, threads, table) => {
    for (const piece of pieces) f.call(piece, [thread, threads, table])
    if (copies.length === 0) return
    f.call(barrier, [thread, threads])
    f.if(i32.eqz(thread), () => {
      const arena = f.let(i32.load(table))
      for (const { from, to, bytes } of copies)
        f.copyMemory(words.address(to, table, arena), words.address(from, table, arena), bytes)
    })
  })
}

/** What happens between two barriers: one step that all threads share, or small steps that the first thread does. */
type Phase = readonly PlacedStep[]

function phasesOf(steps: readonly PlacedStep[]): Phase[] {
  const phases: PlacedStep[][] = []
  let before: PlacedStep | undefined
  for (const step of steps) {
    if (before && !before.shared && !step.shared) phases[phases.length - 1].push(step)
    else phases.push([step])
    before = step
  }
  return phases
}

/** About so many steps make a function: V8 needs for one of a thousand several times as long as for thirty small ones. */
const STEPS_IN_A_PIECE = 32

function inPieces(phases: readonly Phase[]): Phase[][] {
  const pieces: Phase[][] = []
  let room = 0
  for (const phase of phases) {
    if (room <= 0) {
      pieces.push([])
      room = STEPS_IN_A_PIECE
    }
    pieces[pieces.length - 1].push(phase)
    room -= phase.length
  }
  return pieces
}

/** The locals of a function that does steps. */
interface Site {
  readonly thread: Local<'i32'>
  readonly threads: Local<'i32'>
  readonly table: Local<'i32'>
  readonly arena: Local<'i32'>
}

class StepEmitter {
  readonly #memory: MemoryPlan
  readonly #words: RunTable

  constructor(memory: MemoryPlan, words: RunTable) {
    this.#memory = memory
    this.#words = words
  }

  emit(f: FunctionBuilder, phase: Phase, site: Site): void {
    const [step] = phase
    if (step.shared) {
      this.#share(f, step, site)
      return
    }
    f.if(i32.eqz(site.thread), () => {
      for (const small of phase) this.#call(f, small, site, i32.const(0), i32.const(small.kernel.parts))
    })
  }

  #share(f: FunctionBuilder, step: PlacedStep, site: Site): void {
    const { thread, threads } = site
    const { parts } = step.kernel
    const fixed = step.balanced ? Math.floor(parts * FIXED_SHARE) : parts
    const dealt = fixed === parts ? parts : f.let(select(i32.gtS(threads, 1), i32.const(fixed), i32.const(parts)))
    const [begin, end] = [thread, i32.add(thread, 1)].map((index) => portion(f, index, threads, dealt))
    this.#call(f, step, site, begin, end)
    if (fixed === parts) return
    f.if(i32.gtS(threads, 1), () =>
      f.loop((again) => {
        const part = f.let(i32.add(takePart(), fixed))
        f.if(i32.ltS(part, parts), () => {
          this.#call(f, step, site, part, i32.add(part, 1))
          f.br(again)
        })
      }),
    )
  }

  /** Calls a step's kernel for its parts from `begin` up to `end`. */
  #call(f: FunctionBuilder, step: PlacedStep, site: Site, begin: Expr<'i32'>, end: Expr<'i32'>): void {
    const pointers = step.operands.map((operand) => this.#pointer(operand, step.scratchOffset, site))
    f.call(step.kernel.func, [begin, end, ...pointers] as never)
  }

  #pointer(operand: Operand, scratchOffset: number, { table, arena }: Site): Expr<'i32'> {
    if ('scratch' in operand) return i32.add(arena, scratchOffset + operand.scratch)
    if ('kept' in operand) return i32.add(i32.load(table, { offset: 4 }), operand.kept)
    return this.#words.address(this.#memory.placeOf(operand.node), table, arena)
  }
}

/** Where a thread's share of the parts begins: parts · thread / threads. */
function portion(f: FunctionBuilder, thread: Expr<'i32'>, threads: Local<'i32'>, parts: I32): Expr<'i32'> {
  return f.let(i32.divU(i32.mul(thread, parts), threads))
}
