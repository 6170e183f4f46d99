import type { Node } from '../graph/node.ts'
import type { DType } from '../tensor/dtype.ts'
import type { Shape } from '../tensor/shape.ts'
import type { Builders } from './builders.ts'

/** What an op's gradient rule gets. */
export interface GradientContext<Attrs> {
  /** Builders of every op, so that rules are made of ops and have gradients themselves. */
  readonly g: Builders
  readonly inputs: readonly Node[]
  readonly output: Node
  /** Gradient of the loss with respect to the output; of the output's shape. */
  readonly grad: Node
  readonly attrs: Attrs
}

/** One call of an op, from which parity, gradient and determinism tests are made. */
export interface Sample<Attrs = unknown> {
  readonly inputs: readonly SampleInput[]
  readonly attrs: Attrs
  /** Says what is special about it. */
  readonly name?: string
}

export interface SampleInput {
  readonly shape: Shape
  readonly dtype?: DType
  /** Elements are drawn from here; default -2..2 for float32, 0..3 for int32. */
  readonly range?: readonly [number, number]
  /** Elements all different and at least this far apart: for ops with kinks (max, sort of). */
  readonly distinct?: number
  /** The elements themselves instead of random ones. */
  readonly values?: readonly number[]
  /** Whether gradients are checked for this input. Default: it is float32. */
  readonly differentiable?: boolean
}

/** Everything there is to know about an op, but how a backend computes it. */
// biome-ignore lint/suspicious/noExplicitAny: the registry holds ops of all attribute types
export interface OpSpec<Attrs = any> {
  readonly name: string
  readonly kind: OpKind
  /** Shape and type of the result; throws a ShapeError or DTypeError that names the fix. */
  infer(inputs: readonly Node[], attrs: Attrs): { shape: Shape; dtype: DType }
  /** Gradients with respect to the inputs, `null` where there is none. The whole rule is `null` for ops without gradient. */
  readonly gradient: ((context: GradientContext<Attrs>) => readonly (Node | null)[]) | null
  samples(): readonly Sample<Attrs>[]
}

/** How the compiler treats an op: see docs/design/engine.md. */
export type OpKind =
  /** A source of elements: a buffer, an input, a constant, counted-up or random numbers. */
  | 'leaf'
  /** Each element of the result depends on the elements at the same place. */
  | 'pointwise'
  /** Only says where elements are found: reshape, permute, expand, slice, pad. */
  | 'view'
  /** Combines the elements along axes. */
  | 'reduce'
  /** Multiply and accumulate: matrix products and convolutions. */
  | 'contraction'
  /** Sliding windows: pooling. */
  | 'window'
  /** Everything with a kernel of its own. */
  | 'other'
