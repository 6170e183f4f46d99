import {
  type Expr,
  type FunctionBuilder,
  i32,
  type Local,
  type ModuleBuilder,
  type V128,
  v128,
} from '../assembler/index.ts'
import type { ImageLayout } from './conv/spec.ts'
import { transpose4 } from './gemm/pack.ts'
import { defineKernel, type Kernel, lesserOf, unravel } from './kernel.ts'
import { storeColumns } from './storeColumns.ts'

/** Matrices to transpose: `to` [column · toLeading + row] becomes `from` [row · fromLeading + column]. */
export interface TransposeSpec {
  readonly rows: number
  readonly columns: number
  readonly fromLeading: number
  readonly toLeading: number
  /** Repeats the whole, the last one fastest; distances count floats. */
  readonly batches?: readonly { readonly count: number; readonly from: number; readonly to: number }[]
  /** Floats from the pointers to the first matrix. */
  readonly fromOffset?: number
  readonly toOffset?: number
}

/** Columns that one unit takes. */
const columnsPerUnit = 32

/** Emits transpositions, by blocks of 4 × 4 in registers. Pointers `from`, `to`. */
export function emitTranspose(m: ModuleBuilder, spec: TransposeSpec, name?: string): Kernel {
  const { rows, columns, fromLeading, toLeading, batches = [] } = spec
  const blocks = Math.ceil(columns / columnsPerUnit)
  const count = batches.reduce((product, batch) => product * batch.count, 1)
  const shape = {
    name: name ?? `transpose ${count > 1 ? `${count}x` : ''}${rows}x${columns}`,
    pointers: ['from', 'to'] as const,
    units: count * blocks,
    flops: 0,
    bytes: 8 * count * rows * columns,
  }
  return defineKernel(m, shape, (f, unit, pointers) => {
    const indices = unravel(f, unit, [...batches.map((batch) => batch.count), blocks])
    const first = f.let(i32.mul(indices.at(-1)!, columnsPerUnit))
    const end = f.let(lesserOf(f, i32.add(first, columnsPerUnit), columns))
    const place = (pointer: Local<'i32'>, side: 'from' | 'to', offset: number, perColumn: number): Local<'i32'> => {
      let address: Expr<'i32'> = i32.add(i32.add(pointer, 4 * offset), i32.mul(first, 4 * perColumn))
      batches.forEach((batch, i) => {
        address = i32.add(address, i32.mul(indices[i]!, 4 * batch[side]))
      })
      return f.let(address)
    }
    const from = place(pointers.from, 'from', spec.fromOffset ?? 0, 1)
    const to = place(pointers.to, 'to', spec.toOffset ?? 0, toLeading)
    const column = f.local('i32')
    f.for(column, first, i32.sub(end, 3), 4, () => {
      emitColumns(f, spec, from, to, 4)
      f.increment(from, 16)
      f.increment(to, 16 * toLeading)
    })
    const rest = columns % 4
    if (rest) f.if(i32.ltS(column, end), () => emitColumns(f, { rows, fromLeading, toLeading }, from, to, rest))
  })
}

/** All rows of up to four columns. */
function emitColumns(
  f: FunctionBuilder,
  { rows, fromLeading, toLeading }: Pick<TransposeSpec, 'rows' | 'fromLeading' | 'toLeading'>,
  from: Local<'i32'>,
  to: Local<'i32'>,
  columns: number,
): void {
  const [source, target] = [f.let(from), f.let(to)]
  const emitBlock = (height: number): void => {
    const block = [0, 1, 2, 3].map((row) =>
      row < height ? f.let(v128.load(source, { offset: 4 * row * fromLeading, align: 4 })) : v128.zero(),
    ) as [V128, V128, V128, V128]
    const turned = transpose4(f, block).map((vector) => f.let(vector))
    for (let column = 0; column < columns; column++)
      storeColumns(f, target, [turned[column]!], height, 4 * column * toLeading)
  }
  f.for(f.local('i32'), 0, Math.floor(rows / 4), 1, () => {
    emitBlock(4)
    f.increment(source, 16 * fromLeading)
    f.increment(target, 16)
  })
  if (rows % 4) emitBlock(rows % 4)
}

/** Sizes of images whose channels change places with their pixels. */
export interface ImageShape {
  readonly images: number
  readonly channels: number
  readonly height: number
  readonly width: number
}

/** Emits dense images [N, C, H, W] to images with channels last in a layout, borders untouched. Pointers `from`, `to`. */
export function emitToChannelsLast(m: ModuleBuilder, shape: ImageShape, to: ImageLayout): Kernel {
  const { images, channels, height, width } = shape
  const plane = height * width
  return emitTranspose(
    m,
    {
      rows: channels,
      columns: width,
      fromLeading: plane,
      toLeading: to.pixel,
      toOffset: to.offset ?? 0,
      batches: [
        { count: images, from: channels * plane, to: to.image },
        { count: height, from: width, to: to.row },
      ],
    },
    `to channels last ${images}x${channels}x${height}x${width}`,
  )
}

/** Emits images with channels last in a layout to dense images [N, C, H, W]. Pointers `from`, `to`. */
export function emitToChannelsFirst(m: ModuleBuilder, shape: ImageShape, from: ImageLayout): Kernel {
  const { images, channels, height, width } = shape
  const plane = height * width
  return emitTranspose(
    m,
    {
      rows: width,
      columns: channels,
      fromLeading: from.pixel,
      toLeading: plane,
      fromOffset: from.offset ?? 0,
      batches: [
        { count: images, from: from.image, to: channels * plane },
        { count: height, from: from.row, to: width },
      ],
    },
    `to channels first ${images}x${channels}x${height}x${width}`,
  )
}
