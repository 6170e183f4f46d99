import { f32x4, i32, i32x4, type ModuleBuilder, v128 } from '../../assembler/index.ts'
import type { Kernel } from '../kernel.ts'
import { describePool, type PoolSpec, windowsAreInside } from './spec.ts'
import { emitWindows, type WindowLayouts } from './windows.ts'

/**
 * Emits max pooling: pointers `input`, then `values` (the largest element of each window) and `index` (int32: which one
 * it was, row · width + column in the window; the first of equals), as far as they have a layout. The first NaN
 * wins over everything.
 */
export function emitMaxPool2d(m: ModuleBuilder, spec: PoolSpec, layouts: WindowLayouts): Kernel {
  const pointers = (['input', 'values', 'index'] as const).filter((name) => layouts[name])
  const wanted = { values: layouts.values !== undefined, index: layouts.index !== undefined }
  const inside = windowsAreInside(spec)
  return emitWindows(m, spec, layouts, { name: `max pool ${describePool(spec)}`, pointers }, (f, site) => {
    const { block } = site
    const start = f.constant(f32x4.splat(inside ? 0 : Number.NEGATIVE_INFINITY))
    const best = Array.from({ length: block.vectors }, () => f.let(start))
    const winner = best.map(() => f.let(f.constant(v128.zero())))
    if (!inside && wanted.index) {
      // Where nothing is larger than -∞, the first pixel inside the image wins.
      const above = f.let(i32.sub(0, site.y))
      const left = f.let(i32.sub(0, site.x))
      const rows = i32.mul(i32.and(above, i32.shrS(i32.sub(0, above), 31)), spec.kernelWidth)
      const first = f.let(i32x4.splat(i32.add(rows, i32.and(left, i32.shrS(i32.sub(0, left), 31)))))
      for (const local of winner) f.set(local, first)
    }
    site.forEachTap((tap, offset) => {
      const values = block.load(site.input, offset)
      if (inside && tap === 0) {
        values.forEach((value, v) => {
          f.set(best[v]!, value)
        })
        return
      }
      const number = f.constant(i32x4.splat(tap))
      values.forEach((value, v) => {
        // Larger, or a NaN, unless a NaN has won already.
        const wins = f.let(v128.andnot(f32x4.eq(best[v]!, best[v]!), f32x4.le(value, best[v]!)))
        f.set(best[v]!, v128.bitselect(value, best[v]!, wins))
        if (wanted.index) f.set(winner[v]!, v128.bitselect(number, winner[v]!, wins))
      })
    })
    if (wanted.values) block.store(site.values, best)
    if (wanted.index) block.store(site.index, winner)
  })
}

/**
 * Emits the choice of one element of each window by its number: pointers `input`, `index`, `values`. The gradient of the
 * gradient of max pooling.
 */
export function emitMaxPool2dSelect(m: ModuleBuilder, spec: PoolSpec, layouts: Required<WindowLayouts>): Kernel {
  const pointers = ['input', 'index', 'values'] as const
  return emitWindows(m, spec, layouts, { name: `max pool select ${describePool(spec)}`, pointers }, (f, site) => {
    const { block } = site
    const chosen = Array.from({ length: block.vectors }, () => f.let(f.constant(v128.zero())))
    const winner = block.load(site.index)
    site.forEachTap((tap, offset) => {
      const number = f.constant(i32x4.splat(tap))
      block.load(site.input, offset).forEach((value, v) => {
        f.set(chosen[v]!, v128.bitselect(value, chosen[v]!, i32x4.eq(winner[v]!, number)))
      })
    })
    block.store(site.values, chosen)
  })
}

/** Emits the sum of each window: pointers `input`, `values`. Average pooling but for a factor. */
export function emitSumPool2d(
  m: ModuleBuilder,
  spec: PoolSpec,
  layouts: Required<Omit<WindowLayouts, 'index'>>,
): Kernel {
  const pointers = ['input', 'values'] as const
  return emitWindows(m, spec, layouts, { name: `sum pool ${describePool(spec)}`, pointers }, (f, site) => {
    const sums = Array.from({ length: site.block.vectors }, () => f.let(f.constant(v128.zero())))
    site.forEachTap((_, offset) => {
      site.block.load(site.input, offset).forEach((value, v) => {
        f.set(sums[v]!, f32x4.add(sums[v]!, value))
      })
    })
    site.block.store(site.values, sums)
  })
}
