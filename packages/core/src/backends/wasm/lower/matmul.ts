import { isRowMajor } from '../../../compiler/layout.ts'
import type { Node } from '../../../graph/node.ts'
import { type MatmulAttrs, matrixOf } from '../../../ops/matmul.ts'
import { sizeOf } from '../../../tensor/shape.ts'
import { emitGemm, emitPackMatrix, packedFloats } from '../kernels/index.ts'
import { lowerEpilogue, matrixSite, transposedSite } from './epilogue.ts'
import { type LoweringContext, packingStep, type Step, sharedScratch } from './step.ts'

/** From this many rows on it pays to pack B once: each row tile then reads it from end to end. */
const ROWS_WORTH_PACKING = 24

/**
 * A product as GEMM calls. Matrices may lie by rows or by columns: one by columns is the transpose of one by rows, and a
 * result by columns is computed as Cᵀ = Bᵀ · Aᵀ.
 */
export function lowerMatmul(node: Node, context: LoweringContext): Step[] {
  const { module, tile, scratch, layoutOf } = context
  const { transposeA, transposeB } = node.attrs as MatmulAttrs
  const byColumns = (matrix: Node): boolean => !isRowMajor(layoutOf(matrix), matrix.shape)
  // The transpose of a single row or column is the same memory.
  const isLine = ({ shape }: Node): boolean => Math.min(...shape.slice(-2)) === 1
  const batch = sizeOf(node.shape.slice(0, -2))
  const [rows, columns] = node.shape.slice(-2)
  const [first, second] = node.inputs
  const k = matrixOf(first.shape, transposeA)[1]
  const swaps = byColumns(node)
  const a = { node: first, transposed: transposeA !== byColumns(first), line: isLine(first) }
  const b = { node: second, transposed: transposeB !== byColumns(second), line: isLine(second) }
  const oriented = ({ node: matrix, transposed, line }: typeof a) => ({
    node: matrix,
    transposed: !line && transposed !== swaps,
  })
  const [left, right] = swaps ? [oriented(b), oriented(a)] : [oriented(a), oriented(b)]
  const [m, n] = swaps ? [columns, rows] : [rows, columns]
  const spec = { m, n, k, batch, a: { transposed: left.transposed } }
  const packs = right.transposed || (m >= ROWS_WORTH_PACKING && n > 4 * tile.vectors)
  const { epilogue, target, operands } = lowerEpilogue(context, node, swaps ? transposedSite : matrixSite)
  if (!packs) {
    const kernel = emitGemm(module, spec, { tile, ...epilogue })
    const own = sharedScratch([kernel], scratch)
    return [{ kernel, operands: [{ node: left.node }, { node: right.node }, { node: target }, ...own, ...operands] }]
  }
  const kernel = emitGemm(module, { ...spec, b: 'packed' }, { tile, ...epilogue })
  const packed = context.packed(right.node, 4 * batch * packedFloats(k, n))
  const pack = emitPackMatrix(module, { k, n, batch, layout: { transposed: right.transposed } }, { tile })
  return [
    packingStep(pack, right.node, packed),
    {
      kernel,
      operands: [{ node: left.node }, packed, { node: target }, ...sharedScratch([kernel], scratch), ...operands],
    },
  ]
}
