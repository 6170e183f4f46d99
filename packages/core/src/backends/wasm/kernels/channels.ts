import { type Expr, type FunctionBuilder, type I32, i32, type Local, type V128, v128 } from '../assembler/index.ts'
import { storeColumns } from './storeColumns.ts'

/** Up to eight adjacent channels of a pixel, as one or two vectors: two are what V8 joins. */
export interface ChannelBlock {
  /** Valid channels. */
  readonly columns: number
  readonly vectors: number
  load(pixel: Local<'i32'>, offset?: number): readonly V128[]
  store(pixel: Local<'i32'>, values: readonly V128[], offset?: number): void
}

/** Up to this many channels, every block has code of its own. */
const mostUnrolled = 32

/**
 * Emits a body for all channels of a pixel, eight at a time. Pixels are addresses of their first channel, and a load may
 * read (not use) a few channels behind the last.
 */
export function forEachChannelBlock(f: FunctionBuilder, channels: number, body: (block: ChannelBlock) => void): void {
  const blockAt = (first: I32 | null, start: number, columns: number): ChannelBlock => {
    const vectors = Math.ceil(columns / 4)
    const address = (pixel: Local<'i32'>): Expr<'i32'> => (first === null ? pixel : i32.add(pixel, first))
    return {
      columns,
      vectors,
      load: (pixel, offset = 0) =>
        Array.from({ length: vectors }, (_, v) =>
          f.let(v128.load(address(pixel), { offset: offset + 4 * start + 16 * v, align: 4 })),
        ),
      store: (pixel, values, offset = 0) => storeColumns(f, address(pixel), values, columns, offset + 4 * start),
    }
  }
  const full = channels - (channels % 8)
  if (channels <= mostUnrolled) {
    for (let start = 0; start < full; start += 8) body(blockAt(null, start, 8))
  } else {
    const bytes = f.local('i32')
    f.for(bytes, 0, 4 * full, 32, () => body(blockAt(bytes, 0, 8)))
  }
  if (full < channels) body(blockAt(null, full, channels - full))
}
