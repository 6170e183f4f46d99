import type { Node } from '../../../graph/node.ts'
import { type MatmulAttrs, matrixOf } from '../../../ops/matmul.ts'
import { sizeOf } from '../../../tensor/shape.ts'
import { emitGemm, emitPackMatrix, packedFloats } from '../kernels/index.ts'
import { lowerEpilogue, matrixSite } from './epilogue.ts'
import type { LoweringContext, Operand, Step } from './step.ts'

/** From this many rows on it pays to pack B once: each row tile then reads it from end to end. */
const ROWS_WORTH_PACKING = 24

export function lowerMatmul(node: Node, context: LoweringContext): Step[] {
  const { module, tile, scratch } = context
  const [a, b] = node.inputs
  const { transposeA, transposeB } = node.attrs as MatmulAttrs
  const [m, k] = matrixOf(a.shape, transposeA)
  const [, n] = matrixOf(b.shape, transposeB)
  const batch = sizeOf(node.shape.slice(0, -2))
  const spec = { m, n, k, batch, a: { transposed: transposeA } }
  const packs = transposeB || (m >= ROWS_WORTH_PACKING && n > 4 * tile.vectors)
  const { epilogue, target, operands } = lowerEpilogue(context, node, matrixSite)
  if (!packs) {
    const kernel = emitGemm(module, spec, { tile, ...epilogue })
    return [{ kernel, operands: [{ node: a }, { node: b }, { node: target }, ...operands] }]
  }
  const packed: Operand = scratch(4 * batch * packedFloats(k, n))
  return [
    {
      kernel: emitPackMatrix(module, { k, n, batch, layout: { transposed: transposeB } }, { tile }),
      operands: [{ node: b }, packed],
    },
    {
      kernel: emitGemm(module, { ...spec, b: 'packed' }, { tile, ...epilogue }),
      operands: [{ node: a }, packed, { node: target }, ...operands],
    },
  ]
}
