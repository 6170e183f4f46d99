import { currentNodeId, makeLeaf, type Node } from '../graph/node.ts'
import type { FeedSource } from '../ops/leaf.ts'
import { registry } from '../ops/registry.ts'
import type { Generator } from '../random/generator.ts'
import type { DType } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A condition under which a trace may be used again. */
export interface Guard {
  current(): unknown
  readonly expected: unknown
}

/** What is remembered of one tensor whose gradient was read or set while tracing. */
interface GradientAccess {
  readonly before: Tensor | null
  /** Whether the first access was a read: then the trace depends on what was there before. */
  readonly readFirst: boolean
}

/** What happens while a function is traced: assignments, gradients, random draws, and what the trace rests on. */
export class Trace {
  /** Nodes with smaller numbers were made outside. */
  readonly firstNode = currentNodeId()
  /** Tensors that were assigned to, with the node each had before. */
  readonly assigned = new Map<Tensor, Node>()
  readonly gradients = new Map<Tensor, GradientAccess>()
  readonly guards: Guard[] = []
  readonly #guarded = new Map<object, Set<string>>()
  readonly #streams = new Map<Generator, { node: Node; draws: number }>()

  readonly #dry: boolean

  /** @param options.dry Whether generators stay where they are when what was recorded is run. Default false. */
  constructor({ dry = false }: { dry?: boolean } = {}) {
    this.#dry = dry
  }

  /** Puts back what tensors were before the trace. */
  undo(): void {
    for (const [tensor, node] of this.assigned) tensor.restore(node)
    for (const [tensor, { before }] of this.gradients) tensor.gradUntraced = before
  }

  noteAssign(tensor: Tensor, before: Node): void {
    if (!this.assigned.has(tensor)) this.assigned.set(tensor, before)
  }

  noteGradient(tensor: Tensor, before: Tensor | null, access: 'read' | 'write'): void {
    if (!this.gradients.has(tensor)) this.gradients.set(tensor, { before, readFirst: access === 'read' })
  }

  /** Makes the trace valid only as long as `current()` gives what it gives now. One guard for each owner and key. */
  guard(owner: object, key: string, current: () => unknown): void {
    let keys = this.#guarded.get(owner)
    if (!keys) this.#guarded.set(owner, (keys = new Set()))
    if (keys.has(key)) return
    keys.add(key)
    this.guards.push({ current, expected: current() })
  }

  /** A leaf whose elements are asked of the host at each run. */
  feed(shape: readonly number[], dtype: DType, next: () => readonly number[]): Node {
    const source: FeedSource = { shape, dtype, next }
    return makeLeaf(registry.feed, { source }, shape, dtype)
  }

  /** The generator's words as a value asked at each run, and the number of this draw. */
  draw(generator: Generator): { words: Node; stream: number } {
    let entry = this.#streams.get(generator)
    if (!entry) {
      const created = { node: null as unknown as Node, draws: 0 }
      created.node = this.feed([3], 'int32', () => (this.#dry ? generator.words() : generator.advance(created.draws)))
      this.#streams.set(generator, (entry = created))
    }
    return { words: entry.node, stream: entry.draws++ }
  }
}

let active: Trace | null = null

/** The trace that is being recorded, if any. */
export function activeTrace(): Trace | null {
  return active
}

/** Runs `fn` with its effects recorded. Traces do not nest: a compiled function called by another is part of it. */
export function record<T>(trace: Trace, fn: () => T): T {
  const before = active
  active = trace
  try {
    return fn()
  } finally {
    active = before
  }
}

/**
 * Runs `fn` with its effects recorded and then undone: assignments, gradients and random draws leave no trace. What it
 * returns may be looked at, for instance for its shapes, and computed.
 */
export function withoutEffects<T>(fn: () => T): T {
  const trace = new Trace({ dry: true })
  try {
    return record(trace, fn)
  } finally {
    trace.undo()
  }
}
