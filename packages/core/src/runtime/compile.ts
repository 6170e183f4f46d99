import type { Executable, Explanation, RunArguments } from '../backends/backend.ts'
import { received, TrainyardError } from '../errors.ts'
import { makeLeaf, type Node, topologicalOrder } from '../graph/node.ts'
import { replaceNodes } from '../graph/replace.ts'
import { Storage } from '../graph/storage.ts'
import { registry } from '../ops/registry.ts'
import { letOthersRun } from '../platform/eventLoop.ts'
import { allocate } from '../tensor/dtype.ts'
import { sizeOf } from '../tensor/shape.ts'
import { Tensor } from '../tensor/tensor.ts'
import { programGraph, type Update } from './program.ts'
import { programFor } from './programCache.ts'
import { bufferNode, computeOnce, realize } from './realize.ts'
import { batchShape, signatureOf } from './signature.ts'
import { activeTrace, type Guard, record, Trace } from './trace.ts'
import { isPlain, mapTensors, tensorsIn } from './tree.ts'

/** A function that runs as one program. */
export interface CompiledFunction<Args extends unknown[], Result> {
  (...args: Args): Promise<Result>
  /** The programs made so far, the last used one first, with what each consists of. */
  explain(): (Explanation & { signature: string })[]
  /**
   * Traces and compiles for arguments without running: what the program will consist of and how much memory it will need.
   * A later call of the same shapes finds it ready.
   */
  plan(...args: Args): Promise<Explanation>
  /**
   * Calls the function for one batch of rows after the other: row `order[i]` of every tensor in `data`, `batchSize` rows
   * a call; a shorter last batch is left out. All calls run in one go, without coming back to JavaScript between them,
   * so that a small model takes microseconds a step. The results stand one after the other along a new first axis.
   */
  overBatches(data: Args, options: { order: Int32Array; batchSize: number }): Promise<Result>
  /**
   * Runs a call's program kernel by kernel and takes the time of each: the median of `runs`. Buffers are assigned to as
   * in as many calls.
   */
  profile(runs: number, ...args: Args): Promise<Explanation>
}

/** One trace of a function, ready to run. */
interface Program {
  readonly signature: string
  readonly guards: readonly Guard[]
  readonly executable: Executable
  readonly buffers: readonly Storage[]
  readonly feeds: readonly (() => readonly number[])[]
  /** The tensors whose memory it writes to. */
  readonly written: readonly Tensor[]
  /** The gradients that tensors are left with. */
  readonly gradients: readonly { readonly tensor: Tensor; readonly after: Tensor | null }[]
  /** What the function returned, with a number in place of each tensor. */
  readonly result: unknown
  readonly outputs: readonly Node[]
}

/** Stands for the n-th output in what a function returned. */
class Output {
  readonly index: number
  constructor(index: number) {
    this.index = index
  }
}

/**
 * Makes a function of tensors run as one program: forward, backward and update together.
 *
 * The function is traced at its first call with given shapes (and again when a model changes between training and
 * evaluation); afterwards a call costs one program run. Tensors of the arguments, also inside lists and object literals,
 * are fed in. Other arguments are part of the trace: for others it is made again. Functions and objects with a class count
 * as others unless they are the same ones, so give those that you made before, not new ones at every call. Tensors used from
 * outside (parameters, buffers) are read and assigned in place. What changes from call to call without being an argument
 * must come from `hostScalar`.
 *
 * @example
 * ```ts
 * const double = compile((x: Tensor) => x.mul(2))
 * await (await double(tensor([1, 2]))).toArray() // [2, 4]
 * ```
 */
