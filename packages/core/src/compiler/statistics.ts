import { type Node, topologicalOrder } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import { sameShape, sizeOf } from '../tensor/shape.ts'
import { bottlenecks } from './bottleneck.ts'
import type { Group } from './group.ts'
import type { Roots } from './rewrite.ts'

/** The sum of values; or their moments: the sum, and the sum of the squares of their distances from the mean. */
export type Statistic = 'sum' | 'moments'

/** What the kernel of a convolution can gather of each channel in passing. */
export interface GatheredSum {
  readonly statistic: Statistic
  /** What is summed up, or what the moments are of. */
  readonly value: Node
  readonly targets: readonly Node[]
  /** The group that computes the sum otherwise. */
  readonly sums: Group
  /** The group that computes the squared distances otherwise: it reads the mean, which the kernel does not. */
  readonly distances?: Group
}

/** Statistics that one kernel gathers at most: each adds work to its innermost code. */
const MOST_STATISTICS = 4

/** Sums over fewer elements are as well done by themselves: what they read is still in the second-level cache. */
const LEAST_ELEMENTS = 1 << 16

export function isConvolution({ op }: Node): boolean {
  return op === ops.conv2d || op === ops.conv2dInputGrad
}

/** Whether a node sums large images up to one number for each channel. */
export function sumsChannels({ op, inputs: [x], attrs }: Node): boolean {
  if (op !== ops.sum || x.shape.length !== 4 || x.dtype !== 'float32' || sizeOf(x.shape) < LEAST_ELEMENTS) return false
  return sameShape(attrs.axes, [0, 2, 3])
}

/**
 * What can be gathered while a group's results are in registers: all sums over them that need nothing else but what is there
 * before. Everything that the joined kernel reads is then of smaller depth than the group, and everything that reads
 * what it computes of greater: kernels never wait for each other.
 *
 * @param producer The convolution, or the map that became part of its kernel.
 * @param depthOf The depth of the group of each node.
 * @param taken Groups that are part of another kernel.
 */
export function statisticsOf(
  groups: readonly Group[],
  producer: Group,
  depthOf: ReadonlyMap<Node, number>,
  taken: ReadonlySet<Group>,
): readonly GatheredSum[] {
  const stored = new Set(producer.nodes)
  const [{ shape }] = producer.nodes
  const readers = groups.filter(
    (group) =>
      group.kind === 'reduce' &&
      !taken.has(group) &&
      group.nodes.every((node) => sumsChannels(node) && sameShape(node.inputs[0].shape, shape)) &&
      [...group.reads].some((read) => stored.has(read)),
  )
  const found: GatheredSum[] = []
  for (const group of readers) {
    const isThere = (read: Node): boolean => stored.has(read) || (depthOf.get(read) ?? -1) < producer.depth
    if (![...group.reads].every(isThere) || found.length + group.nodes.length > MOST_STATISTICS) continue
    for (const node of group.nodes) {
      found.push({ statistic: 'sum', value: node.inputs[0], targets: [node], sums: group })
    }
  }
  for (const group of readers) {
    const [node] = group.nodes
    const moments = group.nodes.length === 1 ? momentsOf(node) : null
    const at = found.findIndex(({ targets: [sum] }) => sum === moments?.sum)
    if (!moments || at < 0) continue
    const { sums } = found[at]
    found[at] = { statistic: 'moments', value: moments.of, targets: [moments.sum, node], sums, distances: group }
  }
  return found
}

/** Whether a node is Σ(x − mean)² with the mean of x over the same axes: then x, and the Σx that the mean is made of. */
function momentsOf({ op, inputs: [square], attrs }: Node): { readonly of: Node; readonly sum: Node } | null {
  if (op !== ops.sum || square.op !== ops.mul || square.inputs[0] !== square.inputs[1]) return null
  const [centered] = square.inputs
  if (centered.op !== ops.sub) return null
  const [x, mean] = centered.inputs
  const scaled = perChannel(mean, x)
  if (scaled?.op !== ops.mul) return null
  const [total, factor] = scaled.inputs
  const sum = perChannel(total, x)
  const count = sizeOf((attrs.axes as readonly number[]).map((axis) => x.shape[axis]))
  const isMean = factor.op === ops.constant && Math.fround(factor.attrs.value) === Math.fround(1 / count)
  const isSame = sum?.op === ops.sum && sum.inputs[0] === x && sameShape(sum.attrs.axes, attrs.axes)
  return isMean && isSame ? { of: x, sum } : null
}

/** What a node shows, if it is one number for each channel of an image, the same at all its pixels. */
function perChannel(node: Node, { shape: [, channels] }: Node): Node | null {
  let source = node
  while (source.op === ops.reshape || source.op === ops.expand) {
    const [below] = source.inputs
    const isInOrder =
      source.op === ops.expand ? sameShape(below.shape, [1, channels, 1, 1]) : sizeOf(source.shape) === channels
    if (!isInOrder) return null
    source = below
  }
  return source
}

/**
 * The sums that a convolution's kernel will probably gather: those that need what it stores, in place, and nothing else that
 * depends on that. They must stay whole, where others are split for threads to share them.
 */
export function gatheredSums(roots: Roots): ReadonlySet<Node> {
  const order = topologicalOrder(roots)
  const sums = order.filter(sumsChannels)
  if (sums.length === 0) return new Set()
  const place = new Map(order.map((node, i) => [node, i]))
  const bottleneck = bottlenecks(roots)
  const stored = new Set(order.filter(isConvolution).map(bottleneck))
  // What convolutions read is in memory, whoever computes it.
  const inMemory = new Set([
    ...stored,
    ...order.filter((node) => node.op.kind === 'contraction').flatMap(({ inputs }) => inputs),
  ])
  const gathered = new Set<Node>()
  for (const node of sums) {
    const moments = momentsOf(node)
    if (moments ? gathered.has(moments.sum) : needsOneStored(node.inputs[0], stored, inMemory, place))
      gathered.add(node)
  }
  return gathered
}

/** Whether a value is computed in place from one node that is stored, and from what does not depend on that. */
function needsOneStored(
  value: Node,
  stored: ReadonlySet<Node>,
  inMemory: ReadonlySet<Node>,
  place: ReadonlyMap<Node, number>,
): boolean {
  const seen = new Set<Node>()
  const ends: Node[] = []
  const visit = (node: Node): void => {
    if (seen.has(node)) return
    seen.add(node)
    const isInPlace = node.op.kind === 'pointwise' && sameShape(node.shape, value.shape)
    if (isInPlace && !inMemory.has(node)) node.inputs.forEach(visit)
    else ends.push(node)
  }
  visit(value)
  const last = ends.reduce((a, b) => (place.get(a)! > place.get(b)! ? a : b))
  const producer = stored.has(last) ? last : ends.find((end) => stored.has(end))
  if (!producer || !sameShape(producer.shape, value.shape)) return false
  const known = new Map<Node, boolean>([[producer, true]])
  const depends = (node: Node): boolean => {
    if (place.get(node)! < place.get(producer)!) return false
    let answer = known.get(node)
    if (answer === undefined) known.set(node, (answer = node.inputs.some(depends)))
    return answer
  }
  return ends.every((end) => end === producer || !depends(end))
}
