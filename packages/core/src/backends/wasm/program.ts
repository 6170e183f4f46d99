import type { ProgramPlan } from '../../compiler/planProgram.ts'
import type { SlicedGraph } from '../../compiler/sliceBatch.ts'
import { ProgramTooLargeError } from '../../errors.ts'
import type { Node } from '../../graph/node.ts'
import { Storage } from '../../graph/storage.ts'
import type { DType, TypedArray } from '../../tensor/dtype.ts'
import { sizeOf } from '../../tensor/shape.ts'
import type { BatchArguments, Executable, Explanation, ProgramGraph, RunArguments } from '../backend.ts'
import { compileModule } from './features/index.ts'
import type { KeptWeights, WeightsPlace } from './keptWeights.ts'
import { type Copy, emitRun, type PlacedStep } from './lower/emitRun.ts'
import { type BatchMoves, emitRunBatches } from './lower/emitRunBatches.ts'
import { emitRunSlices } from './lower/emitRunSlices.ts'
import { lowerProgram, secondsOf } from './lower/lowerProgram.ts'
import { RunTable, type TablePlace } from './lower/runTable.ts'
import { repeatedAddress, residentAddress } from './resident.ts'
import type { Started, WasmRuntime } from './runtime.ts'
import { planStaging, type ResultPlace, type Staging } from './staging.ts'
import { ThreadChoice } from './threadChoice.ts'
import type { LoadedProgram } from './threads/index.ts'

/** Programs of less work try out whether sharing it pays. In seconds of one core. */
const SMALL_PROGRAM = 4e-3
/** Threads take whole slices where no more than this share of their time is spent waiting for the last. */
const MOST_IDLE = 0.2
/** Threads have arenas of their own where these take no more than so many bytes together. */
const MOST_ARENA_BYTES = 2 ** 30
/** Bytes of arguments that are brought into the heap at once for slices. */
const MOST_GIVEN_BYTES = 2 ** 26

/** A program as one WebAssembly module: kernels for its shapes and one function that runs them in order. */
export class WasmProgram implements Executable {
  readonly #runtime: WasmRuntime
  /** Of a slice, where the batch is cut. */
  readonly #graph: ProgramGraph
  readonly #slices: number
  readonly #isCut: readonly boolean[]
  readonly #loaded: LoadedProgram
  readonly #steps: readonly PlacedStep[]
  readonly #kept: KeptWeights
  readonly #plannedBytes: number
  /** Of all slices together. */
  readonly #resultBytes: number
  readonly #table: RunTable
  readonly #staging: Staging
  readonly #inputOffsets: readonly number[]
  readonly #feedOffsets: readonly number[]
  readonly #written: ReadonlySet<number>
  readonly #parallel: boolean
  /** Slices that run at once, each on one thread; 1 where threads share the work of a slice. */
  #atOnce: number
  /** For programs so small that threads may cost more than they bring. */
  readonly #threadChoice: ThreadChoice | null
  /** Builds the module again with an entry for each step. */
  readonly #makeProfile: () => WebAssembly.Module
  #profiled: LoadedProgram | null = null

