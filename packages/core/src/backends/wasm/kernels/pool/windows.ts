import { type Expr, type FunctionBuilder, i32, type Local, type ModuleBuilder } from '../../assembler/index.ts'
import { type ChannelBlock, forEachChannelBlock } from '../channels.ts'
import type { ImageLayout } from '../conv/spec.ts'
import { defineKernel, type Kernel, type Pointers, unravel } from '../kernel.ts'
import { type PoolSpec, windowsAreInside } from './spec.ts'

/** One window and eight channels: where its pixels are, and which lie in the image. */
export interface WindowSite {
  readonly block: ChannelBlock
  /** The window's first pixel in the image; it may lie outside. */
  readonly input: Local<'i32'>
  readonly values: Local<'i32'>
  readonly index: Local<'i32'>
  /** Row and column of the window's first pixel. */
  readonly y: Local<'i32'>
  readonly x: Local<'i32'>
  /**
   * Emits a body for each pixel of the window that lies in the image, in order of rows: its number in the window and its
   * distance in bytes from the first. A constant where all windows lie inside.
   */
  forEachTap(body: (tap: number, offset: number) => void): void
}

/** What a pooling kernel's pointers point to; those without a layout it does not have. */
export interface WindowLayouts {
  readonly input: ImageLayout
  readonly values?: ImageLayout
  readonly index?: ImageLayout
}

/** Emits a kernel that visits all windows. */
export function emitWindows(
  m: ModuleBuilder,
  spec: PoolSpec,
  layouts: WindowLayouts,
  kernel: { readonly name: string; readonly pointers: readonly (keyof WindowLayouts)[] },
  body: (f: FunctionBuilder, site: WindowSite) => void,
): Kernel {
  const { input, values = input, index = input } = layouts
  const { images, outHeight, outWidth, strideX, strideY, channels } = spec
  const inside = windowsAreInside(spec)
  const pooled = images * outHeight * outWidth * channels
  const shape = {
    ...kernel,
    units: images * outHeight,
    flops: pooled * spec.kernelHeight * spec.kernelWidth,
    bytes: 4 * (images * spec.inHeight * spec.inWidth * channels + (kernel.pointers.length - 1) * pooled),
  }
  return defineKernel(m, shape, (f, unit, named) => {
    const pointers = named as Partial<Pointers<['input', 'values', 'index']>>
    const [image, row] = unravel(f, unit, [images, outHeight]) as [Local<'i32'>, Local<'i32'>]
    const y = f.let(i32.sub(i32.mul(row, strideY), spec.padTop))
    const x = f.let(i32.const(-spec.padLeft))
    const place = (pointer: Local<'i32'> | undefined, layout: ImageLayout, at: Expr<'i32'>, column: number) =>
      f.let(
        pointer
          ? i32.add(
              i32.add(pointer, 4 * ((layout.offset ?? 0) + column * layout.pixel)),
              i32.add(i32.mul(image, 4 * layout.image), i32.mul(at, 4 * layout.row)),
            )
          : i32.const(0),
      )
    const site = {
      input: place(pointers.input, input, y, -spec.padLeft),
      values: place(pointers.values, values, row, 0),
      index: place(pointers.index, index, row, 0),
      y,
      x,
      forEachTap: (visit: (tap: number, offset: number) => void): void => {
        for (let ky = 0; ky < spec.kernelHeight; ky++) {
          const emitRow = (): void => {
            for (let kx = 0; kx < spec.kernelWidth; kx++) {
              const emit = (): void => visit(ky * spec.kernelWidth + kx, 4 * (ky * input.row + kx * input.pixel))
              f.if(inside ? 1 : i32.ltU(i32.add(x, kx), spec.inWidth), emit)
            }
          }
          f.if(inside ? 1 : i32.ltU(i32.add(y, ky), spec.inHeight), emitRow)
        }
      },
    }
    f.for(f.local('i32'), 0, outWidth, 1, () => {
      forEachChannelBlock(f, channels, (block) => body(f, { ...site, block }))
      if (pointers.input) f.increment(site.input, 4 * strideX * input.pixel)
      if (pointers.values) f.increment(site.values, 4 * values.pixel)
      if (pointers.index) f.increment(site.index, 4 * index.pixel)
      f.increment(x, strideX)
    })
  })
}
