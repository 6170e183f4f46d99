import { DTypeError, ShapeError } from '../errors.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'
import type { OpSpec, Sample } from './spec.ts'

/** Whether the last two axes of an operand are swapped before multiplying. */
export interface MatmulAttrs {
  readonly transposeA: boolean
  readonly transposeB: boolean
}

/** Matrix product over the last two axes, for each index of the (equal) axes before: [.., M, K] · [.., K, N] → [.., M, N]. */
export const matmul: OpSpec<MatmulAttrs> = {
  name: 'matmul',
  kind: 'contraction',
  infer([a, b], { transposeA, transposeB }) {
    if (a.dtype !== 'float32' || b.dtype !== 'float32') {
      throw new DTypeError(`matmul: is defined for float32, got ${a.dtype} and ${b.dtype}; convert with cast()`)
    }
    const batch = a.shape.slice(0, -2)
    const [m, k] = matrixOf(a.shape, transposeA)
    const [kb, n] = matrixOf(b.shape, transposeB)
    const formatted = `${formatShape([...batch, m, k])} @ ${formatShape([...b.shape.slice(0, -2), kb, n])}`
    if (k !== kb) throw new ShapeError(`matmul: ${formatted}: inner sizes ${k} and ${kb} differ`)
    if (!sameShape(batch, b.shape.slice(0, -2))) throw new ShapeError(`matmul: ${formatted}: leading sizes differ`)
    return { shape: [...batch, m, n], dtype: 'float32' }
  },
  gradient({ g, inputs: [a, b], grad, attrs: { transposeA, transposeB } }) {
    return [
      transposeA ? g.matmul(b, grad, transposeB, true) : g.matmul(grad, b, false, !transposeB),
      transposeB ? g.matmul(grad, a, true, transposeA) : g.matmul(a, grad, !transposeA, false),
    ]
  },
  samples: () => {
    const samples: Sample<MatmulAttrs>[] = []
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const swap = (shape: number[], t: boolean) =>
          t ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape
        for (const [batch, m, k, n] of [
          [[], 4, 3, 5],
          [[], 13, 17, 19],
          [[2, 3], 5, 4, 3],
          [[], 1, 8, 1],
          // Long enough for products with a vector to become sums.
          [[], 1, 70, 5],
          [[2], 3, 70, 1],
        ] as const) {
          samples.push({
            inputs: [{ shape: swap([...batch, m, k], transposeA) }, { shape: swap([...batch, k, n], transposeB) }],
            attrs: { transposeA, transposeB },
          })
        }
      }
    }
    return samples
  },
}

/** The sizes of the matrix that is multiplied. */
export function matrixOf(shape: readonly number[], transpose: boolean): [rows: number, columns: number] {
  const [rows, columns] = shape.slice(-2)
  return transpose ? [columns, rows] : [rows, columns]
}
