import type { Place } from '../../../compiler/memory.ts'
import { type Expr, i32, type Local } from '../assembler/index.ts'

/** What a word of the table stands for. */
export type TablePlace = Pick<Exclude<Place, { kind: 'arena' }>, 'kind' | 'index'>

/** The addresses that a run is told: of the arena and of what is kept, then of buffers, arguments and results. */
export class RunTable {
  readonly #first: { readonly [Kind in TablePlace['kind']]: number }
  /** Words in all. */
  readonly length: number

  constructor({
    buffers,
    inputs,
    outputs,
  }: { readonly [List in 'buffers' | 'inputs' | 'outputs']: readonly unknown[] }) {
    const input = 2 + buffers.length
    const result = input + inputs.length
    this.#first = { buffer: 2, input, result }
    this.length = result + outputs.length
  }

  /** The word that holds the address of a buffer, an argument or a result. */
  wordOf({ kind, index }: TablePlace): number {
    return this.#first[kind] + index
  }

  /** The address of a place in memory, given those of the table and the arena. */
  address(place: Place | TablePlace, table: Local<'i32'>, arena: Local<'i32'>): Expr<'i32'> {
    if (place.kind === 'arena') return i32.add(arena, place.offset)
    return i32.load(table, { offset: 4 * this.wordOf(place) })
  }
}
