import { planMemory } from '../../compiler/memory.ts'
import type { KernelPlan } from '../../compiler/plan.ts'
import type { ProgramPlan } from '../../compiler/planProgram.ts'
import type { Schedule } from '../../compiler/schedule.ts'
import type { SlicedGraph } from '../../compiler/sliceBatch.ts'
import { ProgramTooLargeError } from '../../errors.ts'
import type { Node } from '../../graph/node.ts'
import { Storage } from '../../graph/storage.ts'
import type { DType, TypedArray } from '../../tensor/dtype.ts'
import { sizeOf } from '../../tensor/shape.ts'
import type { BatchArguments, Executable, Explanation, ProgramGraph, RunArguments } from '../backend.ts'
import { ModuleBuilder } from './assembler/index.ts'
import { compileModule } from './features/index.ts'
import { KeptWeights, type WeightsPlace } from './keptWeights.ts'
import { type Copy, emitRun, type PlacedStep } from './lower/emitRun.ts'
import { type BatchMoves, emitRunBatches } from './lower/emitRunBatches.ts'
import { lowerKernel } from './lower/lowerKernel.ts'
import { RunTable, type TablePlace } from './lower/runTable.ts'
import type { LoweringContext, Operand, Step } from './lower/step.ts'
import { repeatedAddress, residentAddress } from './resident.ts'
import type { Started, WasmRuntime } from './runtime.ts'
import { planStaging, type ResultPlace, type Staging } from './staging.ts'
import { ThreadChoice } from './threadChoice.ts'
import { emitBarrier, type LoadedProgram, readableSlack } from './threads/index.ts'

/** A step is shared out if one thread would need longer for it than this: some barriers' worth. In seconds. */
const LEAST_SHARED_SECONDS = 8e-6
/** From this long on, the last parts of a step go to the thread that is free: being held up costs more than asking. */
const LEAST_BALANCED_SECONDS = 200e-6
/** With fewer parts than this a single one is too much of the whole to be handed out last. */
const LEAST_BALANCED_PARTS = 8
/** What one core does, roughly: multiplications and additions, and bytes moved, in a second. */
const RATES = { flops: 60e9, bytes: 15e9 }

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
    this.#plannedBytes = memory.arenaBytes
    checkFits(memory.arenaBytes + 2 * kept.bytes + this.#resultBytes, graph)
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
    module.export('runBatches', emitRunBatches(module, barrier, run, this.#batchMoves()))
    const compiled = compileModule(module.toBytes(), { revectorize: runtime.revectorize })
    this.#loaded = runtime.load(compiled, ['prepare', 'run', 'runBatches'])
    this.#written = new Set(plan.updates.map(({ buffer }) => buffer))
    this.#parallel = runtime.threads > 1 && this.#steps.some(({ shared }) => shared)
    const seconds = this.#steps.reduce((sum, { kernel }) => sum + secondsOf(kernel), 0)
    this.#threadChoice = seconds < SMALL_PROGRAM ? new ThreadChoice() : null
  }

  run(args: RunArguments): Storage[] | Promise<Storage[]> {
    return this.#runtime.exclusively(() => this.#start(args))
  }

  /** Runs slice after slice; their results stand one behind the other. */
  #start(args: RunArguments): Started<Storage[]> {
    const operands = this.#operands(args)
    const results = this.#resultsAt(this.#staging)
    const from = (slice: number): Promise<void> | null => {
      for (let i = slice; i < this.#slices; i++) {
        const { table, weights } = this.#feed(args, operands, results, i)
        const running = this.#execute('run', [table], weights)
        if (running)
          return running.then(async () => {
            await from(i + 1)
          })
      }
      return null
    }
    return [from(0), () => this.#collect(args, results)]
  }

  /** Runs an entry that does so many steps, on as many threads as that pays for; before it packs weights that have changed. */
  #execute(
    entry: 'run' | 'runBatches',
    args: readonly [table: number, steps?: number],
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

  #executePrepared(entry: 'run' | 'runBatches', args: readonly [table: number, steps?: number]): Promise<void> | null {
    const [, steps = 1] = args
    const choice = this.#parallel ? this.#threadChoice : null
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
    const weights = this.#kept.place(heap, buffers, arena + this.#plannedBytes)
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
    this.#writeFeeds(feedsAt, feeds)
    return [this.#execute('runBatches', [table, feeds.length], weights), () => this.#collect(args, results)]
  }

  #writeFeeds(address: number, feeds: BatchArguments['feeds']): void {
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
    const weights = this.#kept.place(heap, buffers, arena + this.#plannedBytes)
    const table = this.#runtime.table(this.#table.length)
    const places = this.#graph.inputs.map((node, i) => {
      const own = operands.inputs[i]
      if (own === null) return arena + this.#inputOffsets[i]
      return this.#isSliced(i) ? own + slice * bytesOf(node) : own
    })
    const written = results.map(({ address, size }) => address + (slice * 4 * size) / this.#slices)
    heap.int32(table, this.#table.length).set([arena, weights.address, ...operands.buffers, ...places, ...written])
    inputs.forEach((storage, i) => {
      if (operands.inputs[i] !== null) return
      const length = sizeOf(this.#graph.inputs[i].shape)
      const elements = storage.read()
      const part = this.#isSliced(i) ? elements.subarray(slice * length, (slice + 1) * length) : elements
      this.#write(places[i], this.#graph.inputs[i].dtype, part)
    })
    feeds.forEach((elements, i) => {
      this.#write(arena + this.#feedOffsets[i], this.#graph.feeds[i].dtype, elements)
    })
    return { table, weights }
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

  /** Intermediates, and behind them room for weights that are packed for one run. */
  #arena(): number {
    return this.#runtime.arena(this.#plannedBytes + this.#kept.bytes)
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
        this.#runtime.executeNow(this.#profiled!, `step${i}`, [table], shared)
        times[i].push((performance.now() - start) / 1000)
      })
      weights.prepared()
    }
    this.#collect(args, results)
    const { kernels, ...rest } = this.explain()
    const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1] * this.#slices
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
          ...(shared ? [] : ['one thread']),
          ...(this.#slices > 1 ? [`${this.#slices} times`] : []),
        ].join(', '),
        flops: this.#slices * kernel.flops,
        bytes: this.#slices * kernel.bytes,
      })),
      arenaBytes: this.#plannedBytes + this.#kept.bytes,
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

