import type { ProgramGraph } from '../backends/backend.ts'
import { makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { build as g } from '../ops/build.ts'
import { registry as ops } from '../ops/registry.ts'
import { assignLayouts, copyMisfits } from './assignLayouts.ts'
import { buildConcatPart, buildMap, buildReduce, buildSumPool, type NestContext } from './buildNest.ts'
import { decompose, splitReduction, splitReductions } from './decompose.ts'
import { type JoinedEpilogue, joinEpilogues } from './epilogue.ts'
import { type Group, groupNodes } from './group.ts'
import { isRowMajor, type Layout } from './layout.ts'
import { chooseMaterialized, isGiven } from './materialize.ts'
import type { Kernel, KernelPlan } from './plan.ts'
import { rewrite } from './rewrite.ts'
import { simplify } from './simplify.ts'
import { gatheredSums, sumsChannels } from './statistics.ts'
import type { Target } from './target.ts'
import { Unfusable } from './value.ts'

export interface KernelOptions {
  /** Join pointwise ops and reductions into one kernel. Default true. */
  readonly fuse?: boolean
  /** Nodes that are computed a second time, and so stay apart from what reads the same. */
  readonly again?: ReadonlySet<Node>
}

/** What a program gives back, simplified, decomposed, and each in memory of its own. */
export function prepareResults(graph: ProgramGraph, target: Target): Node[] {
  const wanted = [...graph.outputs, ...graph.updates.map((update) => update.value)]
  const plain = simplify(decompose(wanted))
  const roots = copyMisfits(simplify(splitReductions(plain, gatheredSums(plain))), target)
  const images = new Set(topologicalOrder(roots).flatMap((node) => target.imageOperands(node).map(([x]) => x)))
  return roots.map((root) => ownMemory(root, images.has(root) || target.givesImage(root)))
}

/** From results to kernels: grouped, with a layout for everything in memory. */
export function planKernels(
  prepared: readonly Node[],
  graph: ProgramGraph,
  target: Target,
  { fuse = true, again = new Set() }: KernelOptions = {},
): KernelPlan & { readonly results: readonly Node[] } {
  let results = prepared
  let alone = again
  let required = new Set<Node>(again)
  if (!fuse) for (const node of topologicalOrder(results)) if (node.op.kind === 'pointwise') required.add(node)
  let rowMajorCopies = new Set<Node>()
  const change = (how: (node: Node, before: Node) => Node): void => {
    const changed = new Map<Node, Node>()
    results = rewrite(results, (node, before) => {
      const after = how(node, before)
      changed.set(before, after)
      return after
    })
    const follow = (nodes: ReadonlySet<Node>) => new Set([...nodes].map((node) => changed.get(node) ?? node))
    ;[alone, required, rowMajorCopies] = [alone, required, rowMajorCopies].map(follow)
  }
  for (;;) {
    const memory = chooseMaterialized(results, required, again.size > 0)
    const pinned = new Set([...results, ...rowMajorCopies])
    const layouts = assignLayouts(results, memory, pinned, target)
    const groups = groupNodes(results, memory, layouts, { fuse, alone })
    const aliases = findAliases(groups, memory, layouts)
    try {
      const context = { memory, layouts }
      const epilogues = joinEpilogues(fuse ? groups : [], new Set(results), context)
      const absorbed = new Set([...epilogues.values()].flatMap((joined) => [...joined.groups]))
      const remaining = groups.filter((group) => !absorbed.has(group))
      // Sums that were to be gathered by the kernel of a convolution, and after all are not.
      const left = new Set(
        remaining.flatMap(({ nodes }) => nodes.filter((n) => sumsChannels(n) && splitReduction(n) !== n)),
      )
      if (left.size > 0) {
        change((node, before) => (left.has(before) ? splitReduction(node) : node))
        continue
      }
      const kernels = remaining
        .filter((group) => !(group.nodes.length === 1 && aliases.has(group.nodes[0])))
        .map((group) => {
          const joined = epilogues.get(group)
          return joined ? contractionWithEpilogue(group, joined) : kernelOf(group, context)
        })
      const outputs = results.slice(0, graph.outputs.length)
      const updates = graph.updates.map(({ buffer }, i) => ({ buffer, value: results[graph.outputs.length + i] }))
      return { kernels, layouts, aliases, outputs, updates, again: alone, results }
    } catch (error) {
      if (!(error instanceof Unfusable)) throw error
      const { node } = error
      if (!memory.has(node)) required.add(node)
      else {
        // An image whose elements a reshape cannot find where they are: it gets a row-major copy.
        const copy = makeNode(ops.identity, [node], {})
        required.add(copy)
        rowMajorCopies.add(copy)
        change((n) => (n.op === ops.reshape && n.inputs[0] === node ? g.reshape(copy, n.shape) : n))
      }
    }
  }
}

/** A result must have memory of its own, in row-major order: what comes from outside is copied, and so are images. */
function ownMemory(root: Node, isImage: boolean): Node {
  return isGiven(root) || root.op.kind === 'view' || isImage ? makeNode(ops.identity, [root], {}) : root
}

function kernelOf(group: Group, context: NestContext): Kernel {
  const { nodes, reads } = group
  const [node] = nodes
  switch (group.kind) {
    case 'map':
      return { kind: 'nest', nodes, reads, nests: [buildMap(nodes, context)] }
    case 'reduce':
      return { kind: 'nest', nodes, reads, nests: [buildReduce(nodes, context)] }
    case 'sumPool':
      return { kind: 'nest', nodes, reads, nests: [buildSumPool(node, context)] }
    case 'concat':
      return { kind: 'nest', nodes, reads, nests: node.inputs.map((_, part) => buildConcatPart(node, part, context)) }
    case 'op':
      return { kind: 'op', nodes, reads, node, epilogue: null }
  }
}

function contractionWithEpilogue(group: Group, { epilogue, reads }: JoinedEpilogue): Kernel {
  const [node] = group.nodes
  const stored = epilogue.stores.map(({ target }) => target)
  const nodes = [...stored, ...epilogue.gathers.flatMap(({ targets }) => targets)]
  const own = new Set([node, ...nodes])
  const outside = [...group.reads, ...reads].filter((other) => !own.has(other))
  return { kind: 'op', nodes, reads: new Set(outside), node, epilogue }
}

/** Reshapes of row-major memory cost nothing: they are the same memory. */
function findAliases(
  groups: readonly Group[],
  memory: ReadonlySet<Node>,
  layouts: ReadonlyMap<Node, Layout>,
): Map<Node, Node> {
  const aliases = new Map<Node, Node>()
  for (const { nodes } of groups) {
    const [node] = nodes
    if (nodes.length !== 1 || node.op !== ops.reshape) continue
    let source = node.inputs[0]
    while (!memory.has(source) && source.op === ops.reshape) source = source.inputs[0]
    if (!memory.has(source) || !isRowMajor(layouts.get(source)!, source.shape)) continue
    const layout = layouts.get(node)!
    if (layout.border || !isRowMajor(layout, node.shape)) continue
    aliases.set(node, aliases.get(source) ?? source)
  }
  return aliases
}