  constructor(runtime: WasmRuntime, { graph, slices, isCut }: SlicedGraph, { plan, order }: ProgramPlan) {
    this.#runtime = runtime
    this.#graph = graph
    this.#slices = slices
    this.#isCut = isCut
    // No kernel could be emitted for a tensor that is too large by itself.
    checkFits(4 * Math.max(0, ...[...plan.layouts.values()].map(({ size }) => size)), graph)
    this.#table = new RunTable(graph)
    this.#staging = planStaging(graph.outputs, slices)
    this.#resultBytes = slices * graph.outputs.reduce((bytes, node) => bytes + bytesOf(node), 0)
    const { module, barrier, steps, memory, kept } = lowerProgram(runtime, graph, plan, order)
    this.#steps = steps
    this.#kept = kept
    this.#makeProfile = () => {
      const again = lowerProgram(runtime, graph, plan, order)
      again.steps.forEach((step, i) => {
        again.module.export(`step${i}`, emitRun(again.module, again.barrier, [step], again.memory, this.#table))
      })
      return compileModule(again.module.toBytes(), { revectorize: runtime.revectorize })
    }
    this.#plannedBytes = align(memory.arenaBytes)
    checkFits(this.#plannedBytes + 2 * kept.bytes + this.#resultBytes, graph)
    this.#parallel = runtime.threads > 1 && this.#steps.some(({ shared }) => shared)
    const hasRoom = runtime.threads * this.#plannedBytes <= MOST_ARENA_BYTES
    this.#atOnce = this.#parallel && hasRoom ? slicesAtOnce(slices, runtime.threads) : 1
    const offsetOf = (node: Node): number => {
      const place = memory.placeOf(node)
      if (!('offset' in place)) throw new Error('wasm: an input has no place in the arena')
      return place.offset
    }
    this.#inputOffsets = graph.inputs.map(offsetOf)
    this.#feedOffsets = graph.feeds.map(offsetOf)
    const copyTo = (to: TablePlace, value: Node): Copy[] => {
      const from = memory.placeOf(value)
      return from.kind === to.kind && from.index === to.index ? [] : [{ from, to, bytes: bytesOf(value) }]
    }
    const copies = [
      ...plan.outputs.flatMap((value, index) => copyTo({ kind: 'result', index }, value)),
      ...plan.updates.flatMap(({ buffer, value }) => copyTo({ kind: 'buffer', index: buffer }, value)),
    ]
    const emit = (some: readonly PlacedStep[], name: string, copied: readonly Copy[] = []) =>
      emitRun(module, barrier, some, memory, this.#table, copied, name)
    const run = emit(this.#everyRun(), 'run', copies)
    const preparing = steps.filter(({ prepares }) => prepares)
    module.export('prepare', emit(preparing, 'prepare'))
    module.export('run', run)
    module.export('runSlices', emitRunSlices(module, run, this.#table))
    module.export('runBatches', emitRunBatches(module, barrier, run, this.#batchMoves()))
    const compiled = compileModule(module.toBytes(), { revectorize: runtime.revectorize })
    this.#loaded = runtime.load(compiled, ['prepare', 'run', 'runSlices', 'runBatches'])
    this.#written = new Set(plan.updates.map(({ buffer }) => buffer))
    const seconds = this.#steps.reduce((sum, { kernel }) => sum + secondsOf(kernel), 0)
    this.#threadChoice = seconds < SMALL_PROGRAM ? new ThreadChoice() : null
  }

  run(args: RunArguments): Storage[] | Promise<Storage[]> {
    return this.#runtime.exclusively(() => this.#start(args))
  }

  /** Runs slice after slice; their results stand one behind the other. */
  #start(args: RunArguments): Started<Storage[]> {
    if (this.#atOnce > 1) return this.#startAtOnce(args)
    const operands = this.#operands(args)
    const results = this.#resultsAt(this.#staging)
    const running = inTurn(this.#slices, 1, (slice) => {
      const { table, weights } = this.#feed(args, operands, results, slice)
      return this.#execute('run', [table], weights)
    })
    return [running, () => this.#collect(args, results)]
  }

  /** Lets every thread run slices by itself; the arguments of as many as there is room for are brought into the heap at once. */
  #startAtOnce(args: RunArguments): Started<Storage[]> {
    const { heap } = this.#runtime
    const room = this.#roomAtOnce(args)
    if (!room) return this.#start(args)
    const { operands, atATime, places } = room
    const results = this.#resultsAt(this.#staging)
    const given = (input: number): boolean => operands.inputs[input] === null
    for (let thread = 0; thread < this.#atOnce; thread++)
      this.#writeFeeds(operands.arena + thread * this.#plannedBytes, args.feeds)

    const running = inTurn(this.#slices, atATime, (at) => {
      const count = Math.min(atATime, this.#slices - at)
      // All allocation first: views go stale when the memory grows.
      const weights = this.#kept.place(heap, args.buffers, this.#spare(operands.arena))
      const table = this.#runtime.table(count * this.#table.length)
      args.inputs.forEach((storage, i) => {
        if (given(i) && (at === 0 || this.#isSliced(i))) this.#writeInput(i, storage, places[i], at, count)
      })
      for (let slice = 0; slice < count; slice++) {
        const inputs = places.map((place, i) => {
          if (!this.#isSliced(i)) return place
          return place + (given(i) ? slice : at + slice) * bytesOf(this.#graph.inputs[i])
        })
        const words = this.#words({ ...operands, inputs }, weights, results, at + slice)
        heap.int32(table + 4 * slice * this.#table.length, this.#table.length).set(words)
      }
      return this.#execute('runSlices', [table, count, operands.arena, this.#plannedBytes], weights)
    })
    return [running, () => this.#collect(args, results)]
  }

  /** Arenas and room for arguments; null, from then on, where the heap holds too much else for that. */
  #roomAtOnce(args: RunArguments) {
    try {
      const operands = this.#operands(args)
      return { operands, ...this.#stage(operands) }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.#atOnce = 1
      return null
    }
  }

  /** Where the arguments of some slices are, or are to be copied, behind the results that are staged; and how many slices. */
  #stage({ inputs }: Operands): { readonly atATime: number; readonly places: readonly number[] } {
    const bytes = this.#graph.inputs.map((node, i) => (inputs[i] === null ? align(bytesOf(node)) : 0))
    const sum = (isSliced: boolean): number =>
      bytes.reduce((all, size, i) => (this.#isSliced(i) === isSliced ? all + size : all), 0)
    const most = Math.max(this.#atOnce, Math.floor(MOST_GIVEN_BYTES / Math.max(1, sum(true))))
    const atATime = Math.min(this.#slices, most)
    const staged = align(this.#staging.bytes)
    let next = staged + this.#runtime.staging(staged + sum(false) + atATime * sum(true))
    const places = inputs.map((own, i) => {
      if (own !== null) return own
      const place = next
      next += bytes[i] * (this.#isSliced(i) ? atATime : 1)
      return place
    })
    return { atATime, places }
  }

  /** Runs an entry that does so many steps, on as many threads as that pays for; before it packs weights that have changed. */
  #execute(
    entry: 'run' | 'runSlices' | 'runBatches',
    args: readonly [table: number, steps?: number, ...others: number[]],
    { prepares, prepared }: WeightsPlace,
  ): Promise<void> | null {
    if (!prepares) return this.#executePrepared(entry, args)
    const preparing = this.#runtime.execute(this.#loaded, 'prepare', [args[0]], this.#parallel)
    if (preparing)
      return preparing.then(async () => {
        prepared()
        await this.#executePrepared(entry, args)
      })
    prepared()
    return this.#executePrepared(entry, args)
  }

  #executePrepared(
    entry: 'run' | 'runSlices' | 'runBatches',
    args: readonly [table: number, steps?: number, ...others: number[]],
  ): Promise<void> | null {
    const [, steps = 1] = args
    const choice = this.#parallel && entry !== 'runSlices' ? this.#threadChoice : null
    const shares = choice ? choice.next() : this.#parallel
    const start = performance.now()
    const running = this.#runtime.execute(this.#loaded, entry, args as readonly number[], shares)
    const took = (): void => choice?.took((performance.now() - start) / steps)
    if (running) return running.then(took)
    took()
    return null
  }

  /** Where runs are to write their results. */
  #resultsAt({ bytes, results }: Staging): PlacedResult[] {
    const staging = this.#runtime.staging(bytes)
    return results.map((place): PlacedResult => {
      if (place.offset !== null) return { ...place, storage: null, address: staging + place.offset }
      const storage = this.#runtime.results.make(place.dtype, place.size)
      return { ...place, storage, address: residentAddress(storage, this.#runtime) }
    })
  }

  /** What runs have left in the heap. Large results stay there until somebody reads them. */
  #collect({ buffers }: Pick<RunArguments, 'buffers'>, results: readonly PlacedResult[]): Storage[] {
    for (const buffer of this.#written) buffers[buffer].replaced()
    return results.map(
      ({ storage, address, dtype, size }) => storage ?? new Storage(dtype, size, this.#copyOut(address, dtype, size)),
    )
  }

  #batchMoves(): BatchMoves {
    return {
      table: this.#table,
      inputs: this.#graph.inputs.map((node, i) => {
        const rows = node.shape[0] ?? 1
        return { offset: this.#inputOffsets[i], rows, rowBytes: bytesOf(node) / Math.max(1, rows) }
      }),
      feeds: this.#graph.feeds.map((node, i) => ({ offset: this.#feedOffsets[i], bytes: bytesOf(node) })),
      outputs: this.#graph.outputs.map((node) => ({ bytes: bytesOf(node) })),
    }
  }

  runBatches(args: BatchArguments): Storage[] | Promise<Storage[]> {
    return this.#runtime.exclusively(() => this.#startBatches(args))
  }

  #startBatches(args: BatchArguments): Started<Storage[]> {
    const { data, order, buffers, feeds: given } = args
    const { heap } = this.#runtime
    // Rows are gathered in order, so slices of batches are just smaller batches.
    const feeds = this.#slices === 1 ? given : given.flatMap((feed) => Array.from({ length: this.#slices }, () => feed))
    const arena = this.#arena()
    const addresses = this.#bufferAddresses(buffers)
    const rows = data.map((storage) => residentAddress(storage, this.#runtime))
    const weights = this.#kept.place(heap, buffers, this.#spare(arena))
    const feedWords = feeds.reduce((sum, values) => sum + values.reduce((size, { length }) => size + length, 0), 0)
    const staging = planStaging(this.#graph.outputs, feeds.length, [order.length, feedWords])
    const results = this.#resultsAt(staging)
    const [orderAt, feedsAt] = staging.given.map((offset) => this.#runtime.staging(staging.bytes) + offset)
    const gathered = this.#inputOffsets.map((offset) => arena + offset)
    const places = results.map(({ address }) => address)
    const words = [arena, weights.address, ...addresses, ...gathered, ...places, ...rows, orderAt, feedsAt]
    const table = this.#runtime.table(words.length)
    heap.int32(table, words.length).set(words)
    heap.int32(orderAt, order.length).set(order)
    this.#writeBatchFeeds(feedsAt, feeds)
    return [this.#execute('runBatches', [table, feeds.length], weights), () => this.#collect(args, results)]
  }

  #writeBatchFeeds(address: number, feeds: BatchArguments['feeds']): void {
    let at = address
    for (const values of feeds) {
      values.forEach((elements, i) => {
        this.#write(at, this.#graph.feeds[i].dtype, elements)
        at += 4 * elements.length
      })
    }
  }

  /** The addresses of what a run, or one slice after the other, works on. */
  #operands({ inputs, buffers }: RunArguments): Operands {
    const arena = this.#arena()
    const addresses = this.#bufferAddresses(buffers)
    const own = inputs.map((storage, i) => {
      // What a program overwrites it must not read as an argument.
      if (buffers.includes(storage)) return null
      // A batch so large that it is cut is not brought into the heap as a whole.
      if (this.#isSliced(i) && storage.resident?.owner !== this.#runtime) return null
      return repeatedAddress(storage, this.#runtime)
    })
    return { arena, buffers: addresses, inputs: own }
  }

  #bufferAddresses(buffers: readonly Storage[]): number[] {
    const addresses = buffers.map((storage) => residentAddress(storage, this.#runtime))
    // What is written to at each run would be fetched to the host at each.
    for (const buffer of this.#written) this.#runtime.results.forget(addresses[buffer])
    return addresses
  }

  /** Brings what is not in the heap yet there, and writes the table of addresses. */
  #feed({ inputs, buffers, feeds }: RunArguments, operands: Operands, results: readonly PlacedResult[], slice: number) {
    const { heap } = this.#runtime
    const { arena } = operands
    // All allocation first: views go stale when the memory grows.
    const weights = this.#kept.place(heap, buffers, this.#spare(arena))
    const table = this.#runtime.table(this.#table.length)
    const places = this.#graph.inputs.map((node, i) => {
      const own = operands.inputs[i]
      if (own === null) return arena + this.#inputOffsets[i]
      return this.#isSliced(i) ? own + slice * bytesOf(node) : own
    })
    const words = this.#words({ ...operands, inputs: places }, weights, results, slice)
    heap.int32(table, this.#table.length).set(words)
    inputs.forEach((storage, i) => {
      if (operands.inputs[i] === null) this.#writeInput(i, storage, places[i], slice, 1)
    })
    this.#writeFeeds(arena, feeds)
    return { table, weights }
  }

  /** Copies an argument to its place: of one that is cut, so many slices. */
  #writeInput(input: number, storage: Storage, place: number, first: number, count: number): void {
    const { shape, dtype } = this.#graph.inputs[input]
    const length = sizeOf(shape)
    const elements = storage.read()
    const part = this.#isSliced(input) ? elements.subarray(first * length, (first + count) * length) : elements
    this.#write(place, dtype, part)
  }

  /** Writes what is asked of the host at each run to its places in an arena. */
  #writeFeeds(arena: number, feeds: RunArguments['feeds']): void {
    feeds.forEach((elements, i) => {
      this.#write(arena + this.#feedOffsets[i], this.#graph.feeds[i].dtype, elements)
    })
  }

  /** The table of a run: see `RunTable`. */
  #words(
    { arena, buffers, inputs }: Operands & { readonly inputs: readonly number[] },
    weights: WeightsPlace,
    results: readonly PlacedResult[],
    slice: number,
  ): number[] {
    const written = results.map(({ address, size }) => address + (slice * 4 * size) / this.#slices)
    return [arena, weights.address, ...buffers, ...inputs, ...written]
  }

  /** Whether each slice takes rows of its own from an argument. */
  #isSliced(input: number): boolean {
    return this.#slices > 1 && this.#isCut[input]
  }

  #write(address: number, dtype: DType, elements: ArrayLike<number>): void {
    const { heap } = this.#runtime
    const { length } = elements
    const view = dtype === 'float32' ? heap.float32(address, length) : heap.int32(address, length)
    view.set(elements)
  }

  /** Intermediates, for each slice that runs at once, and behind them room for weights that are packed for one run. */
  #arena(): number {
    return this.#runtime.arena(this.#arenaBytes)
  }

  get #arenaBytes(): number {
    return this.#spare(0) + this.#kept.bytes
  }

  /** Where the room behind the intermediates is. */
  #spare(arena: number): number {
    return arena + this.#atOnce * this.#plannedBytes
  }

  #copyOut(address: number, dtype: DType, size: number): TypedArray {
    const { heap } = this.#runtime
    return (dtype === 'float32' ? heap.float32(address, size) : heap.int32(address, size)).slice()
  }

  profile(args: RunArguments, runs: number): Explanation | Promise<Explanation> {
    return this.#runtime.exclusively(() => [null, () => this.#profile(args, runs)])
  }

  #profile(args: RunArguments, runs: number): Explanation {
    this.#profiled ??= this.#runtime.load(
      this.#makeProfile(),
      this.#steps.map((_, i) => `step${i}`),
    )
    const times = this.#steps.map((): number[] => [])
    const operands = this.#operands(args)
    const results = this.#resultsAt(this.#staging)
    for (let run = 0; run < runs; run++) {
      const { table, weights } = this.#feed(args, operands, results, 0)
      this.#steps.forEach(({ shared, prepares }, i) => {
        if (prepares && !weights.prepares) return
        const start = performance.now()
        this.#runtime.executeNow(this.#profiled!, `step${i}`, [table], shared && this.#atOnce === 1)
        times[i].push((performance.now() - start) / 1000)
      })
      weights.prepared()
    }
    this.#collect(args, results)
    const { kernels, ...rest } = this.explain()
    const median = (list: number[]) => (list.sort((a, b) => a - b)[list.length >> 1] * this.#slices) / this.#atOnce
    const timed = times.filter((_, i) => !this.#steps[i].prepares)
    return { ...rest, kernels: kernels.map((line, i) => ({ ...line, seconds: median(timed[i]) })) }
  }

  /** The steps of every run: not those that pack weights which seldom change. */
  #everyRun(): PlacedStep[] {
    return this.#steps.filter(({ prepares }) => !prepares)
  }

  explain(): Explanation {
    return {
      kernels: this.#everyRun().map(({ kernel, shared }) => ({
        name: kernel.name,
        shape: [
          `${kernel.parts} part${kernel.parts === 1 ? '' : 's'}`,
          ...(shared && this.#atOnce === 1 ? [] : ['one thread']),
          ...(this.#slices > 1 ? [`${this.#slices} times`] : []),
          ...(this.#atOnce > 1 ? [`${this.#atOnce} at once`] : []),
        ].join(', '),
        flops: this.#slices * kernel.flops,
        bytes: this.#slices * kernel.bytes,
      })),
      arenaBytes: this.#arenaBytes,
      bufferBytes: this.#kept.bytes + this.#graph.buffers.reduce((bytes, node) => bytes + bytesOf(node), 0),
      resultBytes: this.#resultBytes,
    }
  }
}

/** What a run works on: an argument without an address of its own is copied into the arena. */
interface Operands {
  readonly arena: number
  readonly buffers: readonly number[]
  readonly inputs: readonly (number | null)[]
}

/** A result of a run: in a storage of its own from the start, or where it is to be copied from. */
interface PlacedResult extends ResultPlace {
  readonly storage: Storage | null
  readonly address: number
}

const bytesOf = ({ shape }: Node): number => 4 * sizeOf(shape)

/** WebAssembly addresses 4 GiB; a program that needs more says so before it starts. */
const MOST_BYTES = 2 ** 32 - 2 ** 24

/** @param bytes Of intermediates and results, which grow with the batch. */
function checkFits(bytes: number, { inputs, buffers }: ProgramGraph): void {
  const bufferBytes = buffers.reduce((bytes, { shape }) => bytes + 4 * sizeOf(shape), 0)
  if (bytes + bufferBytes <= MOST_BYTES) return
  const gigabytes = (of: number): string => `${(of / 1e9).toFixed(2)} GB`
  const batch = inputs[0]?.shape[0]
  const fits = batch ? Math.floor((batch * (MOST_BYTES - bufferBytes)) / bytes) : 0
  const advice = fits > 0 ? `a batch of about ${fits} instead of ${batch} would fit` : 'use smaller tensors'
  throw new ProgramTooLargeError(
    `compile: this program needs ${gigabytes(bytes)} for intermediates and results and ${gigabytes(bufferBytes)} for buffers, more than the ${gigabytes(MOST_BYTES)} that WebAssembly can address; ${advice}`,
    Math.max(0, fits),
  )
}

/** Starts one thing after the other, at every `step` below `end`, and waits for those that take their time. */
function inTurn(
  end: number,
  step: number,
  start: (at: number) => Promise<void> | null,
  first = 0,
): Promise<void> | null {
  for (let at = first; at < end; at += step) {
    const running = start(at)
    if (running)
      return running.then(async () => {
        await inTurn(end, step, start, at + step)
      })
  }
  return null
}

/** How many slices run at once, each on one thread: as many as there are threads, unless too many of these would wait. */
function slicesAtOnce(slices: number, threads: number): number {
  const rounds = Math.ceil(slices / threads)
  return slices >= threads * rounds * (1 - MOST_IDLE) ? threads : 1
}

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64
