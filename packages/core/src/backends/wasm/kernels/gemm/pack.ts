import {
  type FunctionBuilder,
  i32,
  type Local,
  type ModuleBuilder,
  shuffle32,
  type V128,
  v128,
} from '../../assembler/index.ts'
import type { TileShape } from '../../features/tileShape.ts'
import { defineKernel, type Kernel, lesserOf, unravel } from '../kernel.ts'
import { cutPanels } from '../partition.ts'
import { storeColumns } from '../storeColumns.ts'
import type { MatrixLayout } from './spec.ts'

/** A B matrix [k, n] to pack, `batch` times. */
export interface PackSpec {
  readonly k: number
  readonly n: number
  readonly batch?: number
  readonly layout?: MatrixLayout
}

/** Floats of one packed matrix: panels of 16 (8 in narrow tiles) columns, the last rounded up to a multiple of 4. */
export function packedFloats(k: number, n: number): number {
  return k * Math.ceil(n / 4) * 4
}

/** Rows of k that one unit packs. */
const rowsPerUnit = 64

/**
 * Emits the packing of B into panels [panel][k][column], which the register tile reads from end to end. Lanes behind the
 * last column hold zeros. Pointers: `matrix`, `packed`.
 */
export function emitPackMatrix(m: ModuleBuilder, spec: PackSpec, options: { readonly tile: TileShape }): Kernel {
  const { k, n, batch = 1, layout = {} } = spec
  const { transposed = false } = layout
  const leading = layout.leading ?? (transposed ? k : n)
  const batchStride = layout.batchStride ?? leading * (transposed ? n : k)
  const panels = cutPanels(n, options.tile.vectors)
  const panelCount = panels.reduce((sum, panel) => sum + panel.count, 0)
  const fullWidth = 4 * options.tile.vectors
  const blocks = Math.ceil(k / rowsPerUnit)
  const name = `pack ${batch > 1 ? `${batch}x` : ''}${k}x${n}${transposed ? ' transposed' : ''}`
  const shape = {
    name,
    pointers: ['matrix', 'packed'] as const,
    units: batch * panelCount * blocks,
    flops: 0,
    bytes: batch * 4 * (k * n + packedFloats(k, n)),
  }
  return defineKernel(m, shape, (f, unit, { matrix, packed }) => {
    const [item, panel, block] = unravel(f, unit, [batch, panelCount, blocks]) as [
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
    ]
    const firstRow = f.let(i32.mul(block, rowsPerUnit))
    const firstColumn = f.let(i32.mul(panel, fullWidth))
    const base = i32.add(i32.add(matrix, 4 * (layout.offset ?? 0)), i32.mul(item, batchStride * 4))
    const from = transposed
      ? f.let(i32.add(base, i32.mul(i32.add(i32.mul(firstColumn, leading), firstRow), 4)))
      : f.let(i32.add(base, i32.mul(i32.add(i32.mul(firstRow, leading), firstColumn), 4)))
    const item4 = i32.mul(item, packedFloats(k, n))
    for (const { vectors, columns, count } of panels) {
      const ragged = count === 1 && columns < fullWidth
      const isThis = ragged ? i32.eq(panel, panelCount - 1) : i32.ne(panel, panels.length > 1 ? panelCount - 1 : -1)
      f.if(isThis, () => {
        const start = i32.add(i32.add(item4, i32.mul(firstColumn, k)), i32.mul(firstRow, 4 * vectors))
        const to = f.let(i32.add(packed, i32.mul(start, 4)))
        const rows = f.let(lesserOf(f, i32.sub(k, firstRow), rowsPerUnit))
        if (transposed) packTransposed(f, from, to, rows, { leading, vectors, columns })
        else packPlain(f, from, to, rows, { leading, vectors, columns })
      })
    }
  })
}

interface PanelShape {
  readonly leading: number
  readonly vectors: number
  readonly columns: number
}

/** Keeps the first lanes, zeroes the others. */
function keepLanes(value: V128, lanes: number): V128 {
  if (lanes >= 4) return value
  const zero = v128.zero()
  return shuffle32(value, zero, [0, lanes > 1 ? 1 : 4, lanes > 2 ? 2 : 4, 4])
}

function packPlain(
  f: FunctionBuilder,
  from: Local<'i32'>,
  to: Local<'i32'>,
  rows: Local<'i32'>,
  shape: PanelShape,
): void {
  const row = f.local('i32')
  f.for(row, 0, rows, 1, () => {
    for (let v = 0; v < shape.vectors; v++)
      f.store(to, keepLanes(v128.load(from, { offset: 16 * v, align: 4 }), shape.columns - 4 * v), { offset: 16 * v })
    f.increment(from, shape.leading * 4)
    f.increment(to, shape.vectors * 16)
  })
}

/** Four rows of the panel at a time: 4 × 4 blocks are transposed in registers; rows left over go one by one. */
function packTransposed(
  f: FunctionBuilder,
  from: Local<'i32'>,
  to: Local<'i32'>,
  rows: Local<'i32'>,
  shape: PanelShape,
): void {
  const { leading, vectors, columns } = shape
  const row = f.local('i32')
  const four = f.let(i32.and(rows, -4))
  f.for(row, 0, four, 4, () => {
    for (let v = 0; v < vectors; v++) {
      const source = [0, 1, 2, 3].map((i) => {
        const column = 4 * v + i
        return column < columns ? f.let(v128.load(from, { offset: column * leading * 4, align: 4 })) : v128.zero()
      }) as [V128, V128, V128, V128]
      transpose4(f, source).forEach((vector, i) => {
        f.store(to, vector, { offset: 16 * (i * vectors + v) })
      })
    }
    f.increment(from, 16)
    f.increment(to, vectors * 64)
  })
  f.for(row, four, rows, 1, () => {
    for (let v = 0; v < vectors; v++) {
      let vector: V128 = v128.zero()
      for (let i = 0; i < Math.min(4, columns - 4 * v); i++)
        vector = v128.load32Lane(from, vector, i, { offset: (4 * v + i) * leading * 4 })
      storeColumns(f, to, [vector], 4, 16 * v)
    }
    f.increment(from, 4)
    f.increment(to, vectors * 16)
  })
}

/** Transposes a 4 × 4 block held in four vectors. */
export function transpose4(f: FunctionBuilder, [a, b, c, d]: [V128, V128, V128, V128]): V128[] {
  const ab = f.let(shuffle32(a, b, [0, 4, 1, 5]))
  const cd = f.let(shuffle32(c, d, [0, 4, 1, 5]))
  const abHigh = f.let(shuffle32(a, b, [2, 6, 3, 7]))
  const cdHigh = f.let(shuffle32(c, d, [2, 6, 3, 7]))
  return [
    shuffle32(ab, cd, [0, 1, 4, 5]),
    shuffle32(ab, cd, [2, 3, 6, 7]),
    shuffle32(abHigh, cdHigh, [0, 1, 4, 5]),
    shuffle32(abHigh, cdHigh, [2, 3, 6, 7]),
  ]
}
