import { planMemory } from '../../../compiler/memory.ts'
import type { KernelPlan } from '../../../compiler/plan.ts'
import type { Schedule } from '../../../compiler/schedule.ts'
import type { ProgramGraph } from '../../backend.ts'
import { ModuleBuilder } from '../assembler/index.ts'
import { KeptWeights } from '../keptWeights.ts'
import type { WasmRuntime } from '../runtime.ts'
import { emitBarrier, readableSlack } from '../threads/index.ts'
import type { PlacedStep } from './emitRun.ts'
import { lowerKernel } from './lowerKernel.ts'
import type { LoweringContext, Operand, Step } from './step.ts'

/** A step is shared out if one thread would need longer for it than this: some barriers' worth. In seconds. */
const LEAST_SHARED_SECONDS = 8e-6
/** From this long on, the last parts of a step go to the thread that is free: being held up costs more than asking. */
const LEAST_BALANCED_SECONDS = 200e-6
/** With fewer parts than this a single one is too much of the whole to be handed out last. */
const LEAST_BALANCED_PARTS = 8
/** What one core does, roughly: multiplications and additions, and bytes moved, in a second. */
const RATES = { flops: 60e9, bytes: 15e9 }

/** What a kernel takes on one core, roughly. */
export function secondsOf({ flops, bytes }: Step['kernel']): number {
  return Math.max(flops / RATES.flops, bytes / RATES.bytes)
}

function isWorthSharing(kernel: Step['kernel']): boolean {
  return kernel.parts > 1 && secondsOf(kernel) >= LEAST_SHARED_SECONDS
}

function isWorthBalancing(kernel: Step['kernel']): boolean {
  return kernel.parts >= LEAST_BALANCED_PARTS && secondsOf(kernel) >= LEAST_BALANCED_SECONDS
}

/** Emits every kernel in order and plans memory; scratch is counted for each, since only one op runs at a time. */
export function lowerProgram(runtime: WasmRuntime, graph: ProgramGraph, plan: KernelPlan, order: Schedule) {
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
