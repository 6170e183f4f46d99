import { planMemory } from '../../compiler/memory.ts'
import type { KernelPlan } from '../../compiler/plan.ts'
import type { ProgramPlan } from '../../compiler/planProgram.ts'
import type { Schedule } from '../../compiler/schedule.ts'
import type { SlicedGraph } from '../../compiler/sliceBatch.ts'
import { ProgramTooLargeError } from '../../errors.ts'
import type { Node } from '../../graph/node.ts'
import { Storage } from '../../graph/storage.ts'
import { allocate, type TypedArray } from '../../tensor/dtype.ts'
import { sizeOf } from '../../tensor/shape.ts'
import type { BatchArguments, Executable, Explanation, ProgramGraph, RunArguments } from '../backend.ts'
import { ModuleBuilder } from './assembler/index.ts'
import { compileModule } from './features/index.ts'
import { KeptWeights, type WeightsPlace } from './keptWeights.ts'
import { type Copy, emitRun, type PlacedStep, tableHead } from './lower/emitRun.ts'
import { type BatchMoves, emitRunBatches } from './lower/emitRunBatches.ts'
import { lowerKernel } from './lower/lowerKernel.ts'
import type { LoweringContext, Operand, Step } from './lower/step.ts'
import { repeatedAddress, residentAddress } from './resident.ts'
import type { Started, WasmRuntime } from './runtime.ts'
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
  readonly #inputOffsets: readonly number[]
  readonly #feedOffsets: readonly number[]
  readonly #outputPlaces: readonly { readonly offset: number; readonly buffer: number | null }[]
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
    const { module, barrier, steps, memory, kept } = lowerProgram(runtime, graph, plan, order)
    this.#steps = steps
    this.#kept = kept
    this.#makeProfile = () => {
      const again = lowerProgram(runtime, graph, plan, order)
      again.steps.forEach((step, i) => {
        again.module.export(
          `step${i}`,
          emitRun(again.module, again.barrier, [step], again.memory, graph.buffers.length),
        )
      })
      return compileModule(again.module.toBytes(), { revectorize: runtime.revectorize })
    }
    this.#plannedBytes = memory.arenaBytes
    checkFits(memory.arenaBytes + 2 * kept.bytes, graph)
    const offsetOf = (node: Node): number => {
      const place = memory.placeOf(node)
      if (place.kind === 'buffer') throw new Error('wasm: an input is a buffer')
      return place.offset
    }
    this.#inputOffsets = graph.inputs.map(offsetOf)
    this.#feedOffsets = graph.feeds.map(offsetOf)
    this.#outputPlaces = plan.outputs.map((node) => {
      const place = memory.placeOf(node)
      return place.kind === 'arena' ? { offset: place.offset, buffer: null } : { offset: 0, buffer: place.index }
    })
    const placed = plan.updates.map(({ buffer, value }) => ({ buffer, value, place: memory.placeOf(value) }))
    const copies = placed.flatMap(({ buffer, value, place }) => {
      if (place.kind === 'arena') return [{ from: place.offset, buffer, bytes: 4 * sizeOf(value.shape) }]
      if (place.index === buffer) return []
      throw new Error('wasm: one value updates two buffers in place')
    })
    const emit = (some: readonly PlacedStep[], name: string, copied: readonly Copy[] = []) =>
      emitRun(module, barrier, some, memory, graph.buffers.length, copied, name)
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

  run(args: RunArguments): TypedArray[] | Promise<TypedArray[]> {
    if (this.#slices > 1) return this.#runtime.exclusively(() => this.#startSlices(args))
    return this.#runtime.exclusively(() => this.#start(args))
  }

  #start(args: RunArguments): Started<TypedArray[]> {
    const { table, arena, addresses, weights } = this.#feed(args)
    return [this.#execute('run', [table], weights), () => this.#results(args, arena, addresses)]
  }

  /** Runs slice after slice and puts their results one behind the other. */
  #startSlices(args: RunArguments): Started<TypedArray[]> {
    const results = this.#graph.outputs.map(({ dtype, shape }) => allocate(dtype, this.#slices * sizeOf(shape)))
    const from = (slice: number): Promise<void> | null => {
      for (let i = slice; i < this.#slices; i++) {
        const [running, collect] = this.#start(this.#partOf(args, i))
        const take = (): void => {
          collect().forEach((part, output) => {
            results[output].set(part, i * part.length)
          })
        }
        if (running)
          return running.then(async () => {
            take()
            await from(i + 1)
          })
        take()
      }
      return null
    }
    return [from(0), () => results]
  }

  /** The arguments of one slice: its rows, where they are. */
  #partOf(args: RunArguments, slice: number): RunArguments {
    if (this.#slices === 1) return args
    const inputs = args.inputs.map((storage, i) => {
      if (!this.#isCut[i]) return storage
      const length = storage.size / this.#slices
      return new Storage(storage.dtype, length, storage.read().subarray(slice * length, (slice + 1) * length))
    })
    return { ...args, inputs }
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

  /** What a run has left in the heap. */
  #results({ buffers }: RunArguments, arena: number, addresses: readonly number[]): TypedArray[] {
    for (const buffer of this.#written) buffers[buffer].replaced()
    return this.#outputPlaces.map(({ offset, buffer }, i) => {
      const { dtype, shape } = this.#graph.outputs[i]
      return this.#copyOut(buffer === null ? arena + offset : addresses[buffer], dtype, sizeOf(shape))
    })
  }

  #batchMoves(): BatchMoves {
    const bytesOf = ({ shape }: Node): number => 4 * sizeOf(shape)
    return {
      buffers: this.#graph.buffers.length,
      inputs: this.#graph.inputs.map((node, i) => {
        const rows = node.shape[0] ?? 1
        return { offset: this.#inputOffsets[i], rows, rowBytes: bytesOf(node) / Math.max(1, rows) }
      }),
      feeds: this.#graph.feeds.map((node, i) => ({ offset: this.#feedOffsets[i], bytes: bytesOf(node) })),
      outputs: this.#graph.outputs.map((node, i) => ({ ...this.#outputPlaces[i], bytes: bytesOf(node) })),
    }
  }

  runBatches(args: BatchArguments): TypedArray[] | Promise<TypedArray[]> {
    return this.#runtime.exclusively(() => this.#startBatches(args))
  }

  #startBatches({ data, order, buffers, feeds: given }: BatchArguments): Started<TypedArray[]> {
    const { heap } = this.#runtime
    // Rows are gathered in order, so slices of batches are just smaller batches.
    const feeds = this.#slices === 1 ? given : given.flatMap((feed) => Array.from({ length: this.#slices }, () => feed))
    const steps = feeds.length
    const { outputs } = this.#graph
    const arena = this.#arena()
    const addresses = [...buffers, ...data].map((storage) => residentAddress(storage, this.#runtime))
    const weights = this.#kept.place(heap, buffers, arena + this.#plannedBytes)
    const feedWords = feeds.flat(2)
    // What goes in and comes out besides: the order, the feeds of all steps, the outputs of all steps.
    const sizes = [order.length, feedWords.length, ...outputs.map(({ shape }) => steps * sizeOf(shape))]
    const staging = this.#runtime.staging(4 * sizes.reduce((sum, size) => sum + size + 16, 0))
    const places: number[] = []
    let at = staging
    for (const size of sizes) {
      places.push(at)
      at += Math.ceil(size / 16) * 64
    }
    const gathered = this.#inputOffsets.map((offset) => arena + offset)
    const words = [
      arena,
      weights.address,
      ...addresses.slice(0, buffers.length),
      ...gathered,
      ...addresses.slice(buffers.length),
      ...places,
    ]
    const table = this.#runtime.table(words.length)
    heap.int32(table, words.length).set(words)
    heap.int32(places[0], order.length).set(order)
    this.#writeFeeds(places[1], feeds)
    const running = this.#execute('runBatches', [table, steps], weights)
    const collect = (): TypedArray[] => {
      for (const buffer of this.#written) buffers[buffer].replaced()
      return outputs.map(({ dtype, shape }, i) => this.#copyOut(places[2 + i], dtype, steps * sizeOf(shape)))
    }
    return [running, collect]
  }

  #writeFeeds(address: number, feeds: BatchArguments['feeds']): void {
    let at = address
    for (const values of feeds) {
      values.forEach((elements, i) => {
        const { heap } = this.#runtime
        const isFloat = this.#graph.feeds[i].dtype === 'float32'
        const view = isFloat ? heap.float32(at, elements.length) : heap.int32(at, elements.length)
        view.set(elements)
        at += 4 * elements.length
      })
    }
  }

  /** Brings everything a run needs into the heap, and writes the table of addresses. */
  #feed({ inputs, buffers, feeds }: RunArguments) {
    const { heap } = this.#runtime
    // All allocation first: views go stale when the memory grows.
    const arena = this.#arena()
    const addresses = buffers.map((storage) => residentAddress(storage, this.#runtime))
    const weights = this.#kept.place(heap, buffers, arena + this.#plannedBytes)
    // What a program overwrites it must not read as an argument.
    const own = inputs.map((storage) => (buffers.includes(storage) ? null : repeatedAddress(storage, this.#runtime)))
    const count = tableHead + addresses.length + inputs.length
    const table = this.#runtime.table(count)
    const places = inputs.map((_, i) => own[i] ?? arena + this.#inputOffsets[i])
    heap.int32(table, count).set([arena, weights.address, ...addresses, ...places])
    inputs.forEach((storage, i) => {
      if (own[i] !== null) return
      const elements = storage.read()
      if (elements instanceof Float32Array) heap.float32(places[i], elements.length).set(elements)
      else heap.int32(places[i], elements.length).set(elements)
    })
    feeds.forEach((elements, i) => {
      const at = arena + this.#feedOffsets[i]
      const view =
        this.#graph.feeds[i].dtype === 'float32' ? heap.float32(at, elements.length) : heap.int32(at, elements.length)
      view.set(elements)
    })
    return { table, arena, addresses, weights }
  }

  /** Intermediates, and behind them room for weights that are packed for one run. */
  #arena(): number {
    return this.#runtime.arena(this.#plannedBytes + this.#kept.bytes)
  }

  #copyOut(address: number, dtype: Storage['dtype'], size: number): TypedArray {
    const { heap } = this.#runtime
    // A slice is memory of its own and, unlike a new array that is then set, not filled with zeros first.
    return (dtype === 'float32' ? heap.float32(address, size) : heap.int32(address, size)).slice()
  }

  profile(args: RunArguments, runs: number): Explanation {
    this.#profiled ??= this.#runtime.load(
      this.#makeProfile(),
      this.#steps.map((_, i) => `step${i}`),
    )
    const times = this.#steps.map((): number[] => [])
    for (let run = 0; run < runs; run++) {
      const { table, weights } = this.#feed(this.#partOf(args, 0))
      this.#steps.forEach(({ shared, prepares }, i) => {
        if (prepares && !weights.prepares) return
        const start = performance.now()
        this.#runtime.executeNow(this.#profiled!, `step${i}`, [table], shared)
        times[i].push((performance.now() - start) / 1000)
      })
      weights.prepared()
      for (const buffer of this.#written) args.buffers[buffer].replaced()
    }
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
      bufferBytes: this.#kept.bytes + this.#graph.buffers.reduce((bytes, node) => bytes + 4 * sizeOf(node.shape), 0),
    }
  }
}

/** WebAssembly addresses 4 GiB; a program that needs more says so before it starts. */
const MOST_BYTES = 2 ** 32 - 2 ** 24

function checkFits(arenaBytes: number, { inputs, buffers }: ProgramGraph): void {
  const bufferBytes = buffers.reduce((bytes, { shape }) => bytes + 4 * sizeOf(shape), 0)
  if (arenaBytes + bufferBytes <= MOST_BYTES) return
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`
  const batch = inputs[0]?.shape[0]
  const fits = batch ? Math.floor((batch * (MOST_BYTES - bufferBytes)) / arenaBytes) : 0
  const advice = fits > 0 ? `a batch of about ${fits} instead of ${batch} would fit` : 'use smaller tensors'
  throw new ProgramTooLargeError(
    `compile: this program needs ${gigabytes(arenaBytes)} for intermediates and ${gigabytes(bufferBytes)} for buffers, more than the ${gigabytes(MOST_BYTES)} that WebAssembly can address; ${advice}`,
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
      scratch(size): Operand {
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
