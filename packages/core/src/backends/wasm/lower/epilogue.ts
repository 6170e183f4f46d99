import { factorOf, rangeOf } from '../../../compiler/affine.ts'
import type { Epilogue, Gather } from '../../../compiler/epilogue.ts'
import { forEachValue, type Value } from '../../../compiler/value.ts'
import type { Node } from '../../../graph/node.ts'
import { type Expr, type FunctionBuilder, i32 } from '../assembler/index.ts'
import { Evaluator } from '../codegen/evaluate.ts'
import { storeLanes } from '../codegen/store.ts'
import type { ImageOperand, ImageStoreSite, Epilogue as KernelEpilogue, StoreSite } from '../kernels/index.ts'
import type { LoweringContext, Operand } from './step.ts'

/** Where the axes of a result are in a kernel's store site. */
export interface SiteAxes<Site> {
  /** The axis that lanes run along: the kernel's columns. */
  readonly columnAxis: number
  /** The indices along the axes; the column's is that of the first lane. */
  indices(site: Site): readonly Expr<'i32'>[]
}

export const matrixSite: SiteAxes<StoreSite> = { columnAxis: 1, indices: ({ row, column }) => [row, column] }
/** A kernel that computes the transpose of the result. */
export const transposedSite: SiteAxes<StoreSite> = { columnAxis: 0, indices: ({ row, column }) => [column, row] }
export const imageSite: SiteAxes<ImageStoreSite> = {
  columnAxis: 1,
  indices: ({ image, y, x, column }) => [image, column, y, x],
}

/** A contraction's epilogue as its kernel wants it, and what its pointers point to. */
export interface LoweredEpilogue<Site extends StoreSite> {
  /** Empty without an epilogue, to be spread into the kernel's options. */
  readonly epilogue: { readonly epilogue?: KernelEpilogue<Site> }
  /** The node that the kernel stores. */
  readonly target: Node
  readonly operands: readonly Operand[]
  /** What the kernel gathers. */
  readonly gathers: readonly Gather[]
}

/** Generates the code of an epilogue: the same evaluator as for loops, with the contraction's results as one value. */
export function lowerEpilogue<Site extends StoreSite>(
  { epilogue, layoutOf }: LoweringContext,
  node: Node,
  { columnAxis, indices }: SiteAxes<Site>,
): LoweredEpilogue<Site> {
  if (!epilogue) return { epilogue: {}, target: node, operands: [], gathers: [] }
  const { stores, gathers, loops, result } = epilogue
  const columnLoop = loops[columnAxis]
  const others = new Set<Node>(stores.slice(1).map(({ target }) => target))
  for (const part of [...stores, ...gathers]) {
    forEachValue(part.value, (value) => {
      if ((value.kind === 'load' && value !== result) || value.kind === 'gather') others.add(value.source)
      if (value.kind === 'random') others.add(value.words)
    })
  }
  others.delete(node)
  const nodes = [...others]
  const emit = (f: FunctionBuilder, values: readonly Parameters<typeof f.let>[0][], site: Site) => {
    const pointers = new Map(nodes.map((n, i) => [n, site.pointers[i]]))
    const evaluator = new Evaluator(f, pointers, columnLoop, site.columns)
    indices(site).forEach((index, axis) => {
      const loop = loops[axis]
      // The counter of the loop along the lanes counts bytes.
      if (loop) evaluator.open(loop, f.let(axis === columnAxis ? i32.mul(index, 4) : index))
    })
    evaluator.define(result, values.map((value) => f.let(value)) as never)
    const vectors = ({ value }: { readonly value: Value }) => {
      const lanes = evaluator.lanes(value, values.length)
      return values.map((_, v) => lanes[v] ?? lanes[0])
    }
    const stored = stores.map(vectors)
    const gathered = gathers.map(vectors)
    stores.slice(1).forEach((store, i) => {
      storeLanes(evaluator, store, stored[i + 1], site.columns)
    })
    return { stored: stored[0], gathered }
  }
  return {
    epilogue: {
      epilogue: {
        pointers: nodes.map((n, i) => `${n.op.name} ${i}`),
        images: imagesOf(epilogue, nodes, layoutOf),
        statistics: gathers.map(({ statistic }) => statistic),
        emit: emit as never,
      },
    },
    target: stores[0].target,
    operands: nodes.map((n) => ({ node: n })),
    gathers,
  }
}

/**
 * The images that an epilogue reads in place, channel by channel: not what is the same for all pixels, nor what is read only
 * where a condition holds, since elsewhere there may be no memory.
 */
function imagesOf(
  { stores, gathers, loops, result }: Epilogue,
  nodes: readonly Node[],
  layoutOf: LoweringContext['layoutOf'],
): ImageOperand[] {
  if (loops.length !== 4) return []
  const found = new Map<string, ImageOperand>()
  for (const { value } of [...stores, ...gathers])
    forEachValue(value, (part) => {
      if (part.kind !== 'load' || part === result) return
      const { address, source } = part
      const [image, channel, y, x] = loops.map((loop) => (loop ? factorOf(address, loop) : 0))
      if (channel !== 1 || address.terms.some(({ loop }) => !loops.includes(loop))) return
      const [low, high] = rangeOf(address)
      if (y === 0 || x === 0 || low < 0 || high >= layoutOf(source).size) return
      const operand = { pointer: nodes.indexOf(source), offset: address.offset, image, y, x }
      if (operand.pointer >= 0) found.set(JSON.stringify(operand), operand)
    })
  return [...found.values()]
}
