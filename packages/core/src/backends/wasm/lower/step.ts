import type { Epilogue } from '../../../compiler/epilogue.ts'
import type { Layout } from '../../../compiler/layout.ts'
import type { Node } from '../../../graph/node.ts'
import type { ModuleBuilder } from '../assembler/index.ts'
import type { TileShape } from '../features/index.ts'
import type { Kernel } from '../kernels/index.ts'

/**
 * What a kernel's pointer points to: the memory of a node, some bytes into the scratch of the present op, or some bytes into
 * what the program keeps from run to run.
 */
export type Operand = { readonly node: Node } | { readonly scratch: number } | { readonly kept: number }

/** One call of a kernel. */
export interface Step {
  readonly kernel: Kernel
  readonly operands: readonly Operand[]
  /** Whether it makes what is kept: it then runs only when the buffers that it reads have changed. */
  readonly prepares?: boolean
}

/** What lowering an op to kernels needs. */
export interface LoweringContext {
  readonly module: ModuleBuilder
  readonly tile: TileShape
  layoutOf(node: Node): Layout
  /** All nodes that the kernel computes. */
  readonly nodes: readonly Node[]
  /** What is done to the results of a contraction before they are stored. */
  readonly epilogue: Epilogue | null
  /** Reserves bytes that only the steps of this op use. */
  scratch(bytes: number): Operand & { readonly scratch: number }
  /** Reserves bytes for what is made of weights alone: kept from run to run where the program does not change them. */
  packed(weights: Node, bytes: number): Operand
}

/** The step that packs weights. */
export function packingStep(kernel: Kernel, weights: Node, packed: Operand): Step {
  return { kernel, operands: [{ node: weights }, packed], prepares: 'kept' in packed }
}

/** The scratch that kernels ask for, if any: the same for all of them, of which one runs after the other. */
export function sharedScratch(
  kernels: readonly { readonly scratchBytes: number }[],
  scratch: LoweringContext['scratch'],
): Operand[] {
  const bytes = Math.max(...kernels.map(({ scratchBytes }) => scratchBytes))
  return bytes > 0 ? [scratch(bytes)] : []
}
