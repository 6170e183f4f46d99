import type { ProgramGraph } from '../backends/backend.ts'
import type { Node } from '../graph/node.ts'
import { BYTES_PER_ELEMENT } from '../tensor/dtype.ts'
import { sizeOf } from '../tensor/shape.ts'
import type { KernelPlan } from './plan.ts'
import type { Schedule } from './schedule.ts'

/** Vector loads may reach this far behind the last element. */
const SLACK = 32

/** How long a node's memory is in use. */
export interface Lifetime {
  readonly bytes: number
  /** First and last kernel during which it is in use, both included; −1 is before the first, their number after the last. */
  readonly first: number
  last: number
}

/** The lifetimes of all nodes in memory other than buffers: arguments, feeds, and what kernels compute, results included. */
export function lifetimesOf(
  plan: KernelPlan,
  { kernels, inPlace }: Schedule,
  graph: ProgramGraph,
): Map<Node, Lifetime> {
  const lifetimes = new Map<Node, Lifetime>()
  const open = (node: Node, elements: number, first: number): void => {
    lifetimes.set(node, { bytes: elements * BYTES_PER_ELEMENT + SLACK, first, last: first })
  }
  for (const node of [...graph.inputs, ...graph.feeds]) open(node, sizeOf(node.shape), -1)
  kernels.forEach((kernel, i) => {
    for (const node of kernel.nodes) if (!inPlace.has(node)) open(node, plan.layouts.get(node)!.size, i)
  })
  const use = (node: Node, at: number): void => {
    const lifetime = lifetimes.get(plan.aliases.get(node) ?? node)
    if (lifetime) lifetime.last = Math.max(lifetime.last, at)
  }
  kernels.forEach((kernel, i) => {
    for (const read of kernel.reads) use(read, i)
  })
  // What the host was asked for is written once, and read again when the kernels run for the next slice.
  for (const node of [...plan.outputs, ...graph.feeds]) use(node, kernels.length)
  for (const { value } of plan.updates) use(value, kernels.length)
  return lifetimes
}

/** The most memory in use during one kernel, and during which. */
export function peakOf(
  lifetimes: Iterable<Lifetime>,
  kernels: number,
): { readonly bytes: number; readonly at: number } {
  const change = new Float64Array(kernels + 2)
  for (const { bytes, first, last } of lifetimes) {
    change[Math.max(0, first)] += bytes
    change[last + 1] -= bytes
  }
  let peak = { bytes: 0, at: 0 }
  let inUse = 0
  for (let at = 0; at < kernels; at++) {
    inUse += change[at]
    if (inUse > peak.bytes) peak = { bytes: inUse, at }
  }
  return peak
}
