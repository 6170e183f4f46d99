import {
  type Expr,
  type FunctionBuilder,
  f32x4,
  i32,
  i32x4,
  type Local,
  type ModuleBuilder,
  select,
  type V128,
  v128,
} from '../../assembler/index.ts'
import { type ChannelBlock, forEachChannelBlock } from '../channels.ts'
import type { ImageLayout } from '../conv/spec.ts'
import { defineKernel, type Kernel, lesserOf, type Pointers, unravel } from '../kernel.ts'
import { describePool, type PoolSpec, windowsAreApart } from './spec.ts'

export interface PoolGradientLayouts {
  /** The pooled image's gradient. */
  readonly output: ImageLayout
  /** Which pixel of its window each goes to, from `emitMaxPool2d`; without it, to all of them (sum pooling). */
  readonly index?: ImageLayout
  /** The image's gradient. */
  readonly input: ImageLayout
}

type GradientPointers = Pointers<['output', 'input']> & Partial<Pointers<['index']>>

/** A row of pixels: addresses of the image's row, and of the pooled image (its gradient and index). */
interface RowPosition {
  readonly y: Local<'i32'>
  readonly input: Local<'i32'>
  readonly output: Local<'i32'>
  readonly index: Local<'i32'> | undefined
}

/**
 * Emits the gradient of pooling: pointers `output`, `index` (where there is a layout for it), `input`. It gathers: every
 * pixel adds up the windows that it won, so that threads never write to the same place. Every pixel is written.
 */
export function emitPool2dGradient(m: ModuleBuilder, spec: PoolSpec, layouts: PoolGradientLayouts): Kernel {
  const { images, inHeight } = spec
  const { input, output, index } = layouts
  const pooled = images * spec.outHeight * spec.outWidth * spec.channels
  const shape = {
    name: `${index ? 'max' : 'sum'} pool gradient ${describePool(spec)}`,
    pointers: (index ? ['output', 'index', 'input'] : ['output', 'input']) as readonly string[],
    units: images * inHeight,
    flops: pooled * spec.kernelHeight * spec.kernelWidth,
    bytes: 4 * (images * inHeight * spec.inWidth * spec.channels + (index ? 2 : 1) * pooled),
  }
  const emitRow = windowsAreApart(spec) && spec.padLeft === 0 ? emitApartRow : emitOverlappingRow
  return defineKernel(m, shape, (f, unit, named) => {
    const pointers = named as unknown as GradientPointers
    const [image, y] = unravel(f, unit, [images, inHeight]) as [Local<'i32'>, Local<'i32'>]
    const imageOf = (pointer: Local<'i32'>, layout: ImageLayout): Expr<'i32'> =>
      i32.add(i32.add(pointer, 4 * (layout.offset ?? 0)), i32.mul(image, 4 * layout.image))
    emitRow(f, spec, layouts, {
      y,
      input: f.let(i32.add(imageOf(pointers.input, input), i32.mul(y, 4 * input.row))),
      output: f.let(imageOf(pointers.output, output)),
      index: pointers.index && index && f.let(imageOf(pointers.index, index)),
    })
  })
}

/** Windows that do not overlap: each gives its gradient, or 0, to every pixel of it in this row. */
function emitApartRow(f: FunctionBuilder, spec: PoolSpec, layouts: PoolGradientLayouts, at: RowPosition): void {
  const { strideX, strideY, kernelWidth, inWidth, outWidth, channels } = spec
  const { input, output, index = output } = layouts
  const row = f.let(i32.divU(i32.add(at.y, spec.padTop), strideY))
  const ky = f.let(i32.sub(i32.add(at.y, spec.padTop), i32.mul(row, strideY)))
  const isCovered = i32.and(i32.ltU(row, spec.outHeight), i32.ltU(ky, spec.kernelHeight))
  const zeros = (pixel: Local<'i32'>, first: number, last: number): void => {
    const zero = f.constant(v128.zero())
    for (let kx = first; kx < last; kx++)
      forEachChannelBlock(f, channels, (block) => {
        block.store(pixel, new Array<V128>(block.vectors).fill(zero), 4 * kx * input.pixel)
      })
  }
  /** The windows of which `width` columns lie in the image. */
  const emitWindow = (
    pixel: Local<'i32'>,
    gradient: Local<'i32'>,
    winners: Local<'i32'> | undefined,
    width: number,
  ): void => {
    forEachChannelBlock(f, channels, (block) => {
      const values = block.load(gradient)
      const winner = winners && block.load(winners)
      for (let kx = 0; kx < Math.min(kernelWidth, width); kx++) {
        const number = winner && f.let(i32x4.splat(i32.add(i32.mul(ky, kernelWidth), kx)))
        const given = values.map((value, v) =>
          winner && number ? v128.and(value, i32x4.eq(winner[v]!, number)) : value,
        )
        block.store(pixel, given, 4 * kx * input.pixel)
      }
    })
    zeros(pixel, kernelWidth, width)
  }
  const pixel = f.let(at.input)
  f.if(
    isCovered,
    () => {
      const gradient = f.let(i32.add(at.output, i32.mul(row, 4 * output.row)))
      const winners = at.index && f.let(i32.add(at.index, i32.mul(row, 4 * index.row)))
      const step = (): void => {
        f.increment(pixel, 4 * strideX * input.pixel)
        f.increment(gradient, 4 * output.pixel)
        if (winners) f.increment(winners, 4 * index.pixel)
      }
      const whole = Math.min(outWidth, Math.floor(inWidth / strideX))
      f.for(f.local('i32'), 0, whole, 1, () => {
        emitWindow(pixel, gradient, winners, strideX)
        step()
      })
      const rest = inWidth - whole * strideX
      if (whole < outWidth) emitWindow(pixel, gradient, winners, rest)
      else emitZeroPixels(f, pixel, rest, channels, input)
    },
    () => emitZeroPixels(f, pixel, inWidth, channels, input),
  )
}

