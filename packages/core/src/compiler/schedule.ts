import type { ProgramGraph } from '../backends/backend.ts'
import type { Node } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import { affineKey } from './affine.ts'
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
 * the old content. Where that cannot be, the result is copied at the end instead. Among the kernels that could run, those
 * that replace a buffer come first, since they end the life of a gradient; then the order of the graph.
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

  const inPlace = new Map<Node, number>()
  const written = new Set<number>()
  const aliased = new Set(aliases.values())
  for (const { buffer, value } of plan.updates) {
    const at = producer.get(value)
    if (at === undefined || inPlace.has(value) || written.has(buffer) || aliased.has(value)) continue
    const storage = graph.buffers[buffer].attrs.storage
    const isOld = (node: Node) => node.op === ops.buffer && node.attrs.storage === storage
    const readers = kernels.flatMap((kernel, i) => ([...kernel.reads].some((r) => isOld(source(r))) ? [i] : []))
    if (readers.includes(at) && !readsOnlyWhereItWrites(kernels[at], value, isOld, aliases)) continue
    const extra = readers.filter((reader) => reader !== at && !before[at].has(reader))
    if (extra.some((reader) => dependsOn(before, reader, at))) continue
    for (const reader of extra) before[at].add(reader)
    inPlace.set(value, buffer)
    written.add(buffer)
  }
  const order = sort(before, (i) => kernels[i].nodes.some((node) => inPlace.has(node)))
  return { kernels: order.map((i) => kernels[i]), inPlace }
}

/** Whether kernel `from` runs after kernel `to`, directly or through others. */
function dependsOn(before: readonly ReadonlySet<number>[], from: number, to: number): boolean {
  const seen = new Set<number>()
  const stack = [from]
  while (stack.length > 0) {
    const at = stack.pop()!
    if (at === to) return true
    if (seen.has(at)) continue
    seen.add(at)
    stack.push(...before[at])
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

/** A topological order; of what is ready, what is `urgent` first, then the lowest number. */
function sort(before: readonly ReadonlySet<number>[], urgent: (i: number) => boolean): number[] {
  const waiting = before.map((needed) => needed.size)
  const after: number[][] = before.map(() => [])
  before.forEach((needed, i) => {
    for (const j of needed) after[j].push(i)
  })
  const ready: number[] = waiting.flatMap((count, i) => (count === 0 ? [i] : []))
  const order: number[] = []
  while (ready.length > 0) {
    let best = 0
    for (let i = 1; i < ready.length; i++) {
      const [a, b] = [ready[i], ready[best]]
      if (urgent(a) !== urgent(b) ? urgent(a) : a < b) best = i
    }
    const [next] = ready.splice(best, 1)
    order.push(next)
    for (const i of after[next]) if (--waiting[i] === 0) ready.push(i)
  }
  return order
}
