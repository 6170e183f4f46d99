import type { Node } from '../graph/node.ts'
import type { DType } from '../tensor/dtype.ts'
import type { Shape } from '../tensor/shape.ts'
import type { ConvAttrs } from './conv2d.ts'
import type { BinaryName, UnaryName } from './names.ts'
import type { WindowAttrs } from './window.ts'

export type UnaryBuilders = { readonly [Name in UnaryName]: (a: Node) => Node }
export type BinaryBuilders = { readonly [Name in BinaryName]: (a: Node, b: Node) => Node }
type WithInputShape<Attrs> = Attrs & { inputShape: Shape }

/**
 * Makes nodes, one function an op: what gradient rules and tensors are written with. Pointwise builders broadcast their
 * operands and bring them to one type; the others take exactly what their op wants.
 */
export interface Builders extends UnaryBuilders, BinaryBuilders {
  where(condition: Node, a: Node, b: Node): Node
  /** A number, of shape [] until it is broadcast. */
  scalar(value: number, dtype?: DType): Node
  /** 0, 1, 2, … along an axis of a shape. */
  iota(shape: Shape, axis: number): Node
  cast(x: Node, dtype: DType): Node
  detach(x: Node): Node
  identity(x: Node): Node
  sum(x: Node, axes: readonly number[]): Node
  max(x: Node, axes: readonly number[]): Node
  min(x: Node, axes: readonly number[]): Node
  argmax(x: Node, axis: number): Node
  argmin(x: Node, axis: number): Node
  reshape(x: Node, shape: Shape): Node
  permute(x: Node, order: readonly number[]): Node
  expand(x: Node, shape: Shape): Node
  pad(x: Node, before: readonly number[], after: readonly number[], value: number): Node
  slice(x: Node, start: readonly number[], end: readonly number[], step?: readonly number[]): Node
  concat(inputs: readonly Node[], axis: number): Node
  standardize(x: Node, axes: readonly number[], eps: number): Node
  matmul(a: Node, b: Node, transposeA: boolean, transposeB: boolean): Node
  conv2d(x: Node, w: Node, attrs: ConvAttrs): Node
  conv2dInputGrad(grad: Node, w: Node, attrs: WithInputShape<ConvAttrs>): Node
  conv2dWeightGrad(x: Node, grad: Node, attrs: ConvAttrs & { weightShape: Shape }): Node
  maxPool2d(x: Node, attrs: WindowAttrs): Node
  maxPool2dIndex(x: Node, attrs: WindowAttrs): Node
  maxPool2dScatter(x: Node, index: Node, attrs: WithInputShape<WindowAttrs>): Node
  maxPool2dSelect(x: Node, index: Node, attrs: WindowAttrs): Node
  sumPool2d(x: Node, attrs: WindowAttrs): Node
  sumPool2dGrad(x: Node, attrs: WithInputShape<WindowAttrs>): Node
  gather(x: Node, index: Node, axis: number): Node
  scatterAdd(x: Node, index: Node, axis: number, size: number): Node
}