/** Programs of less work try out whether sharing it pays. In seconds of one core. */
const SMALL_PROGRAM = 4e-3

function secondsOf({ flops, bytes }: Step['kernel']): number {
  return Math.max(flops / RATES.flops, bytes / RATES.bytes)
}

function isWorthSharing(kernel: Step['kernel']): boolean {
  return kernel.parts > 1 && secondsOf(kernel) >= LEAST_SHARED_SECONDS
}

function isWorthBalancing(kernel: Step['kernel']): boolean {
  return kernel.parts >= LEAST_BALANCED_PARTS && secondsOf(kernel) >= LEAST_BALANCED_SECONDS
}

/** Emits every kernel in order and plans memory; scratch is counted for each, since only one op runs at a time. */
function lowerProgram(runtime: WasmRuntime, graph: ProgramGraph, plan: KernelPlan, order: Schedule) {
  const module = new ModuleBuilder({ memory: runtime.heap.limits, flavour: runtime.flavour })
  const barrier = emitBarrier(module)
  const lowered: { step: Step; kernel: number }[] = []
  const written = new Set(plan.updates.map(({ buffer }) => buffer))
  let keptBytes = 0
  const keptOf = new Set<number>()
  const scratch = order.kernels.map((kernel, index) => {
    let bytes = 0
    const context: LoweringContext = {
      module,
      tile: runtime.tile,
      nodes: kernel.nodes,
      epilogue: null,
      layoutOf: (node) => plan.layouts.get(node)!,
      scratch(size) {
        const at = bytes
        bytes += withSlack(size)
        return { scratch: at }
      },
      packed(weights, size): Operand {
        const buffer = graph.buffers.indexOf(plan.aliases.get(weights) ?? weights)
        if (buffer < 0 || written.has(buffer)) return context.scratch(size)
        const at = keptBytes
        keptBytes += withSlack(size)
        keptOf.add(buffer)
        return { kept: at }
      },
    }
    for (const step of lowerKernel(kernel, context)) lowered.push({ step, kernel: index })
    return bytes
  })
  const memory = planMemory(plan, order, graph, scratch)
  const steps = lowered.map(
    ({ step, kernel }): PlacedStep => ({
      ...step,
      scratchOffset: memory.scratchOffsets[kernel],
      shared: isWorthSharing(step.kernel),
      balanced: isWorthBalancing(step.kernel),
    }),
  )
  return { module, barrier, steps, memory, kept: new KeptWeights(keptBytes, keptOf) }
}

const withSlack = (bytes: number): number => Math.ceil((bytes + readableSlack) / 64) * 64
