import type { Node } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import { sameShape } from '../tensor/shape.ts'
import { affineKey, type Loop, LoopSet, loopAffine, zero } from './affine.ts'
import type { NestContext } from './buildNest.ts'
import type { Group } from './group.ts'
import { addressOf, channelsLast, sameLayout } from './layout.ts'
import type { Store } from './nest.ts'
import { forEachValue, type InlineContext, inlineOperation, mapAffines, Unfusable, type Value } from './value.ts'

/** What happens to a contraction's results in registers, before they are stored. */
export interface Epilogue {
  /** What is stored; the first in place of the contraction's own result. */
  readonly stores: readonly Store[]
  /** The loop that stands for each axis of the result; null for an axis of size 1. */
  readonly loops: readonly (Loop | null)[]
  /** Stands for the contraction's result in the values. */
  readonly result: Value
}

/** Results a contraction may have: more keep too many registers busy in its innermost code. */
const MOST_RESULTS = 3

/**
 * Joins a map to the contraction whose result it uses in place, if nobody else wants that result: bias, activation, mask
 * and residual are then applied while the result is still in registers, and it is never written.
 *
 * @returns For each contraction's group the group that became part of it.
 */
export function joinEpilogues(
  groups: readonly Group[],
  results: ReadonlySet<Node>,
  context: NestContext,
): Map<Group, { readonly map: Group; readonly epilogue: Epilogue }> {
  const joined = new Map<Group, { map: Group; epilogue: Epilogue }>()
  const taken = new Set<Group>()
  for (const group of groups) {
    const [node] = group.nodes
    if (group.kind !== 'op' || !takesEpilogue(node) || results.has(node)) continue
    const readers = groups.filter((other) => other.reads.has(node))
    const [map] = readers
    if (readers.length !== 1 || map.kind !== 'map' || taken.has(map) || map.nodes.length > MOST_RESULTS) continue
    const first = map.nodes.find((n) => sameShape(n.shape, node.shape) && canStore(node, n, context))
    if (!first) continue
    const epilogue = buildEpilogue(node, [first, ...map.nodes.filter((n) => n !== first)], map.nodes, context)
    if (!epilogue) continue
    joined.set(group, { map, epilogue })
    taken.add(map)
  }
  return joined
}

/** Whether what is computed from a node's results can be part of its kernel. */
export function takesEpilogue(node: Node): boolean {
  return isConvolution(node) || (node.op === ops.matmul && node.shape.length === 2)
}

function isConvolution({ op }: Node): boolean {
  return op === ops.conv2d || op === ops.conv2dInputGrad
}

/** Whether a contraction's kernel can store another node in its result's place: convolutions within any border. */
function canStore(contraction: Node, node: Node, { layouts }: NestContext): boolean {
  const [own, other] = [layouts.get(contraction)!, layouts.get(node)!]
  if (sameLayout(own, other, node.shape)) return true
  return isConvolution(contraction) && sameLayout(other, channelsLast(node.shape, other.border), node.shape)
}

/**
 * @param order The nodes as they are to be stored.
 * @param computed The same nodes, each after those it uses.
 */
function buildEpilogue(
  contraction: Node,
  order: readonly Node[],
  computed: readonly Node[],
  { memory, layouts }: NestContext,
): Epilogue | null {
  const loops = new LoopSet()
  const axes = contraction.shape.map((size) => (size === 1 ? null : loops.make(size)))
  const coordinates = axes.map((loop) => (loop ? loopAffine(loop) : zero))
  const place = coordinates.map(affineKey).join()
  const result: Value = {
    kind: 'load',
    source: contraction,
    address: addressOf(layouts.get(contraction)!, coordinates),
    dtype: 'float32',
    key: 'result',
  }
  const values = new Map<Node, Value>([[contraction, result]])
  let elsewhere = false
  const context: InlineContext = {
    loops,
    memo: new Map(),
    inMemory: (node) => memory.has(node),
    layoutOf: (node) => layouts.get(node)!,
    computed(node, at) {
      const value = values.get(node)
      if (value && at.map(affineKey).join() !== place) elsewhere = true
      return value ?? null
    },
  }
  try {
    for (const node of computed) values.set(node, inlineOperation(node, coordinates, context))
  } catch (error) {
    if (error instanceof Unfusable) return null
    throw error
  }
  const split = axes.some((loop) => loop && loops.resolveLoop(loop).length > 1)
  if (elsewhere || split) return null
  const memo = new Map<Value, Value>()
  const stores = order.map(
    (node): Store => ({
      target: node,
      address: addressOf(layouts.get(node)!, coordinates),
      value: mapAffines(values.get(node)!, (a) => loops.resolve(a), memo),
      fold: null,
    }),
  )
  const epilogue = { stores, loops: axes, result }
  return differsByLane(epilogue) ? null : epilogue
}

/**
 * Whether a condition in an epilogue may hold for some lanes of a vector and not for others: lanes run along the channels
 * of images and along either axis of matrices, and a kernel decides once for all of them.
 */
function differsByLane({ stores, loops }: Epilogue): boolean {
  const isMatrix = loops.length === 2
  let differs = false
  for (const { value } of stores) {
    forEachValue(value, (part) => {
      if (part.kind !== 'guard') return
      for (const { index } of part.conditions) {
        differs ||= index.terms.some(({ loop }) => isMatrix || loop === loops[1])
      }
    })
  }
  return differs
}
