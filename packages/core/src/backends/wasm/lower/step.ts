import type { Epilogue } from '../../../compiler/epilogue.ts'
import type { Layout } from '../../../compiler/layout.ts'
import type { Node } from '../../../graph/node.ts'
import type { ModuleBuilder } from '../assembler/index.ts'
import type { TileShape } from '../features/index.ts'
import type { Kernel } from '../kernels/index.ts'

/** What a kernel's pointer points to: the memory of a node, or some bytes into the scratch of the present op. */
export type Operand = { readonly node: Node } | { readonly scratch: number }

/** One call of a kernel. */
export interface Step {
  readonly kernel: Kernel
  readonly operands: readonly Operand[]
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
  scratch(bytes: number): Operand
}

/** The scratch that a kernel asks for, if any. */
export function ownScratch(
  { scratchBytes }: { readonly scratchBytes: number },
  scratch: LoweringContext['scratch'],
): Operand[] {
  return scratchBytes > 0 ? [scratch(scratchBytes)] : []
}
