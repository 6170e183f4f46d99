import type { Node } from '../graph/node.ts'
import type { Storage } from '../graph/storage.ts'

/** A whole computation: what goes in, what comes out, and which buffers it overwrites. */
export interface ProgramGraph {
  /** Arguments, in order; leaves of op `input`. */
  readonly inputs: readonly Node[]
  /** Realised memory the program reads or overwrites; leaves of op `buffer`. */
  readonly buffers: readonly Node[]
  /** Values asked of the host at each run; leaves of op `feed`. */
  readonly feeds: readonly Node[]
  /** What is given back. */
  readonly outputs: readonly Node[]
  /** Buffers (by their place in `buffers`) and what they hold afterwards; all values are taken before any is replaced. */
  readonly updates: readonly { readonly buffer: number; readonly value: Node }[]
}

/** What a program is run with. Buffers are given at each run, so that equal graphs share one program. */
export interface RunArguments {
  /** Arguments. One that is given again and again may be read where a backend keeps its copy. */
  readonly inputs: readonly Storage[]
  readonly buffers: readonly Storage[]
  readonly feeds: readonly (readonly number[])[]
}

/** What a program is run with over many batches of rows. */
export interface BatchArguments {
  /** For each input all the rows it is gathered from; the first axis of the input is the batch. */
  readonly data: readonly Storage[]
  /** Which rows each run takes, one batch after the other. */
  readonly order: Int32Array
  readonly buffers: readonly Storage[]
  /** Values of the feeds, for each run. */
  readonly feeds: readonly (readonly (readonly number[])[])[]
}

/** A compiled program. */
export interface Executable {
  /** Runs once: overwrites the buffers that are updated and returns the outputs in storages of their own. */
  run(args: RunArguments): Storage[] | Promise<Storage[]>
  /**
   * Runs once for each batch without coming back in between; the outputs of all runs stand one after the other. Not every
   * backend can: then it is the caller who gathers and runs.
   */
  runBatches?(args: BatchArguments): Storage[] | Promise<Storage[]>
  /** What it consists of: see `Explanation`. */
  explain(): Explanation
  /** As `explain`, with the time of every kernel: the median of several runs. Overwrites buffers as runs do. */
  profile?(args: RunArguments, runs: number): Explanation | Promise<Explanation>
}

export interface KernelLine {
  readonly name: string
  readonly shape: string
  readonly flops: number
  readonly bytes: number
  /** Median over the timed runs; absent when the program was not timed. */
  readonly seconds?: number
}

/** What a program consists of, and what memory it needs; `formatExplanation` prints it. */
export interface Explanation {
  /** In the order in which they run. */
  readonly kernels: readonly KernelLine[]
  /** Bytes of the planned arena: intermediates at their peak. */
  readonly arenaBytes: number
  /** Bytes of buffers that live from run to run. */
  readonly bufferBytes: number
  /** Bytes of what a run gives back. */
  readonly resultBytes: number
}

/** Turns graphs into programs. */
export interface Backend {
  readonly name: string
  /** Makes the program of a graph, ready to run. */
  build(graph: ProgramGraph): Executable | Promise<Executable>
}
