import type { ProgramGraph } from '../backends/backend.ts'
import type { Node } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import { affineKey } from './affine.ts'
import { isGiven } from './materialize.ts'
import type { Kernel, KernelPlan } from './plan.ts'
import { forEachValue } from './value.ts'

/** Kernels in the order they run, and which of them may write straight into a buffer. */
export interface Schedule {
  readonly kernels: readonly Kernel[]
  /** Values that are computed in place of the buffer (by its number) they replace; the others are copied at the end. */
  readonly inPlace: ReadonlyMap<Node, number>
}

/**
 * Orders the kernels: each after those it reads from, and, where a result replaces a buffer, after all that still read
 * the old content. Where that cannot be, the result is copied at the end instead.
 */
export function schedule(plan: KernelPlan, graph: ProgramGraph): Schedule {
  const { kernels, aliases } = plan
  const source = (node: Node): Node => aliases.get(node) ?? node
  const producer = new Map<Node, number>()
  kernels.forEach((kernel, i) => {
    for (const node of kernel.nodes) producer.set(node, i)
  })
  const before = kernels.map((kernel) => {
    const needed = new Set<number>()
    for (const read of kernel.reads) {
      const from = producer.get(source(read))
      if (from !== undefined) needed.add(from)
    }
    return needed
  })

  const readersOf = new Map<object, number[]>()
  kernels.forEach((kernel, i) => {
    const storages = [...kernel.reads]
      .map(source)
      .flatMap(({ op, attrs }) => (op === ops.buffer ? [attrs.storage] : []))
    for (const storage of new Set(storages)) readersOf.set(storage, [...(readersOf.get(storage) ?? []), i])
  })
  const inPlace = new Map<Node, number>()
  const written = new Set<number>()
  const aliased = new Set(aliases.values())
  const several = repeated(plan.updates.map(({ value }) => value))
  for (const { buffer, value } of plan.updates) {
    const at = producer.get(value)
    // What several buffers are to hold has a place of its own, from which it is copied to each.
    if (at === undefined || several.has(value) || written.has(buffer) || aliased.has(value)) continue
    const storage = graph.buffers[buffer].attrs.storage
    const isOld = (node: Node) => node.op === ops.buffer && node.attrs.storage === storage
    const readers = readersOf.get(storage) ?? []
    if (readers.includes(at) && !readsOnlyWhereItWrites(kernels[at], value, isOld, aliases)) continue
    const extra = readers.filter((reader) => reader !== at && !before[at].has(reader))
    if (extra.some((reader) => dependsOn(before, reader, at))) continue
    for (const reader of extra) before[at].add(reader)
    inPlace.set(value, buffer)
    written.add(buffer)
  }
  const order = sort(before, memoryEffects(plan, inPlace), (kernel) =>
    kernels[kernel].nodes.every((node) => plan.again.has(node)),
  )
  return { kernels: order.map((i) => kernels[i]), inPlace }
}

/** What is listed more than once. */
function repeated<T>(list: readonly T[]): Set<T> {
  return new Set(list.filter((entry, i) => list.indexOf(entry) !== i))
}

/** Whether kernel `from` runs after kernel `to`, directly or through others. */
function dependsOn(before: readonly ReadonlySet<number>[], from: number, to: number): boolean {
  const seen = new Uint8Array(before.length)
  const stack = [from]
  while (stack.length > 0) {
    const at = stack.pop()!
    if (at === to) return true
    for (const needed of before[at]) {
      if (seen[needed]) continue
      seen[needed] = 1
      stack.push(needed)
    }
  }
  return false
}

