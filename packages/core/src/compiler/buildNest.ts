import type { Node } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import type { WindowAttrs } from '../ops/window.ts'
import { type Affine, add, affineKey, constantAffine, type Loop, LoopSet, loopAffine, scale } from './affine.ts'
import { addressOf, type Layout } from './layout.ts'
import { type Fold, type LoopNest, type Store, simplifyNest } from './nest.ts'
import {
  type Condition,
  constantValue,
  guard,
  type InlineContext,
  inline,
  inlineOperation,
  type Value,
} from './value.ts'

export interface NestContext {
  readonly memory: ReadonlySet<Node>
  readonly layouts: ReadonlyMap<Node, Layout>
}

const identityOf: Record<Fold, number> = { sum: 0, max: Number.NEGATIVE_INFINITY, min: Number.POSITIVE_INFINITY }

/** Loops over a shape and the coordinates they stand for. */
function loopsOver(loops: LoopSet, shape: readonly number[]): { all: Loop[]; coordinates: Affine[] } {
  const all = shape.map((size) => loops.make(size))
  return { all, coordinates: all.map(loopAffine) }
}

/**
 * The loops that compute nodes of one shape, element by element; a node may use another's element at the same place.
 * Throws Unfusable where something it reads has to be in memory first.
 */
export function buildMap(nodes: readonly Node[], { memory, layouts }: NestContext): LoopNest {
  const loops = new LoopSet()
  const { all, coordinates } = loopsOver(loops, nodes[0].shape)
  const place = coordinates.map(affineKey).join()
  const values = new Map<Node, Value>()
  const context: InlineContext = {
    loops,
    memo: new Map(),
    inMemory: (node) => memory.has(node),
    layoutOf: (node) => layouts.get(node)!,
    computed: (node, at) => (values.has(node) && at.map(affineKey).join() === place ? values.get(node)! : null),
  }
  const stores = nodes.map((node): Store => {
    const value = inlineOperation(node, coordinates, context)
    values.set(node, value)
    return { target: node, address: addressOf(layouts.get(node)!, coordinates), value, fold: null }
  })
  return simplifyNest(loops, all, [], stores)
}

/** The loops that copy one part of a concatenation to its place. */
export function buildConcatPart(node: Node, part: number, { memory, layouts }: NestContext): LoopNest {
  const loops = new LoopSet()
  const { axis } = node.attrs as { axis: number }
  const input = node.inputs[part]
  const from = node.inputs.slice(0, part).reduce((size, x) => size + x.shape[axis], 0)
  const { all, coordinates } = loopsOver(loops, input.shape)
  const target = coordinates.map((c, a) => (a === axis ? add(c, constantAffine(from)) : c))
  const context: InlineContext = {
    loops,
    memo: new Map(),
    inMemory: (n) => memory.has(n),
    layoutOf: (n) => layouts.get(n)!,
  }
  const store: Store = {
    target: node,
    address: addressOf(layouts.get(node)!, target),
    value: inline(input, coordinates, context),
    fold: null,
  }
  return simplifyNest(loops, all, [], [store])
}

/** The loops that reduce expressions over the same axes of the same shape, in one pass. */
export function buildReduce(nodes: readonly Node[], { memory, layouts }: NestContext): LoopNest {
  const loops = new LoopSet()
  const [source] = nodes[0].inputs
  const { axes } = nodes[0].attrs as { axes: readonly number[] }
  const { all, coordinates } = loopsOver(loops, source.shape)
  const context: InlineContext = {
    loops,
    memo: new Map(),
    inMemory: (n) => memory.has(n),
    layoutOf: (n) => layouts.get(n)!,
  }
  const kept = coordinates.filter((_, axis) => !axes.includes(axis))
  const stores = nodes.map(
    (node): Store => ({
      target: node,
      address: addressOf(layouts.get(node)!, kept),
      value: inline(node.inputs[0], coordinates, context),
      fold: node.op.name as Fold,
    }),
  )
  const isReduced = (_: Loop, axis: number) => axes.includes(axis)
  return simplifyNest(
    loops,
    all.filter((loop, axis) => !isReduced(loop, axis)),
    all.filter(isReduced),
    stores,
  )
}

/** The loops that sum sliding windows: an inner pair of loops runs over the window. */
export function buildSumPool(node: Node, { memory, layouts }: NestContext): LoopNest {
  const loops = new LoopSet()
  const { kernel, stride, padding } = node.attrs as WindowAttrs
  const [image] = node.inputs
  const { all, coordinates } = loopsOver(loops, node.shape)
  const window = kernel.map((size) => loops.make(size))
  const [n, c, row, column] = coordinates
  const within = (start: Affine, axis: 0 | 1): Affine =>
    add(add(scale(start, stride[axis]), loopAffine(window[axis])), constantAffine(-padding[2 * axis]))
  const place = [n, c, within(row, 0), within(column, 1)]
  const conditions: Condition[] = ([0, 1] as const).flatMap((axis) =>
    padding[2 * axis] > 0 || padding[2 * axis + 1] > 0
      ? [{ index: place[2 + axis], low: 0, high: image.shape[2 + axis] }]
      : [],
  )
  const context: InlineContext = {
    loops,
    memo: new Map(),
    inMemory: (x) => memory.has(x),
    layoutOf: (x) => layouts.get(x)!,
  }
  const element = inline(image, place, context)
  const store: Store = {
    target: node,
    address: addressOf(layouts.get(node)!, coordinates),
    value: guard(conditions, element, constantValue(identityOf.sum, 'float32'), loops),
    fold: 'sum',
  }
  return simplifyNest(loops, all, window, [store])
}

/** How a node is computed when it has no kernel of its own making. */
export function nestKindOf(node: Node): 'map' | 'concat' | 'reduce' | 'sumPool' | null {
  if (node.op === ops.concat) return 'concat'
  if (node.op === ops.sumPool2d) return 'sumPool'
  if (node.op.kind === 'reduce') return 'reduce'
  if (node.op.kind === 'contraction' || node.op.kind === 'window' || node.op === ops.scatterAdd) return null
  return 'map'
}
