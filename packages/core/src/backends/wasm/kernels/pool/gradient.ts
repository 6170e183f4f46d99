import { type FunctionBuilder, f32x4, i32, i32x4, type Local, type ModuleBuilder, v128 } from '../../assembler/index.ts'
import type { ImageLayout } from '../conv/spec.ts'
import { storeColumns } from '../epilogue.ts'
import { defineKernel, type Kernel, unravel } from '../kernel.ts'
import { describePool, forEachChannels, loadVectors, type PoolSpec, pixelAddress, zeroVectors } from './spec.ts'

export interface PoolGradientLayouts {
  /** The windows' gradients. */
  readonly output: ImageLayout
  /** Which element of its window each goes to; without it, to all of them (sum pooling). */
  readonly index?: ImageLayout
  /** The images' gradient. */
  readonly input: ImageLayout
}

/**
 * Emits the gradient of pooling as a gather: each pixel adds, window by window in a fixed order, what the windows over it
 * send to it. Pointers `output`, `index` (with winners), `input`. Every pixel is written.
 */
export function emitPool2dGradient(m: ModuleBuilder, spec: PoolSpec, layouts: PoolGradientLayouts): Kernel {
  const { output, index, input } = layouts
  const { images, channels, inHeight, inWidth, outHeight, outWidth } = spec
  const pixels = images * inHeight * inWidth * channels
  const shape = {
    name: `${index ? 'max' : 'sum'} pool gradient ${describePool(spec)}`,
    pointers: ['output', ...(index ? ['index'] : []), 'input'] as readonly string[],
    units: images * inHeight,
    flops: pixels,
    bytes: 4 * (pixels + (index ? 2 : 1) * images * outHeight * outWidth * channels),
    leastPartFlops: 8192,
  }
  const windowsDown = Math.ceil(spec.kernelHeight / spec.strideY)
  const windowsAcross = Math.ceil(spec.kernelWidth / spec.strideX)
  return defineKernel(m, shape, (f, unit, at) => {
    const [n, y] = unravel(f, unit, [images, inHeight])
    const x = f.local('i32')
    f.for(x, 0, inWidth, 1, () => {
      forEachChannels(f, channels, (offset, vectors, lanes) => {
        const sum = zeroVectors(f, vectors)
        const addWindow = (row: Window, column: Window): void => {
          const tap = f.let(i32.add(i32.mul(row.inside, spec.kernelWidth), column.inside))
          const place = [n, row.window, column.window] as const
          const gradient = loadVectors(f, i32.add(pixelAddress(output, at.output, place), offset), vectors)
          const winner = index && loadVectors(f, i32.add(pixelAddress(index, at.index, place), offset), vectors)
          gradient.forEach((g, v) => {
            const mine = winner ? v128.and(g, i32x4.eq(winner[v], i32x4.splat(tap))) : g
            f.set(sum[v], f32x4.add(sum[v], mine))
          })
        }
        for (let a = windowsDown - 1; a >= 0; a--) {
          const row = windowOver(f, y, a, spec.strideY, spec.padTop)
          f.if(holds(row, outHeight, spec.kernelHeight), () => {
            for (let b = windowsAcross - 1; b >= 0; b--) {
              const column = windowOver(f, x, b, spec.strideX, spec.padLeft)
              f.if(holds(column, outWidth, spec.kernelWidth), () => addWindow(row, column))
            }
          })
        }
        storeColumns(f, f.let(i32.add(pixelAddress(input, at.input, [n, y, x]), offset)), sum, lanes)
      })
    })
  })
}

interface Window {
  readonly window: Local<'i32'>
  /** Where the pixel stands inside the window. */
  readonly inside: Local<'i32'>
}

/** The a-th window, counted backwards from the last that starts at or before a position. */
function windowOver(f: FunctionBuilder, position: Local<'i32'>, a: number, stride: number, pad: number): Window {
  const padded = i32.add(position, pad)
  const window = f.let(i32.sub(i32.divU(padded, stride), a))
  return { window, inside: f.let(i32.sub(padded, i32.mul(window, stride))) }
}

/** Whether there is such a window, and the pixel is in it. */
function holds({ window, inside }: Window, windows: number, kernel: number) {
  return i32.and(i32.ltU(window, windows), i32.ltU(inside, kernel))
}
