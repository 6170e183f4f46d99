import { makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { registry as ops } from '../ops/registry.ts'
import { type Border, channelsLast, columnMajor, joinBorders, type Layout, rowMajor } from './layout.ts'
import { isGiven, readsOf } from './materialize.ts'
import { type Roots, rewrite } from './rewrite.ts'
import type { Target } from './target.ts'

/**
 * Puts a copy between a kernel and an operand that cannot have the layout it wants: what comes from outside, or from a
 * kernel that writes nothing else, is row-major and without a border, and a row-major operand may be an image elsewhere.
 */
export function copyMisfits(roots: Roots, target: Target): Node[] {
  const copies = new Map<Node, Node>()
  const copy = (operand: Node): Node => {
    let made = copies.get(operand)
    if (!made) copies.set(operand, (made = makeNode(ops.identity, [operand], {})))
    return made
  }
  return rewrite(roots, (node) => {
    const misfits = new Set<Node>()
    for (const [operand, border] of target.imageOperands(node)) {
      const isRows = isGiven(operand) || target.givesRowMajor(operand)
      if (isRows && (border?.some((width) => width > 0) || !isEitherLayout(operand))) misfits.add(operand)
    }
    const images = new Set(target.imageOperands(node).map(([operand]) => operand))
    const rows = new Set(
      target.rowMajorOperands(node).filter((operand) => operand.shape.length === 4 && !isGiven(operand)),
    )
    if (misfits.size === 0 && rows.size === 0) return node
    // An operand that is both image and matrix of one kernel is told apart by its place: images come first.
    const inputs = node.inputs.map((input) => {
      if (misfits.has(input) && images.has(input)) return copy(input)
      return rows.has(input) && !images.has(input) ? makeNode(ops.identity, [input], {}) : input
    })
    return makeNode(node.op, inputs, node.attrs)
  })
}

/** Whether row-major and channels-last are the same for the shape: one channel, or one pixel. */
function isEitherLayout({ shape }: Node): boolean {
  return shape[1] === 1 || shape[2] * shape[3] === 1
}

/**
 * Gives every node in memory its layout. Images that kernels read and write have their channels last, with the border of
 * zeros that convolutions want; whatever is computed from them pointwise follows. Tall matrices of a few columns are kept
 * by columns. Everything else is row-major, and so is what comes from outside.
 *
 * @param pinned Nodes that must be row-major.
 */
export function assignLayouts(
  roots: Roots,
  memory: ReadonlySet<Node>,
  pinned: ReadonlySet<Node>,
  target: Target,
): Map<Node, Layout> {
  const order = topologicalOrder(roots)
  const wanted = new Map<Node, Border | null>()
  const rows = new Set(pinned)
  for (const node of order) {
    if (target.givesRowMajor(node)) rows.add(node)
    for (const [operand, border] of target.imageOperands(node)) {
      wanted.set(operand, wanted.has(operand) ? joinBorders(wanted.get(operand)!, border) : border)
    }
    for (const operand of target.rowMajorOperands(node)) rows.add(operand)
  }
  const layouts = new Map<Node, Layout>()
  const images = new Set<Node>()
  for (const node of order) {
    if (!memory.has(node)) continue
    const may = node.shape.length === 4 && !isGiven(node) && !rows.has(node)
    const follows = () => node.op.kind !== 'contraction' && [...readsOf(node, memory)].some((read) => images.has(read))
    if (may && (wanted.has(node) || target.givesImage(node) || follows())) {
      images.add(node)
      layouts.set(node, channelsLast(node.shape, wanted.get(node) ?? null))
    } else if (isNarrow(node) && !isGiven(node) && !rows.has(node)) layouts.set(node, columnMajor(node.shape))
    else layouts.set(node, rowMajor(node.shape))
  }
  return layouts
}

/**
 * Tall matrices of a few columns: a batch of two or three features. Row by row, most lanes of a vector would stay empty;
 * column by column, lanes run along the batch.
 */
function isNarrow({ shape }: Node): boolean {
  return shape.length === 2 && shape[1] > 1 && shape[1] < 8 && shape[0] >= 32
}
