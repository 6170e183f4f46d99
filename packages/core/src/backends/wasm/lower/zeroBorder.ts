import type { Layout } from '../../../compiler/layout.ts'
import type { Node } from '../../../graph/node.ts'
import { i32 } from '../assembler/index.ts'
import { defineKernel } from '../kernels/kernel.ts'
import type { LoweringContext, Step } from './step.ts'

/** Fills the border of every image with zeros; the arena may have held something else there before. */
export function zeroBorder(node: Node, layout: Layout, { module }: LoweringContext): Step {
  const [images, channels, height, width] = node.shape
  const [top, bottom, left, right] = layout.border!
  const [image, , row] = layout.strides
  const above = top * row + left * channels
  const between = (right + left) * channels
  const below = right * channels + bottom * row
  const kernel = defineKernel(
    module,
    {
      name: `zero border ${images}x${height}x${width}x${channels}`,
      pointers: ['image'] as const,
      units: images,
      flops: 0,
      bytes: 4 * images * (above + between * (height - 1) + below),
    },
    (f, unit, pointers) => {
      const at = f.let(i32.add(pointers.image, i32.mul(unit, 4 * image)))
      if (above > 0) f.fillMemory(at, 0, 4 * above)
      f.increment(at, 4 * (above + width * channels))
      if (between > 0 && height > 1) {
        const index = f.local('i32')
        f.for(index, 1, height, 1, () => {
          f.fillMemory(at, 0, 4 * between)
          f.increment(at, 4 * row)
        })
      } else if (height > 1) f.increment(at, 4 * row * (height - 1))
      if (below > 0) f.fillMemory(at, 0, 4 * below)
    },
  )
  return { kernel, operands: [{ node }] }
}
