import { type FunctionBuilder, f32x4, type Local, type V128 } from '../../assembler/index.ts'

/**
 * Winograd's minimal filtering F(4 × 4, 3 × 3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
 * CVPR 2016): 4 × 4 results from 6 × 6 inputs by 36 multiplications instead of 144. The six points of the Toom-Cook
 * interpolation are 0, ±1/√2, ±√2 and ∞ rather than the usual 0, ±1, ±2 and ∞: the reciprocal symmetric points of Alam
 * et al., "Winograd Convolution for Deep Neural Networks: Efficient Point Selection" (2022), with which float32 errors
 * are a quarter, about twice those of the plain sum.
 */
const near = Math.SQRT1_2
const far = Math.SQRT2

/** Size of a tile's results, and of its inputs and products, along one axis. */
export const tileOutputs = 4
export const tilePoints = 6

type Six<T> = readonly [T, T, T, T, T, T]

/** Bᵀd: six inputs to six points. */
export function transformInput(f: FunctionBuilder, d: readonly V128[]): Six<Local<'v128'>> {
  const c = (value: number): V128 => f.constant(f32x4.splat(value))
  const [d0, d1, d2, d3, d4, d5] = d as Six<V128>
  const nearEven = f.let(f.nmadd(c(2), d2, d4))
  const nearOdd = f.let(f.nmadd(c(2), d1, d3))
  const farEven = f.let(f.nmadd(c(0.5), d2, d4))
  const farOdd = f.let(f.nmadd(c(0.5), d1, d3))
  return [
    f.let(f.nmadd(c(2.5), d2, f32x4.add(d0, d4))),
    f.let(f.madd(c(near), nearOdd, nearEven)),
    f.let(f.nmadd(c(near), nearOdd, nearEven)),
    f.let(f.madd(c(far), farOdd, farEven)),
    f.let(f.nmadd(c(far), farOdd, farEven)),
    f.let(f.nmadd(c(2.5), d3, f32x4.add(d1, d5))),
  ]
}

/** Aᵀm: six products to four results. */
export function transformOutput(f: FunctionBuilder, m: readonly V128[]): readonly Local<'v128'>[] {
  const c = (value: number): V128 => f.constant(f32x4.splat(value))
  const [m0, m1, m2, m3, m4, m5] = m as Six<V128>
  const nearSum = f.let(f32x4.add(m1, m2))
  const nearDifference = f.let(f32x4.sub(m1, m2))
  const farSum = f.let(f32x4.add(m3, m4))
  const farDifference = f.let(f32x4.sub(m3, m4))
  return [
    f.let(f32x4.add(f32x4.add(m0, nearSum), farSum)),
    f.let(f.madd(c(near), nearDifference, f32x4.mul(c(far), farDifference))),
    f.let(f.madd(c(2), farSum, f32x4.mul(c(0.5), nearSum))),
    f.let(f.madd(c(near / 2), nearDifference, f.madd(c(2 * far), farDifference, m5))),
  ]
}

/** Gw: three weights to six points. */
export function transformWeights(f: FunctionBuilder, w: readonly V128[]): Six<Local<'v128'>> {
  const c = (value: number): V128 => f.constant(f32x4.splat(value))
  const [w0, w1, w2] = w as [V128, V128, V128]
  const nearEven = f.let(f32x4.mul(c(-2 / 3), f.madd(c(0.5), w2, w0)))
  const nearOdd = f.let(f32x4.mul(c((-2 / 3) * near), w1))
  const farEven = f.let(f32x4.mul(c(1 / 6), f.madd(c(2), w2, w0)))
  const farOdd = f.let(f32x4.mul(c(far / 6), w1))
  return [
    f.let(w0),
    f.let(f32x4.add(nearEven, nearOdd)),
    f.let(f32x4.sub(nearEven, nearOdd)),
    f.let(f32x4.add(farEven, farOdd)),
    f.let(f32x4.sub(farEven, farOdd)),
    f.let(w2),
  ]
}

/** G'g: four output gradients to six points, for the weight gradient. */
export function transformGradient(f: FunctionBuilder, g: readonly V128[]): Six<Local<'v128'>> {
  const c = (value: number): V128 => f.constant(f32x4.splat(value))
  const [g0, g1, g2, g3] = g as [V128, V128, V128, V128]
  const nearEven = f.let(f32x4.mul(c(-2 / 3), f.madd(c(0.5), g2, g0)))
  const nearOdd = f.let(f32x4.mul(c((-2 / 3) * near), f.madd(c(0.5), g3, g1)))
  const farEven = f.let(f32x4.mul(c(1 / 6), f.madd(c(2), g2, g0)))
  const farOdd = f.let(f32x4.mul(c(far / 6), f.madd(c(2), g3, g1)))
  return [
    f.let(g0),
    f.let(f32x4.add(nearEven, nearOdd)),
    f.let(f32x4.sub(nearEven, nearOdd)),
    f.let(f32x4.add(farEven, farOdd)),
    f.let(f32x4.sub(farEven, farOdd)),
    f.let(g3),
  ]
}

/** A'ᵀm: six sums of products to three weight gradients. */
export function transformWeightGradient(f: FunctionBuilder, m: readonly V128[]): readonly Local<'v128'>[] {
  const c = (value: number): V128 => f.constant(f32x4.splat(value))
  const [m0, m1, m2, m3, m4, m5] = m as Six<V128>
  const nearSum = f.let(f32x4.add(m1, m2))
  const farSum = f.let(f32x4.add(m3, m4))
  return [
    f.let(f32x4.add(f32x4.add(m0, nearSum), farSum)),
    f.let(f.madd(c(near), f32x4.sub(m1, m2), f32x4.mul(c(far), f32x4.sub(m3, m4)))),
    f.let(f.madd(c(0.5), nearSum, f.madd(c(2), farSum, m5))),
  ]
}

export type Transform = (f: FunctionBuilder, values: readonly V128[]) => readonly Local<'v128'>[]

/** Applies a transform to the columns, then to the rows of a square of values, given and returned row by row. */
export function transformSquare(f: FunctionBuilder, transform: Transform, values: readonly V128[]): Local<'v128'>[] {
  const size = Math.sqrt(values.length)
  const results: Local<'v128'>[] = []
  transformSquares(
    f,
    transform,
    { size, vectors: 1 },
    {
      load: (y, x) => values[y * size + x]!,
      store: (_, [row]) => results.push(...row!),
    },
  )
  return results
}

/**
 * Transforms squares of as many adjacent vectors, a column at a time and then a row at a time: a square has more values
 * than there are registers, so each is loaded when it is wanted and stored as soon as it is there. All loads come before
 * the first store, or V8 would not join the vectors.
 */
export function transformSquares(
  f: FunctionBuilder,
  transform: Transform,
  { size, vectors }: { readonly size: number; readonly vectors: number },
  {
    load,
    store,
  }: {
    readonly load: (y: number, x: number, vector: number) => V128
    /** Takes a row of results of every vector. */
    readonly store: (y: number, rows: readonly (readonly Local<'v128'>[])[]) => void
  },
): void {
  const each = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i))
  const columns = each(size, (x) =>
    each(vectors, (v) =>
      transform(
        f,
        each(size, (y) => load(y, x, v)),
      ),
    ),
  )
  columns[0]![0]!.forEach((_, y) => {
    const rows = each(vectors, (v) =>
      transform(
        f,
        columns.map((column) => column[v]![y]!),
      ),
    )
    store(y, rows)
  })
}
