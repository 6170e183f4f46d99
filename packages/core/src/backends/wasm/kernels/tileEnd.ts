import type { Expr, FunctionBuilder, Local, V128 } from '../assembler/index.ts'
import { v128 } from '../assembler/index.ts'
import { type PartialRow, TileStatistics } from './columnStatistics.ts'
import type { Epilogue, StoreSite } from './epilogue.ts'
import { storeColumns } from './storeColumns.ts'

/** The end of a tile: its rows go through the epilogue, are stored, and what the epilogue gathers is added up. */
export class TileEnd<Site extends StoreSite> {
  readonly #f: FunctionBuilder
  readonly #epilogue: Epilogue<Site> | undefined
  readonly #statistics: TileStatistics

  constructor(f: FunctionBuilder, epilogue: Epilogue<Site> | undefined) {
    this.#f = f
    this.#epilogue = epilogue
    this.#statistics = new TileStatistics(f, epilogue?.statistics ?? [])
  }

  /**
   * Finishes a row of results, stored some bytes behind an address.
   *
   * @param inside Where given and 0, nothing happens: the row lies outside of the result.
   */
  row(values: readonly V128[], site: Site, address: Local<'i32'>, offset: number, inside?: Expr<'i32'>): void {
    const f = this.#f
    if (!inside) {
      this.#statistics.add(this.#store(values, site, address, offset), null)
      return
    }
    const condition = f.let(inside)
    const gathered = (this.#epilogue?.statistics ?? []).map(() =>
      values.map(() => {
        const local = f.local('v128')
        f.set(local, f.constant(v128.zero()))
        return local
      }),
    )
    f.if(condition, () => {
      this.#store(values, site, address, offset).forEach((vectors, s) => {
        vectors.forEach((vector, v) => {
          f.set(gathered[s]![v]!, vector)
        })
      })
    })
    this.#statistics.add(gathered, condition)
  }

  /** Adds what was gathered to the block's partial row, if there is one. */
  addTo(partial: PartialRow | undefined, column: Expr<'i32'>, columns: number): void {
    if (partial) this.#statistics.addTo(partial, column, columns)
  }

  /** Stores a row and returns what it adds to the statistics. */
  #store(values: readonly V128[], site: Site, address: Local<'i32'>, offset: number): Local<'v128'>[][] {
    const f = this.#f
    if (!this.#epilogue) {
      storeColumns(f, address, values, site.columns, offset)
      return []
    }
    const { stored, gathered = [] } = this.#epilogue.emit(f, values, site)
    // What is stored and gathered is computed once, and before the store.
    const known = new Map<V128, Local<'v128'>>()
    const once = (value: V128): Local<'v128'> => {
      let local = known.get(value)
      if (!local) known.set(value, (local = 'index' in value ? (value as Local<'v128'>) : f.let(value)))
      return local
    }
    const kept = gathered.map((vectors) => vectors.map(once))
    storeColumns(f, address, stored.map(once), site.columns, offset)
    return kept
  }
}
