import type { ProgramGraph } from '../backends/backend.ts'
import { planKernels, prepareResults } from './fuse.ts'
import { lifetimesOf, peakOf } from './lifetimes.ts'
import type { KernelPlan } from './plan.ts'
import { rematerialize } from './rematerialize.ts'
import { type Schedule, schedule } from './schedule.ts'
import type { Target } from './target.ts'

export interface CompilerOptions {
  /** Join pointwise ops and reductions into one kernel. Off: a kernel an op, to find faults. Default true. */
  readonly fuse?: boolean
  /**
   * Bytes of intermediates from which on activations are computed again in the backward pass rather than kept: a few per
   * cent more work for about half the memory. Default 1.5 GB.
   */
  readonly recomputeAbove?: number
  /**
   * Bytes of a program's largest product from which on a batch whose rows do not depend on each other is worked off in slices:
   * intermediates stay in the cache, and need a fraction of the memory. Default 16 MB.
   */
  readonly sliceAbove?: number
}

/** The kernels of a program in the order they run. */
export interface ProgramPlan {
  readonly plan: KernelPlan
  readonly order: Schedule
}

/** All passes from the graph to ordered kernels; memory is planned when the kernels' scratch is known. */
export function planProgram(
  graph: ProgramGraph,
  target: Target,
  { fuse = true, recomputeAbove = 1.5e9 }: CompilerOptions = {},
): ProgramPlan {
  const plan = planKernels(prepareResults(graph, target), graph, target, { fuse })
  const order = schedule(plan, graph)
  const lifetimes = lifetimesOf(plan, order, graph)
  const peak = peakOf(lifetimes.values(), order.kernels.length)
  if (peak.bytes <= recomputeAbove) return { plan, order }
  const { results, again } = rematerialize(plan.results, plan, order, lifetimes, peak.at)
  const lean = planKernels(results, graph, target, { fuse, again })
  const leanOrder = schedule(lean, graph)
  const leanPeak = peakOf(lifetimesOf(lean, leanOrder, graph).values(), leanOrder.kernels.length)
  return leanPeak.bytes < peak.bytes ? { plan: lean, order: leanOrder } : { plan, order }
}
