import {
  type Expr,
  type FunctionBuilder,
  f32x4,
  i32,
  i32x4,
  type Local,
  type ModuleBuilder,
  v128,
} from '../../assembler/index.ts'
import type { ImageLayout } from '../conv/spec.ts'
import { storeColumns } from '../epilogue.ts'
import { defineKernel, type Kernel, unravel } from '../kernel.ts'
import {
  describePool,
  forEachChannels,
  loadVectors,
  type PoolSpec,
  pixelAddress,
  reachesOut,
  zeroVectors,
} from './spec.ts'

export interface MaxPoolLayouts {
  readonly input: ImageLayout
  /** Absent where only the winners' places are wanted. */
  readonly values?: ImageLayout
  /** Absent where only the largest elements are wanted. */
  readonly index?: ImageLayout
}

/**
 * Emits max pooling: pointers `input`, then `values` and `index` as far as they are wanted. The first of equals wins, and
 * a NaN wins over everything, as in PyTorch.
 */
export function emitMaxPool2d(m: ModuleBuilder, spec: PoolSpec, layouts: MaxPoolLayouts): Kernel {
  const { input, values, index } = layouts
  const pointers = ['input', ...(values ? ['values'] : []), ...(index ? ['index'] : [])]
  return defineKernel(m, poolShape(`max pool ${describePool(spec)}`, spec, pointers), (f, unit, at) => {
    forEachWindow(f, spec, unit, (n, y, x) => {
      forEachChannels(f, spec.channels, (offset, vectors, lanes) => {
        const best = Array.from({ length: vectors }, () => f.let(f32x4.splat(Number.NEGATIVE_INFINITY)))
        const winner = Array.from({ length: vectors }, () => f.let(i32x4.splat(-1)))
        forEachTap(f, spec, y, x, (h, w, tap) => {
          const element = loadVectors(f, i32.add(pixelAddress(input, at.input, [n, h, w]), offset), vectors)
          element.forEach((e, v) => {
            if (!index) {
              f.set(best[v], f32x4.max(best[v], e))
              return
            }
            const first = i32x4.ltS(winner[v], v128.zero())
            const beats = v128.and(f32x4.eq(best[v], best[v]), v128.or(f32x4.gt(e, best[v]), f32x4.ne(e, e)))
            const wins = f.let(v128.or(first, beats))
            f.set(best[v], v128.bitselect(e, best[v], wins))
            f.set(winner[v], v128.bitselect(i32x4.splat(tap), winner[v], wins))
          })
        })
        const store = (layout: ImageLayout, pointer: Local<'i32'>, vector: Local<'v128'>[]): void =>
          storeColumns(f, f.let(i32.add(pixelAddress(layout, pointer, [n, y, x]), offset)), vector, lanes)
        if (values) store(values, at.values, best)
        if (index) store(index, at.index, winner)
      })
    })
  })
}

/** Emits the choice of one element a window by its place: pointers `input`, `index`, `values`. */
export function emitMaxPool2dSelect(
  m: ModuleBuilder,
  spec: PoolSpec,
  layouts: { readonly input: ImageLayout; readonly index: ImageLayout; readonly values: ImageLayout },
): Kernel {
  const shape = poolShape(`max pool select ${describePool(spec)}`, spec, ['input', 'index', 'values'])
  return defineKernel(m, shape, (f, unit, at) => {
    forEachWindow(f, spec, unit, (n, y, x) => {
      forEachChannels(f, spec.channels, (offset, vectors, lanes) => {
        const winner = loadVectors(f, i32.add(pixelAddress(layouts.index, at.index, [n, y, x]), offset), vectors)
        const chosen = zeroVectors(f, vectors)
        forEachTap(f, spec, y, x, (h, w, tap) => {
          const element = loadVectors(f, i32.add(pixelAddress(layouts.input, at.input, [n, h, w]), offset), vectors)
          element.forEach((e, v) => {
            f.set(chosen[v], v128.bitselect(e, chosen[v], i32x4.eq(winner[v], i32x4.splat(tap))))
          })
        })
        storeColumns(f, f.let(i32.add(pixelAddress(layouts.values, at.values, [n, y, x]), offset)), chosen, lanes)
      })
    })
  })
}

function poolShape(name: string, spec: PoolSpec, pointers: readonly string[]) {
  const { images, channels, inHeight, inWidth, outHeight, outWidth, kernelHeight, kernelWidth } = spec
  const outputs = images * outHeight * outWidth * channels
  return {
    name,
    pointers,
    units: images * outHeight,
    flops: outputs * kernelHeight * kernelWidth,
    bytes: 4 * (images * inHeight * inWidth * channels + outputs * (pointers.length - 1)),
    leastPartFlops: 30_000,
  }
}

/** Runs `body` for every window of one row of windows. */
function forEachWindow(
  f: FunctionBuilder,
  spec: PoolSpec,
  unit: Local<'i32'>,
  body: (n: Local<'i32'>, y: Local<'i32'>, x: Local<'i32'>) => void,
): void {
  const [n, y] = unravel(f, unit, [spec.images, spec.outHeight])
  const x = f.local('i32')
  f.for(x, 0, spec.outWidth, 1, () => body(n, y, x))
}

/** Runs `body` for every element of a window that is inside the image. */
function forEachTap(
  f: FunctionBuilder,
  spec: PoolSpec,
  y: Expr<'i32'>,
  x: Expr<'i32'>,
  body: (h: Local<'i32'>, w: Local<'i32'>, tap: number) => void,
): void {
  const guarded = reachesOut(spec)
  for (let i = 0; i < spec.kernelHeight; i++) {
    for (let j = 0; j < spec.kernelWidth; j++) {
      const h = f.let(i32.add(i32.mul(y, spec.strideY), i - spec.padTop))
      const w = f.let(i32.add(i32.mul(x, spec.strideX), j - spec.padLeft))
      const inside = i32.and(i32.ltU(h, spec.inHeight), i32.ltU(w, spec.inWidth))
      f.if(guarded ? inside : 1, () => body(h, w, i * spec.kernelWidth + j))
    }
  }
}
