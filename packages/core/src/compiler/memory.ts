import type { ProgramGraph } from '../backends/backend.ts'
import type { Node } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import { type Lifetime, lifetimesOf } from './lifetimes.ts'
import type { KernelPlan } from './plan.ts'
import type { Schedule } from './schedule.ts'

/** Where a node's memory is: so many bytes into the arena, or at an address that a run is told. */
export type Place =
  | { readonly kind: 'arena'; readonly offset: number }
  /** A buffer, which lives from run to run. */
  | { readonly kind: 'buffer'; readonly index: number }
  /** A result: it outlives the run. */
  | { readonly kind: 'result'; readonly index: number }
  /** An argument: in its own memory if it has any, else copied to this offset. */
  | { readonly kind: 'input'; readonly index: number; readonly offset: number }

export interface MemoryPlan {
  readonly arenaBytes: number
  placeOf(node: Node): Place
}

const ALIGNMENT = 64

interface Block extends Lifetime {
  offset: number
}

/**
 * Gives every node in memory that is neither a buffer nor a result an offset in one arena, so that blocks in use at the same time do not overlap: the largest
 * first, each at the lowest offset that is free all its life (Pisarchyk and Lee, "Efficient memory management for deep
 * neural net inference", 2020: greedy by size).
 *
 * @param scratch Bytes that each kernel needs for itself.
 */
export function planMemory(
  plan: KernelPlan,
  { kernels, inPlace }: Schedule,
  graph: ProgramGraph,
  scratch: readonly number[],
): MemoryPlan & { readonly scratchOffsets: readonly number[] } {
  const source = (node: Node): Node => plan.aliases.get(node) ?? node
  const results = resultsOf(plan, { kernels, inPlace })
  const blocks = new Map<Node, Block>()
  for (const [node, lifetime] of lifetimesOf(plan, { kernels, inPlace }, graph))
    if (!results.has(node)) blocks.set(node, { ...lifetime, offset: 0 })
  const scratchBlocks = scratch.map((bytes, i): Block => ({ bytes, first: i, last: i, offset: 0 }))
  const arenaBytes = assignOffsets([...blocks.values(), ...scratchBlocks.filter(({ bytes }) => bytes > 0)])

  const bufferIndex = new Map(graph.buffers.map((node, index) => [node.attrs.storage, index]))
  return {
    arenaBytes,
    scratchOffsets: scratchBlocks.map(({ offset }) => offset),
    placeOf(node) {
      const origin = source(node)
      const index = inPlace.get(origin)
      if (index !== undefined) return { kind: 'buffer', index }
      if (origin.op === ops.buffer) return { kind: 'buffer', index: bufferIndex.get(origin.attrs.storage)! }
      const result = results.get(origin)
      if (result !== undefined) return { kind: 'result', index: result }
      const block = blocks.get(origin)
      const input = graph.inputs.indexOf(origin)
      if (input >= 0) return { kind: 'input', index: input, offset: block!.offset }
      if (!block) throw new Error(`memory: ${origin.op.name} #${origin.id} has no place`)
      return { kind: 'arena', offset: block.offset }
    },
  }
}

/**
 * The nodes that kernels write straight to where a result is wanted, and which result each is. Not what lies in a buffer;
 * and what is given back several times is written to the first place and copied to the others.
 */
function resultsOf({ outputs, aliases }: KernelPlan, { kernels, inPlace }: Schedule): Map<Node, number> {
  const computed = new Set(kernels.flatMap(({ nodes }) => nodes))
  const results = new Map<Node, number>()
  outputs.forEach((node, index) => {
    const origin = aliases.get(node) ?? node
    if (computed.has(origin) && !inPlace.has(origin) && !results.has(origin)) results.set(origin, index)
  })
  return results
}

function assignOffsets(blocks: readonly Block[]): number {
  /** By offset. */
  const placed: Block[] = []
  let total = 0
  for (const block of [...blocks].sort((a, b) => b.bytes - a.bytes)) {
    let offset = 0
    for (const other of placed) {
      if (other.first > block.last || block.first > other.last) continue
      if (offset + block.bytes <= other.offset) break
      offset = Math.max(offset, align(other.offset + other.bytes))
    }
    block.offset = offset
    const behind = placed.findIndex((other) => other.offset > offset)
    placed.splice(behind < 0 ? placed.length : behind, 0, block)
    total = Math.max(total, align(offset + block.bytes))
  }
  return total
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}
