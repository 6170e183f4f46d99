import type { Node } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import { sameShape } from '../tensor/shape.ts'
import { affineKey, type Loop, LoopSet, loopAffine, zero } from './affine.ts'
import type { NestContext } from './buildNest.ts'
import type { Group } from './group.ts'
import { addressOf, channelsLast, sameLayout } from './layout.ts'
import type { Store } from './nest.ts'
import { type GatheredSum, isConvolution, type Statistic, statisticsOf } from './statistics.ts'
import {
  forEachValue,
  type InlineContext,
  inline,
  inlineOperation,
  mapAffines,
  Unfusable,
  type Value,
} from './value.ts'

/** What happens to a contraction's results in registers: what is stored, and what is gathered of each channel. */
export interface Epilogue {
  /** What is stored; the first in place of the contraction's own result. */
  readonly stores: readonly Store[]
  readonly gathers: readonly Gather[]
  /** The loop that stands for each axis of the result; null for an axis of size 1. */
  readonly loops: readonly (Loop | null)[]
  /** Stands for the contraction's result in the values. */
  readonly result: Value
}

/** A statistic of a value over all pixels of all images, for each channel. */
export interface Gather {
  readonly statistic: Statistic
  readonly value: Value
  /** What becomes of it: the sum, and of moments the sum of the squared distances from the mean as well. */
  readonly targets: readonly Node[]
}

/** What becomes part of a contraction's kernel. */
export interface JoinedEpilogue {
  readonly groups: ReadonlySet<Group>
  /** Nodes in memory that it reads besides the contraction's operands. */
  readonly reads: ReadonlySet<Node>
  readonly epilogue: Epilogue
}

/** Results a contraction may have: more keep too many registers busy in its innermost code. */
const MOST_RESULTS = 3

/**
 * Joins a map to the contraction whose result it uses in place, if nobody else wants that result: bias, activation, mask
 * and residual are then applied while the result is still in registers, and it is never written. What is summed up of
 * a convolution's results, or of what the map makes of them, is gathered in passing, so that nobody reads them for that.
 *
 * @returns For each contraction's group those that became part of it.
 */
export function joinEpilogues(
  groups: readonly Group[],
  results: ReadonlySet<Node>,
  context: NestContext,
): Map<Group, JoinedEpilogue> {
  const joined = new Map<Group, JoinedEpilogue>()
  const taken = new Set<Group>()
  const depthOf = new Map(groups.flatMap(({ nodes, depth }) => nodes.map((node) => [node, depth] as const)))
  for (const group of groups) {
    const [node] = group.nodes
    if (group.kind !== 'op' || !takesEpilogue(node)) continue
    const map = results.has(node) ? null : onlyMap(groups, group, taken, context)
    const gathered = isConvolution(node) ? statisticsOf(groups, map ?? group, depthOf, taken) : []
    const found = joinTo(node, map, gathered, context) ?? joinTo(node, map, [], context)
    if (!found) continue
    joined.set(group, found)
    for (const other of found.groups) taken.add(other)
  }
  return joined
}

/** What becomes part of a contraction's kernel with a map and sums; null where there is nothing, or it cannot be. */
function joinTo(
  contraction: Node,
  map: Group | null,
  gathered: readonly GatheredSum[],
  context: NestContext,
): JoinedEpilogue | null {
  if (!map && gathered.length === 0) return null
  const epilogue = buildEpilogue(contraction, map?.nodes ?? [], gathered, context)
  if (!epilogue) return null
  const inputs = [...(map ? [map] : []), ...gathered.map(({ sums }) => sums)]
  const distances = gathered.flatMap(({ distances: group }) => group ?? [])
  return {
    epilogue,
    groups: new Set([...inputs, ...distances]),
    reads: new Set(inputs.flatMap(({ reads }) => [...reads])),
  }
}

/** The map that is the only reader of a contraction's result, if its kernel can store what the map computes. */
function onlyMap(
  groups: readonly Group[],
  { nodes: [node] }: Group,
  taken: ReadonlySet<Group>,
  context: NestContext,
): Group | null {
  const readers = groups.filter((other) => other.reads.has(node))
  const [map] = readers
  if (readers.length !== 1 || map.kind !== 'map' || taken.has(map) || map.nodes.length > MOST_RESULTS) return null
  return map.nodes.some((n) => canTakePlace(node, n, context)) ? map : null
}

function canTakePlace(contraction: Node, node: Node, context: NestContext): boolean {
  return sameShape(node.shape, contraction.shape) && canStore(contraction, node, context)
}

/** Whether what is computed from a node's results can be part of its kernel. */
export function takesEpilogue(node: Node): boolean {
  return isConvolution(node) || (node.op === ops.matmul && node.shape.length === 2)
}

/** Whether a contraction's kernel can store another node in its result's place: convolutions within any border. */
function canStore(contraction: Node, node: Node, { layouts }: NestContext): boolean {
  const [own, other] = [layouts.get(contraction)!, layouts.get(node)!]
  if (sameLayout(own, other, node.shape)) return true
  return isConvolution(contraction) && sameLayout(other, channelsLast(node.shape, other.border), node.shape)
}

/**
 * @param computed What is computed from the contraction's result and stored, each after those it uses; may be empty.
 * @param gathered What is gathered of it besides.
 */
function buildEpilogue(
  contraction: Node,
  computed: readonly Node[],
  gathered: readonly GatheredSum[],
  nest: NestContext,
): Epilogue | null {
  const { memory, layouts } = nest
  const first = computed.find((node) => canTakePlace(contraction, node, nest)) ?? contraction
  const order = [first, ...computed.filter((node) => node !== first)]
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
  const gathers: Gather[] = []
  try {
    for (const node of computed) values.set(node, inlineOperation(node, coordinates, context))
    for (const { statistic, value, targets } of gathered) {
      gathers.push({ statistic, value: inline(value, coordinates, context), targets })
    }
  } catch (error) {
    if (error instanceof Unfusable) return null
    throw error
  }
  const split = axes.some((loop) => loop && loops.resolveLoop(loop).length > 1)
  if (elsewhere || split) return null
  const memo = new Map<Value, Value>()
  const resolved = (value: Value): Value => mapAffines(value, (a) => loops.resolve(a), memo)
  const stores = order.map(
    (node): Store => ({
      target: node,
      address: addressOf(layouts.get(node)!, coordinates),
      value: resolved(values.get(node)!),
      fold: null,
    }),
  )
  const epilogue = {
    stores,
    gathers: gathers.map((gather) => ({ ...gather, value: resolved(gather.value) })),
    loops: axes,
    result,
  }
  return differsByLane(epilogue) ? null : epilogue
}

/**
 * Whether a condition in an epilogue may hold for some lanes of a vector and not for others: lanes run along the channels
 * of images and along either axis of matrices, and a kernel decides once for all of them.
 */
function differsByLane({ stores, gathers, loops }: Epilogue): boolean {
  const isMatrix = loops.length === 2
  let differs = false
  for (const { value } of [...stores, ...gathers]) {
    forEachValue(value, (part) => {
      if (part.kind !== 'guard') return
      for (const { index } of part.conditions) {
        differs ||= index.terms.some(({ loop }) => isMatrix || loop === loops[1])
      }
    })
  }
  return differs
}