export function compile<Args extends unknown[], Result>(fn: (...args: Args) => Result): CompiledFunction<Args, Result> {
  if (typeof fn !== 'function') throw new TrainyardError(`compile: wants a function, got ${received(fn)}`)
  let programs: Program[] = []
  // Calls are run one after another: each may read what the one before assigned.
  let queue: Promise<unknown> = Promise.resolve()

  /** The program for arguments; with a batch size, for that many rows of each of them. */
  const prepare = async (args: Args, batch?: number): Promise<{ program: Program; given: Tensor[] }> => {
    const given = tensorsIn(args)
    await realize(given)
    const signature = signatureOf(args, batch)
    let program = programs.find((p) => p.signature === signature && p.guards.every(holds))
    if (!program) program = await traceProgram(fn, args, given, signature, batch)
    if (programs[0] !== program) programs = [program, ...programs.filter((p) => p !== program)]
    return { program, given }
  }
  const runArguments = (program: Program, given: readonly Tensor[]): RunArguments => {
    for (const tensor of program.written) tensor.keepForReaders()
    return {
      inputs: given.map((tensor) => tensor.storage),
      buffers: program.buffers,
      feeds: program.feeds.map((next) => next()),
    }
  }

  const call = async (args: Args): Promise<Result> => {
    const { program, given } = await prepare(args)
    const storages = await program.executable.run(runArguments(program, given))
    for (const { tensor, after } of program.gradients) tensor.gradUntraced = after
    const results = storages.map((storage, i) => new Tensor(bufferNode(storage, program.outputs[i].shape)))
    return mapOutputs(program.result, results) as Result
  }

  const callOverBatches = async (
    args: Args,
    { order, batchSize }: { order: Int32Array; batchSize: number },
  ): Promise<Result> => {
    checkBatches(order, batchSize)
    const { program, given } = await prepare(args, batchSize)
    const steps = Math.floor(order.length / batchSize)
    checkOrder(order, given)
    for (const tensor of program.written) tensor.keepForReaders()
    const { executable, buffers } = program
    const feeds = Array.from({ length: steps }, () => program.feeds.map((next) => next()))
    const used = order.subarray(0, steps * batchSize)
    const data = given.map((tensor) => tensor.storage)
    const storages = executable.runBatches
      ? await executable.runBatches({ data, order: used, buffers, feeds })
      : await runOneByOne(program, given, used, batchSize, feeds)
    for (const { tensor, after } of program.gradients) tensor.gradUntraced = after
    const results = storages.map((storage, i) => new Tensor(bufferNode(storage, [steps, ...program.outputs[i].shape])))
    return mapOutputs(program.result, results) as Result
  }

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(letOthersRun).then(work)
    queue = result.catch(() => {})
    return result
  }
  const compiled = (...args: Args): Promise<Result> => {
    if (activeTrace()) return fn(...args) as never
    return inTurn(() => call(args))
  }
  compiled.overBatches = (data: Args, options: { order: Int32Array; batchSize: number }) =>
    inTurn(() => callOverBatches(data, options ?? {}))
  compiled.plan = (...args: Args) =>
    inTurn(async () => {
      const { program } = await prepare(args)
      return program.executable.explain()
    })
  compiled.profile = (runs: number, ...args: Args) =>
    inTurn(async () => {
      const { program, given } = await prepare(args)
      if (!program.executable.profile) return program.executable.explain()
      return program.executable.profile(runArguments(program, given), runs)
    })
  compiled.explain = () => programs.map(({ executable, signature }) => ({ ...executable.explain(), signature }))
  return compiled
}

function holds(guard: Guard): boolean {
  return guard.current() === guard.expected
}

function checkBatches(order: unknown, batchSize: unknown): void {
  if (!(order instanceof Int32Array)) {
    throw new TrainyardError(`overBatches: order must be an Int32Array of row numbers, got ${received(order)}`)
  }
  if (!Number.isInteger(batchSize) || (batchSize as number) < 1) {
    throw new TrainyardError(`overBatches: batchSize must be an integer of at least 1, got ${received(batchSize)}`)
  }
}

/** Rows are copied without a look inside the program: the order must name rows that there are. */
function checkOrder(order: Int32Array, data: readonly Tensor[]): void {
  const rows = Math.min(...data.map(({ shape }) => shape[0] ?? 0))
  const wrong = order.find((row) => row < 0 || row >= rows)
  if (wrong !== undefined) throw new TrainyardError(`overBatches: the order names row ${wrong}, the data has ${rows}`)
}

/** Gathers and runs batch by batch, for backends that cannot do it themselves. */
async function runOneByOne(
  { executable, buffers, outputs }: Program,
  given: readonly Tensor[],
  order: Int32Array,
  batchSize: number,
  feeds: readonly (readonly (readonly number[])[])[],
): Promise<Storage[]> {
  const collected = outputs.map(({ dtype, shape }) => new Storage(dtype, feeds.length * sizeOf(shape)))
  for (let step = 0; step < feeds.length; step++) {
    const inputs = given.map((tensor) => {
      const elements = tensor.storage.read()
      const row = elements.length / tensor.shape[0]
      const batch = allocate(tensor.dtype, batchSize * row)
      for (let i = 0; i < batchSize; i++) {
        const from = order[step * batchSize + i] * row
        batch.set(elements.subarray(from, from + row), i * row)
      }
      return new Storage(tensor.dtype, batch.length, batch)
    })
    const results = await executable.run({ inputs, buffers, feeds: feeds[step] })
    results.forEach((result, i) => {
      collected[i].read().set(result.read(), step * result.size)
    })
  }
  return collected
}

