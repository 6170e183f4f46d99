import { type Expr, type FunctionBuilder, i32, type Local, type V128, v128 } from '../../assembler/index.ts'
import type { ImageLayout } from '../conv/spec.ts'

/** A window that slides over images with channels last. */
export interface PoolSpec {
  readonly images: number
  readonly channels: number
  readonly inHeight: number
  readonly inWidth: number
  readonly outHeight: number
  readonly outWidth: number
  readonly kernelHeight: number
  readonly kernelWidth: number
  readonly strideY: number
  readonly strideX: number
  readonly padTop: number
  readonly padLeft: number
}

export function describePool(spec: PoolSpec): string {
  const { kernelHeight, kernelWidth, strideY, images, channels, outHeight, outWidth } = spec
  return `${kernelHeight}x${kernelWidth} stride ${strideY} ${channels} @${images}x${outHeight}x${outWidth}`
}

/** The address of a pixel's first channel. */
export function pixelAddress(
  { image, row, pixel, offset = 0 }: ImageLayout,
  pointer: Expr<'i32'>,
  [n, y, x]: readonly [Expr<'i32'>, Expr<'i32'>, Expr<'i32'>],
): Expr<'i32'> {
  const place = i32.add(i32.add(i32.mul(n, 4 * image), i32.mul(y, 4 * row)), i32.mul(x, 4 * pixel))
  return i32.add(i32.add(pointer, 4 * offset), place)
}

/** Whether some windows reach over the edge of the image. */
export function reachesOut(spec: PoolSpec): boolean {
  const below = (spec.outHeight - 1) * spec.strideY + spec.kernelHeight - spec.padTop > spec.inHeight
  const right = (spec.outWidth - 1) * spec.strideX + spec.kernelWidth - spec.padLeft > spec.inWidth
  return spec.padTop > 0 || spec.padLeft > 0 || below || right
}

/**
 * Runs `body` for the channels in vectors: pairs as long as there are eight left. It gets the byte offset of the first
 * channel, the number of vectors and how many lanes count.
 */
export function forEachChannels(
  f: FunctionBuilder,
  channels: number,
  body: (offset: Local<'i32'>, vectors: number, lanes: number) => void,
): void {
  const whole = channels - (channels % 8)
  const rest = channels - whole
  const offset = f.local('i32')
  if (whole > 0) f.for(offset, 0, 4 * whole, 32, () => body(offset, 2, 8))
  if (rest > 0) {
    f.set(offset, 4 * whole)
    body(offset, rest > 4 ? 2 : 1, rest)
  }
}

/** Loads `vectors` adjacent vectors. */
export function loadVectors(f: FunctionBuilder, address: Expr<'i32'>, vectors: number): Local<'v128'>[] {
  const at = f.let(address)
  return Array.from({ length: vectors }, (_, v) => f.let(v128.load(at, { offset: 16 * v, align: 4 })))
}

export function zeroVectors(f: FunctionBuilder, vectors: number): Local<'v128'>[] {
  return Array.from({ length: vectors }, () => f.let<'v128'>(v128.zero() as V128))
}