function emitZeroPixels(
  f: FunctionBuilder,
  pixel: Local<'i32'>,
  count: number,
  channels: number,
  layout: ImageLayout,
): void {
  f.for(f.local('i32'), 0, count, 1, () => {
    f.fillMemory(pixel, 0, 4 * channels)
    f.increment(pixel, 4 * layout.pixel)
  })
}

/** The general case: each pixel looks at all windows that cover it. */
function emitOverlappingRow(f: FunctionBuilder, spec: PoolSpec, layouts: PoolGradientLayouts, at: RowPosition): void {
  const { strideX, strideY, kernelWidth, kernelHeight } = spec
  const { input, output, index = output } = layouts
  const rows = coveringWindows(f, i32.add(at.y, spec.padTop), kernelHeight, strideY, spec.outHeight)
  const pixel = f.let(at.input)
  const x = f.local('i32')
  f.for(x, 0, spec.inWidth, 1, () => {
    const columns = coveringWindows(f, i32.add(x, spec.padLeft), kernelWidth, strideX, spec.outWidth)
    forEachChannelBlock(f, spec.channels, (block) => {
      const sums = Array.from({ length: block.vectors }, () => f.let(f.constant(v128.zero())))
      const [row, column] = [f.local('i32'), f.local('i32')]
      f.for(row, rows.first, rows.end, 1, () => {
        const ky = i32.sub(i32.add(at.y, spec.padTop), i32.mul(row, strideY))
        const tapOfRow = f.let(i32.mul(ky, kernelWidth))
        f.for(column, columns.first, columns.end, 1, () => {
          const kx = i32.sub(i32.add(x, spec.padLeft), i32.mul(column, strideX))
          const place = (pointer: Local<'i32'>, layout: ImageLayout): Local<'i32'> =>
            f.let(i32.add(pointer, i32.add(i32.mul(row, 4 * layout.row), i32.mul(column, 4 * layout.pixel))))
          addWindow(f, block, sums, place(at.output, output), at.index && place(at.index, index), i32.add(tapOfRow, kx))
        })
      })
      block.store(pixel, sums)
    })
    f.increment(pixel, 4 * input.pixel)
  })
}

function addWindow(
  f: FunctionBuilder,
  block: ChannelBlock,
  sums: readonly Local<'v128'>[],
  gradient: Local<'i32'>,
  winners: Local<'i32'> | undefined,
  tap: Expr<'i32'>,
): void {
  const values = block.load(gradient)
  const winner = winners && block.load(winners)
  const number = winner && f.let(i32x4.splat(tap))
  values.forEach((value, v) => {
    const given = winner && number ? v128.and(value, i32x4.eq(winner[v]!, number)) : value
    f.set(sums[v]!, f32x4.add(sums[v]!, given))
  })
}

/** First and last + 1 of the windows that cover a position (counted from the padding's edge) along one axis. */
function coveringWindows(f: FunctionBuilder, position: Expr<'i32'>, window: number, stride: number, count: number) {
  const at = f.let(position)
  // ceil((at - window + 1) / stride), but not below 0.
  const above = f.let(i32.add(i32.sub(at, window), stride))
  const first = f.let(select(i32.ltS(above, 0), i32.const(0), i32.divU(above, stride)))
  return { first, end: f.let(lesserOf(f, i32.add(i32.divU(at, stride), 1), count)) }
}
