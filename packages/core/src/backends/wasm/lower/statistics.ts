import type { Gather } from '../../../compiler/epilogue.ts'
import { type ConvKernel, emitCombineStatistics, statisticFloats } from '../kernels/index.ts'
import type { LoweringContext, Operand, Step } from './step.ts'

/**
 * The steps of kernels that gather statistics of the channels of one result, and the step that puts together what they
 * gathered.
 *
 * @param step Makes the step of a kernel; takes the operand that its pointer `statistics` wants, if it has one.
 */
export function gatheringSteps(
  { module, scratch }: LoweringContext,
  kernels: readonly ConvKernel[],
  { gathers, columns }: { readonly gathers: readonly Gather[]; readonly columns: number },
  step: (kernel: ConvKernel, statistics: readonly Operand[]) => Step,
): Step[] {
  if (gathers.length === 0) return kernels.map((kernel) => step(kernel, []))
  const statistics = gathers.map(({ statistic }) => statistic)
  const rowBytes = 4 * statisticFloats(statistics) * columns
  const rows = kernels.reduce((sum, { partialRows }) => sum + partialRows, 0)
  const partials = scratch(rows * rowBytes)
  let first = 0
  const steps = kernels.map((kernel) => {
    const own = { ...partials, scratch: partials.scratch + first * rowBytes }
    first += kernel.partialRows
    return step(kernel, [own])
  })
  const combine = emitCombineStatistics(module, { rows, columns, statistics })
  const targets = gathers.flatMap((gather) => gather.targets.map((node) => ({ node })))
  return [...steps, { kernel: combine, operands: [partials, ...targets] }]
}