async function traceProgram(
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  given: readonly Tensor[],
  signature: string,
  batch?: number,
): Promise<Program> {
  const trace = new Trace()
  const inputs = given.map((tensor, index) =>
    makeLeaf(registry.input, { index }, batchShape(tensor.shape, batch), tensor.dtype),
  )
  let next = 0
  const placeholders = mapTensors(args, () => new Tensor(inputs[next++])) as never[]
  const outputs: Node[] = []
  let skeleton: unknown
  const updates: Update[] = []
  const gradients: { tensor: Tensor; after: Tensor | null }[] = []
  const finalNode = new Map<Tensor, Node>()
  try {
    const result = record(trace, () => fn(...placeholders))
    if (result instanceof Promise) {
      // Its own failure is of no interest: it failed because it is async.
      result.catch(() => {})
      throw new TrainyardError('compile: the function must not be async; it only records, and reading happens outside')
    }
    // What tensors stand for at the end: a parameter that was assigned to is returned as it is then.
    skeleton = mapTensors(result, (tensor) => new Output(outputs.push(tensor.node) - 1))
    for (const tensor of trace.assigned.keys()) finalNode.set(tensor, tensor.node)
    for (const [tensor, { before, readFirst }] of trace.gradients) {
      const after = tensor.gradUntraced
      if (readFirst) trace.guards.push({ current: () => tensor.gradUntraced, expected: before })
      if (after === before) continue
      // A gradient that an update in this function has used up is gone; one that nothing used stays for a later call.
      const keep = after !== null && !trace.assigned.has(tensor)
      if (!keep) gradients.push({ tensor, after: null })
      else {
        const kept = before?.node.op === registry.buffer ? before : null
        const home = kept?.storage ?? new Storage(after.dtype, after.size)
        updates.push({ storage: home, shape: after.shape, value: after.node })
        gradients.push({ tensor, after: kept ?? new Tensor(bufferNode(home, after.shape)) })
      }
    }
  } finally {
    // Whatever happened, tensors are what they were before the trace.
    trace.undo()
  }

  const outer = await computeOuterNodes(
    [...outputs, ...updates.map((u) => u.value), ...finalNode.values()],
    trace.firstNode,
  )
  // Tensors that are assigned to must have memory before the program can write there.
  await realize([...finalNode.keys()])
  for (const [tensor, value] of finalNode) {
    updates.push({ storage: tensor.storage, shape: tensor.shape, value })
  }
  const [cutOutputs, cutValues] = replaceNodes([outputs, updates.map((u) => u.value)], outer)
  const graph = programGraph(
    inputs,
    cutOutputs,
    updates.map((update, i) => ({ ...update, value: cutValues[i] })),
  )
  return {
    signature,
    guards: trace.guards,
    executable: await programFor(graph),
    buffers: graph.buffers.map((node) => node.attrs.storage),
    feeds: graph.feeds.map((node) => () => node.attrs.source.next()),
    written: [...finalNode.keys(), ...gradients.flatMap(({ after }) => (after ? [after] : []))],
    gradients,
    result: skeleton,
    outputs,
  }
}

/**
 * Values from outside that are not computed yet are computed once, now, and read by every run; they would be computed
 * anew in each otherwise. The tensors that stand for them share the memory.
 */
async function computeOuterNodes(roots: readonly Node[], firstNode: number): Promise<Map<Node, Node>> {
  const isOuter = (node: Node) => node.id < firstNode
  const outer = topologicalOrder(roots, isOuter).filter((node) => isOuter(node) && node.op.kind !== 'leaf')
  if (outer.length === 0) return new Map()
  const storages = await computeOnce(outer)
  return new Map(outer.map((node, i) => [node, bufferNode(storages[i], node.shape)]))
}

function mapOutputs(skeleton: unknown, results: readonly Tensor[]): unknown {
  if (skeleton instanceof Output) return results[skeleton.index]
  if (Array.isArray(skeleton)) return skeleton.map((element) => mapOutputs(element, results))
  if (isPlain(skeleton)) {
    return Object.fromEntries(Object.entries(skeleton).map(([key, field]) => [key, mapOutputs(field, results)]))
  }
  return skeleton
}
