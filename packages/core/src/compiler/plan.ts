import type { Node } from '../graph/node.ts'
import type { Epilogue } from './epilogue.ts'
import type { Layout } from './layout.ts'
import type { LoopNest } from './nest.ts'

/** One kernel of a program: loops to be generated, or an op with a kernel of its own. */
export type Kernel = {
  /** The nodes it computes into memory. */
  readonly nodes: readonly Node[]
  /** The nodes in memory it reads. */
  readonly reads: ReadonlySet<Node>
} & (
  | { readonly kind: 'nest'; readonly nests: readonly LoopNest[] }
  | { readonly kind: 'op'; readonly node: Node; readonly epilogue: Epilogue | null }
)

/** What the passes before memory planning have decided. */
export interface KernelPlan {
  readonly kernels: readonly Kernel[]
  readonly layouts: ReadonlyMap<Node, Layout>
  /** Nodes that are another node's memory under another shape. */
  readonly aliases: ReadonlyMap<Node, Node>
  /** The nodes in memory behind the outputs and updates, in order. */
  readonly outputs: readonly Node[]
  /** Nodes that are computed a second time. */
  readonly again: ReadonlySet<Node>
  readonly updates: readonly { readonly buffer: number; readonly value: Node }[]
}
