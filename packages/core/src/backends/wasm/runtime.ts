import { TrainyardError } from '../../errors.ts'
import { availableCores, mayBlock } from '../../platform/cores.ts'
import { environmentVariable } from '../../platform/node.ts'
import type { Flavour } from './assembler/index.ts'
import { type TileShape, wasmFeatures } from './features/index.ts'
import { Results } from './results.ts'
import { Heap, type LoadedProgram, ThreadPool } from './threads/index.ts'

export interface WasmOptions {
  /** Threads, the caller included. Default: the environment variable TRAINYARD_THREADS, else one a core. */
  readonly threads?: number
  /**
   * Only instructions whose results WebAssembly fixes: the same bits on every machine and in every browser. Slower; the
   * default may fuse a multiplication with an addition. Default false.
   */
  readonly strict?: boolean
}

/** How many threads to use where the caller does not say: agents that share a machine set the variable for their trials. */
function threadsWanted(): number {
  const given = environmentVariable('TRAINYARD_THREADS')
  if (given === undefined || given === '') return availableCores()
  const threads = Number(given)
  if (!Number.isInteger(threads) || threads < 1) {
    throw new TrainyardError(`TRAINYARD_THREADS must be a whole number of at least 1, got "${given}"`)
  }
  return threads
}

/** What all programs of one wasm backend share: memory, threads, an arena for intermediates. */
export class WasmRuntime {
  readonly heap: Heap
  readonly results = new Results(this)
  /** The number of the run under way, or of the last. */
  turn = 0
  readonly flavour: Flavour
  readonly tile: TileShape
  readonly revectorize: boolean
  readonly #pool: ThreadPool
  #arena = { address: 0, bytes: 0 }
  readonly #table: Block = { address: 0, bytes: 0 }
  readonly #staging: Block = { address: 0, bytes: 0 }
  #underWay: Promise<void> | null = null

  private constructor(heap: Heap, pool: ThreadPool, flavour: Flavour) {
    const features = wasmFeatures()
    this.heap = heap
    heap.whenFull = () => this.results.giveUp()
    this.#pool = pool
    this.flavour = flavour
    this.tile = features.tile
    this.revectorize = features.revectorize
  }

  static async create({ threads, strict = false }: WasmOptions): Promise<WasmRuntime> {
    const features = wasmFeatures()
    const heap = new Heap({ shared: features.threads })
    const pool = await ThreadPool.create(heap, threads ?? threadsWanted())
    return new WasmRuntime(heap, pool, strict || !features.relaxedSimd ? 'strict' : 'relaxed')
  }

  get threads(): number {
    return this.#pool.threads
  }

  load(module: WebAssembly.Module, entries: readonly string[]): LoadedProgram {
    return this.#pool.load(module, entries)
  }

  /**
   * Runs an entry of a program: on all threads, or on the caller alone. A thread that may not block (a page's main
   * thread) stays free meanwhile; then there is something to wait for.
   */
  execute(program: LoadedProgram, entry: string, args: readonly number[], parallel: boolean): Promise<void> | null {
    if (parallel && !mayBlock()) return this.#pool.runAsync(program, entry, args)
    this.executeNow(program, entry, args, parallel)
    return null
  }

  /** As `execute`, and back only when it is done. */
  executeNow(program: LoadedProgram, entry: string, args: readonly number[], parallel: boolean): void {
    if (parallel) this.#pool.run(program, entry, args)
    else this.#pool.runAlone(program, entry, args)
  }

  /**
   * Starts something and collects what came of it. All programs share one arena: where runs take their time, the next
   * starts only when the one before is collected.
   */
  exclusively<T>(start: () => Started<T>): T | Promise<T> {
    const startNext = (): Started<T> => {
      this.turn++
      return start()
    }
    if (!this.#underWay) {
      const [running, collect] = startNext()
      if (!running) return collect()
      return this.#queue(running.then(collect))
    }
    return this.#queue(
      this.#underWay.then(async () => {
        const [running, collect] = startNext()
        await running
        return collect()
      }),
    )
  }

  #queue<T>(result: Promise<T>): Promise<T> {
    const settled = result.then(
      () => {},
      () => {},
    )
    this.#underWay = settled
    settled.then(() => {
      if (this.#underWay === settled) this.#underWay = null
    })
    return result
  }

  /** The memory for intermediates: programs run one at a time, so one arena of the largest size serves all. */
  arena(bytes: number): number {
    const { address, bytes: size } = this.#arena
    if (bytes <= size) return address
    if (size > 0) this.heap.free(address)
    this.#arena = { address: 0, bytes: 0 }
    // Buffers that come later must not stand behind it: half of the memory would be lost to the next larger program.
    this.#arena = { address: this.heap.allocateLast(bytes, Math.min(MOST_GAP, bytes / 4)), bytes }
    return this.#arena.address
  }

  /** Words through which a program is told where its memory is. */
  table(words: number): number {
    return this.#grow(this.#table, 4 * words)
  }

  /** Memory for what goes into and comes out of many runs at once. */
  staging(bytes: number): number {
    return this.#grow(this.#staging, bytes)
  }

  /** The address of a block, which is replaced where it has fewer bytes. */
  #grow(block: Block, bytes: number): number {
    if (bytes > block.bytes) {
      if (block.bytes > 0) this.heap.free(block.address)
      // Where the new one is refused, the old one is no longer ours either.
      block.bytes = 0
      block.address = this.heap.allocate(bytes)
      block.bytes = bytes
    }
    return block.address
  }
}

/** A run that was started, if it was not done at once, and how its results are collected. */
export type Started<T> = readonly [running: Promise<void> | null, collect: () => T]

/** Room for buffers before the arena. */
const MOST_GAP = 2 ** 28

interface Block {
  address: number
  bytes: number
}