/** Whether a kernel of loops reads the old content only at the place it writes the new one: then it may replace it. */
function readsOnlyWhereItWrites(
  kernel: Kernel,
  value: Node,
  isOld: (node: Node) => boolean,
  aliases: ReadonlyMap<Node, Node>,
): boolean {
  if (kernel.kind !== 'nest' || kernel.nests.length !== 1) return false
  const [nest] = kernel.nests
  if (nest.reduced.length > 0) return false
  const place = affineKey(nest.stores.find(({ target }) => target === value)!.address)
  let fits = true
  for (const store of nest.stores) {
    forEachValue(store.value, (v) => {
      if (v.kind === 'load' && isOld(aliases.get(v.source) ?? v.source)) fits &&= affineKey(v.address) === place
      if (v.kind === 'gather' && isOld(v.source)) fits = false
      if (v.kind === 'random' && isOld(v.words)) fits = false
    })
  }
  return fits
}

/** Kernels looked at ahead of one that takes memory. */
const LOOK_AHEAD = 5

/** What running a kernel does to the memory in use, as things stand. */
interface MemoryEffects {
  /** Elements that are no longer needed after the kernel, less those it adds. */
  gain(kernel: number): number
  /** Says that the kernel has run. */
  done(kernel: number): void
}

function memoryEffects(
  { kernels, layouts, aliases, outputs, updates }: KernelPlan,
  inPlace: ReadonlyMap<Node, number>,
): MemoryEffects {
  const source = (node: Node): Node => aliases.get(node) ?? node
  const kept = new Set([...outputs, ...updates.map(({ value }) => value)].map(source))
  const readers = new Map<Node, number>()
  const reads = kernels.map((kernel) => [...new Set([...kernel.reads].map(source))].filter((node) => !isGiven(node)))
  for (const list of reads) for (const node of list) readers.set(node, (readers.get(node) ?? 0) + 1)
  const sizeOf = (node: Node): number => layouts.get(node)!.size
  return {
    gain(kernel) {
      const freed = reads[kernel].filter((node) => readers.get(node) === 1 && !kept.has(node))
      const added = kernels[kernel].nodes.filter((node) => !inPlace.has(node))
      return freed.reduce((sum, node) => sum + sizeOf(node), 0) - added.reduce((sum, node) => sum + sizeOf(node), 0)
    },
    done(kernel) {
      for (const node of reads[kernel]) readers.set(node, readers.get(node)! - 1)
    },
  }
}

/**
 * A topological order. Of what is ready, whatever frees more memory than it takes comes first (a weight gradient ends
 * the life of the activation it needs); else the order of the graph.
 */
function sort(
  before: readonly ReadonlySet<number>[],
  { gain, done }: MemoryEffects,
  isLazy: (kernel: number) => boolean,
): number[] {
  const waiting = before.map((needed) => needed.size)
  const after: number[][] = before.map(() => [])
  before.forEach((needed, i) => {
    for (const j of needed) after[j].push(i)
  })
  // What is computed again is wanted right before the first that reads it, not as soon as it could be had.
  const rank = before.map((_, i) => i)
  for (let i = before.length - 1; i >= 0; i--) {
    if (isLazy(i)) rank[i] = Math.min(...after[i].map((next) => rank[next])) - 0.001
  }
  // What a kernel gains together with those that wait for it alone: an activation computed again pays when the weight
  // gradient that wanted it ends the life of something larger.
  const gainAhead = (kernel: number): number => {
    let sum = gain(kernel)
    let most = sum
    let at: number | undefined = kernel
    for (let step = 0; step < LOOK_AHEAD && most <= 0; step++) {
      at = after[at].find((next) => waiting[next] === 1)
      if (at === undefined) break
      sum += gain(at)
      most = Math.max(most, sum)
    }
    return most
  }
  const ready: number[] = waiting.flatMap((count, i) => (count === 0 ? [i] : []))
  const order: number[] = []
  while (ready.length > 0) {
    let best = 0
    let bestGain = -1
    ready.forEach((kernel, i) => {
      const gained = Math.max(0, gainAhead(kernel))
      if (gained > bestGain || (gained === bestGain && rank[kernel] < rank[ready[best]])) {
        best = i
        bestGain = gained
      }
    })
    const [next] = ready.splice(best, 1)
    order.push(next)
    done(next)
    for (const i of after[next]) if (--waiting[i] === 0) ready.push(i)
  }
  return order
}
