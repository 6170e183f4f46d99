import type { Node } from '../graph/node.ts'
import type { Border } from './layout.ts'

/** What the compiler asks of a backend: how the kernels it has by hand want their operands laid out. */
export interface Target {
  /** Operands that must be images with channels last, each with the border of zeros it needs. */
  imageOperands(node: Node): readonly (readonly [operand: Node, border: Border | null])[]
  /** Operands that must be row-major. */
  rowMajorOperands(node: Node): readonly Node[]
  /** Whether the kernel of the node writes nothing but row-major order, whatever its readers want. */
  givesRowMajor(node: Node): boolean
  /** Whether the kernel of the node writes images with their channels last. */
  givesImage(node: Node): boolean
}
